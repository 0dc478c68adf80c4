import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Replay } from "../../src/simulator/replay.ts";
import { parseReplay, readReplayFile } from "../../src/simulator/replay-file.ts";
import { ask, present, statusOf, telemetryOf } from "./simulated.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/replay");
const replayOf = async (name: string, options = {}) => new Replay(await readReplayFile(join(FOLDER, name)), name, options);
const repliesIn = async (name: string) =>
	(await readReplayFile(join(FOLDER, name))).map(({ reply }) => new TextDecoder().decode(reply).replace(/\r$/, ""));

describe("one pack (Jakiper 48V100, P16S100A-1812-1.00)", () => {
	it("is answered byte for byte, whatever address is asked", async () => {
		const replay = await replayOf("one-pack-p16s100a-1812.json");
		const analog =
			"~25014600F07A0001100CC70CC80CC70CC70CC70CC50CC60CC70CC70CC60CC70CC60CC60CC70CC60CC7060B9B0B990B990B990BB30BBCFF1FCCCD12D303286A008C2710E1E4";
		expect(ask(replay, "~25014642E00201FD30")).toBe(analog);
		expect(ask(replay, "~25004642E00201FD31")).toBe(analog);
		expect(ask(replay, "~25014644E00201FD2E")).toBe(
			"~25014600004C000110000000000000000000000000000000000600000000000000000000000E000000000000EF3A",
		);
		expect(ask(replay, "~250146900000FDA5")).toBe("~25004600E00201FD37");
		expect(ask(replay, "~250146C10000FD9A")).toBe("~25014600602850313653313030412D313831322D312E30302000F58E");
		expect(ask(replay, "~250146A60000FD97")).toBe("~25004600400C183C286A2710FB0E");
		expect(ask(replay, "~250146B10000FD9B")).toBe("~25004600400C180815051D1FFB10");
	});

	it("is alone by its count, so that all packs and pack 1 are one question; pack 2 is not answered", async () => {
		const replay = await replayOf("one-pack-p16s100a-1812.json");
		expect(ask(replay, "~25014642E002FFFD05")).toBe(ask(replay, "~25014642E00201FD30"));
		expect(present(telemetryOf(replay, "all")[0]).current).toBe(-2.25);
		expect(ask(replay, "~25014642E00202FD2F")).toBeNull();
	});
});

describe("seven packs (Revov R100, bmspace #48), captured all at once only", () => {
	it("plays several captures of one question in turn, and begins again", async () => {
		const replay = await replayOf("seven-packs-revov-r100.json");
		const [first, second] = await repliesIn("seven-packs-revov-r100.json");
		const asked = [1, 2, 3].map(() => ask(replay, "~25014642E002FFFD05"));
		expect(asked).toEqual([first, second, first]);
		expect(first).not.toBe(second);
	});

	it("answers one pack with its block of the captured answer, byte for byte, in a frame of its own", async () => {
		const replay = await replayOf("seven-packs-revov-r100.json");
		const [capture = ""] = await repliesIn("seven-packs-revov-r100.json");
		// 61 + 14 bytes a block, after 13 header characters and two bytes.
		const block = (index: number) => capture.slice(17 + index * 146, 17 + (index + 1) * 146);
		const asked = ask(replay, "~25014642E00203FD2E") ?? "";
		expect(asked.slice(13, 17)).toBe("0003");
		expect(asked.slice(17, -4)).toBe(block(2));
		expect(present(telemetryOf(replay, 7)[0]).cycleCount).toBe(0x01f9);
		expect(statusOf(replay, 4)).toHaveLength(1);
		expect(ask(replay, "~25014642E00208FD29")).toBeNull();
	});

	it("or not, when told so", async () => {
		const replay = await replayOf("seven-packs-revov-r100.json", { splitBlocks: false });
		expect(ask(replay, "~25014642E00203FD2E")).toBeNull();
		expect(ask(replay, "~25014642E002FFFD05")).not.toBeNull();
	});

	it("does not answer what was not captured", async () => {
		const replay = await replayOf("seven-packs-revov-r100.json");
		for (const request of ["~250146900000FDA5", "~250146C10000FD9A", "~250046D10000FD9A"]) expect(ask(replay, request)).toBeNull();
	});
});

describe("five packs (Jakiper), captured one by one", () => {
	it("answers those that were captured, and no others", async () => {
		const replay = await replayOf("five-packs-jakiper.json");
		const answered = [1, 2, 3, 4, 5].map((pack) => {
			try {
				return present(telemetryOf(replay, pack)[0]).cellVoltages.length;
			} catch {
				return null;
			}
		});
		expect(answered).toEqual([16, 16, null, 16, 16]);
		expect(ask(replay, "~25014642E002FFFD05")).toBeNull();
		expect(ask(replay, "~25014644E002FFFD03")).toBeNull();
		expect(ask(replay, "~250146900000FDA5")).toBe("~25014600E00205FD32");
	});
});

describe("the alarm set of two full packs (nkinnan/esphome-pace-bms #30)", () => {
	it("shows the alarms of each pack, and Fully on the second", async () => {
		const replay = await replayOf("alarm-set-two-full-packs.txt");
		const alarms = ["alarm.cell_overvoltage", "alarm.pack_overvoltage"];
		expect(statusOf(replay, "all").map((block) => [...present(block).conditions].sort())).toEqual([
			alarms,
			[...alarms, "protection.fully"],
		]);
		expect(present(statusOf(replay, 2)[0]).conditions).toContain("protection.fully");
		expect(present(statusOf(replay, 1)[0]).conditions).not.toContain("protection.fully");
		expect(present(telemetryOf(replay, 2)[0]).voltage).toBe(57.796);
	});
});

describe("files", () => {
	const captured = "~25014600E00202FD35";
	it("matches a reply without a request by its shape, and leaves out what shows nothing", () => {
		const analog =
			"~25014600F07A0001100CC70CC80CC70CC70CC70CC50CC60CC70CC70CC60CC70CC60CC60CC70CC60CC7060B9B0B990B990B990BB30BBCFF1FCCCD12D303286A008C2710E1E4";
		const replay = new Replay(parseReplay(`# log\n\n< ${analog}\\r\n<${captured}\n`, "x.txt"), "x.txt");
		expect(ask(replay, "~25014642E00201FD30")).toBe(analog);
		expect(replay.unused).toEqual(["line 4"]);
		expect(replay.questions).toEqual(["measurements of pack 1"]);
	});

	it("plays damaged replies as they were captured", () => {
		const replay = new Replay(parseReplay("> ~250146900000FDA5\n< ~25014600E00202FD36\n", "x.txt"), "x.txt");
		expect(ask(replay, "~250146900000FDA5")).toBe("~25014600E00202FD36");
	});

	it("answers commands that are no readings by their exact request", () => {
		const replay = new Replay(parseReplay("> ~250046D10000FD9A\n< ~25004600F010010E100E740D340AFA35\n", "x.txt"), "x.txt");
		expect(ask(replay, "~250046D10000FD9A")).toBe("~25004600F010010E100E740D340AFA35");
		expect(ask(replay, "~250046D30000FD98")).toBeNull();
	});

	it("takes a JSON array, and passes over other protocols and records without a reply", () => {
		const records = [
			{ protocol: "ascii-0x20", request: "~20…", reply: "~20…" },
			{ request: "~250146900000FDA5\r" },
			{ id: "a", request: "~250146900000FDA5\r", reply: `${captured}\r` },
		];
		expect(parseReplay(JSON.stringify(records), "x.json").map(({ place }) => place)).toEqual(["record 3 (a)"]);
	});

	it.each([
		["an empty file", "", "has no reply in it"],
		["only requests", "> ~250146900000FDA5\n", "has no reply in it"],
		["broken JSON", '[{"reply": ', "no sound JSON"],
		["JSON without records", '{"a": 1}', "list of records"],
		["records that are none", "[1]", "record 1: must be an object"],
		["a line without a mark", `\n${captured}\n`, "line 2: A line begins with >"],
		["a damaged request", `> ~250146900000FDA6\n< ${captured}`, "line 1: The request is damaged"],
		["a reply that is none", "> ~250146900000FDA5\n< hello", "line 2: A reply begins with ~"],
	])("refuses %s in words", (_name, content, words) => {
		expect(() => parseReplay(content, "x")).toThrow(words);
		try {
			parseReplay(content, "x");
		} catch (error) {
			expect(error).toMatchObject({ kind: "config" });
		}
	});

	it("refuses a file in which no request is known", () => {
		expect(() => new Replay(parseReplay(`< ${captured}\n`, "x.txt"), "x.txt")).toThrow("line 1: Nothing shows what was asked");
	});

	it("refuses a file that is not there", async () => {
		await expect(readReplayFile(join(FOLDER, "nowhere.json"))).rejects.toMatchObject({ kind: "config", code: "unreadable" });
	});
});
