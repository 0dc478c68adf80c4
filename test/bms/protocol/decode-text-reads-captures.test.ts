import { describe, expect, it } from "vitest";
import { createCaptureDecoder, type DecodedFrame, decodeText } from "../../../src/bms/protocol/decode-text.ts";
import { block42, block44, cells, reply } from "./build-replies.ts";
import { CAPTURES } from "./captures.ts";

/** Captured: measurements of pack 1, 15 cells, no tail, and the request. */
const ASK = "~25014642E00201FD30";
const ANSWER =
	"~25014600F07A0001100CC70CC80CC70CC70CC70CC50CC60CC70CC70CC60CC70CC60CC60CC70CC60CC7060B9B0B990B990B990BB30BBCFF1FCCCD12D303286A008C2710E1E4";
const COUNT = "~25014600E00202FD35";

const one = (text: string): DecodedFrame => {
	const frames = decodeText(text);
	expect(frames).toHaveLength(1);
	return frames[0] ?? { protocol: null };
};
const last = (text: string) => decodeText(text).at(-1);
const hexDump = (text: string, between = " ") =>
	Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join(between);

describe("where frames are in a line", () => {
	it.each([
		["as it is", ANSWER],
		["end mark written out", `${ANSWER}\\r`],
		["real end mark", `${ANSWER}\r`],
		["both line ends written out", `${ANSWER}\\r\\n`],
		["marked", `< ${ANSWER}`],
		["marked without blank", `<${ANSWER}`],
		["blanks around", `   ${ANSWER}   `],
		["blanks inside", `${ANSWER.slice(0, 40)} ${ANSWER.slice(40, 80)}  ${ANSWER.slice(80)}`],
		["blanks between pairs", ANSWER.replace(/(?<=^~(?:..)*)../g, "$& ")],
		["log prefix", `[12:00:01.123][D][uart:42] RX: ${ANSWER}`],
		["log suffix", `${ANSWER} (139 bytes)`],
		["quoted", `"reply": "${ANSWER}\\r",`],
		["end mark printed as a dot", `${ANSWER}.`],
		["lower case", ANSWER.toLowerCase()],
		["hexadecimal bytes", hexDump(`${ANSWER}\r`)],
		["hexadecimal bytes without blanks", hexDump(`${ANSWER}\r`, "")],
		["hexadecimal bytes, upper case", hexDump(ANSWER).toUpperCase()],
		["hexadecimal bytes with 0x and commas", `0x${hexDump(ANSWER, ", 0x")}`],
		["hexadecimal bytes with colons", hexDump(ANSWER, ":")],
		["hexadecimal bytes after a log prefix", `2024-08-21 05:29:31 RX < ${hexDump(ANSWER)}`],
		["as a Windows file", `\u00ff\u00fe${[...ANSWER].join("\0")}\0\r\0`],
	])("%s", (_, line) => {
		expect(one(line)).toMatchObject({ kind: "reply", command: "42", address: 1, rtn: "00", checksum: "ok", inferred: true });
		expect(one(line).packs).toHaveLength(1);
	});

	it("several in one line", () => {
		for (const line of [
			`${ASK}\r${ANSWER}\r`,
			`${ASK}${ANSWER}`,
			`${ASK} -> ${ANSWER}`,
			hexDump(`${ASK}\r${ANSWER}\r`),
			`{"request":"${ASK}\\r","reply":"${ANSWER}\\r"}`,
		]) {
			const frames = decodeText(line);
			expect(frames.map(({ kind, command }) => [kind, command])).toEqual([
				["request", "42"],
				["reply", "42"],
			]);
			expect(frames[1]?.inferred).toBeUndefined();
		}
	});

	it("blank lines and comments are passed over", () => {
		expect(decodeText(`\n  \t\r\n# a note\n// another\n${COUNT}\n`)).toHaveLength(1);
	});
});

describe("what a reply belongs to", () => {
	it("the request before it, marked or not", () => {
		for (const ask of ["~250146900000FDA5", "> ~250146900000FDA5"]) {
			const decoded = last(`${ask}\n< ${COUNT}`);
			expect(decoded).toMatchObject({ command: "90", packCount: 2 });
			expect(decoded?.inferred).toBeUndefined();
		}
	});

	it("the same request for the replies that follow", () => {
		expect(decodeText(`~250146900000FDA5\n${COUNT}\n${COUNT}`).map(({ command }) => command)).toEqual(["90", "90", "90"]);
	});

	it("nobody, when one byte could answer many", () => {
		expect(one(COUNT)).toEqual({ protocol: "ascii-0x25", kind: "reply", command: null, address: 1, rtn: "00", checksum: "ok", info: "02" });
	});

	it("its own shape, when it is clearly no answer to the request", () => {
		const late = `~250146900000FDA5\n${ANSWER}`;
		expect(last(late)).toMatchObject({ command: "42", inferred: true });
	});

	it("nobody, after a damaged request", () => {
		expect(last(`~250146900000FDA5\n> ~25014642E00201FD31\n${COUNT}`)).toMatchObject({ command: null });
	});

	it("a request with another version byte, when the battery answered it (captured)", () => {
		const { request = "", reply: answer = "" } = CAPTURES.find(({ id }) => id === "v25-d1-001") ?? {};
		const [asked, answered] = decodeText(`${request}\n${answer}`);
		expect(asked).toMatchObject({ kind: "request", command: "D1", version: "00", error: { code: "version" } });
		expect(answered).toMatchObject({ kind: "reply", command: "D1", rtn: "00", info: "010E100E740D5C0A" });
	});

	it("an echo is a request", () => {
		expect(decodeText(`> ${ASK}\n< ${ASK}`).map(({ kind }) => kind)).toEqual(["request", "request"]);
	});

	it("a return code keeps its INFO and says what it means", () => {
		expect(last("> ~2500469BE00201FD1C\n< ~25004609E00204FD2B")).toEqual({
			protocol: "ascii-0x25",
			kind: "reply",
			command: "9B",
			address: 0,
			rtn: "09",
			checksum: "ok",
			meaning: "switching off: Discharge MOSFET",
			info: "04",
			rejection: { code: "refused", message: "The battery refused." },
		});
	});
});

describe("the packs of a reply", () => {
	const packsAfter = (request: string, answer: string) => (last(`${request}\n${answer}`)?.packs ?? []) as Record<string, unknown>[];
	const addresses = (request: string, answer: string) => packsAfter(request, answer).map(({ address }) => address);
	const pack = block42({ cells: cells(16) });

	it("have the keys of the measurements, and no others", () => {
		expect(packsAfter(ASK, ANSWER)).toEqual([
			{
				address: 1,
				absent: false,
				cellVoltages: [3.271, 3.272, 3.271, 3.271, 3.271, 3.269, 3.27, 3.271, 3.271, 3.27, 3.271, 3.27, 3.27, 3.271, 3.27, 3.271],
				temperatures: [24.1, 23.9, 23.9, 23.9, 26.5, 27.4],
				current: -2.25,
				voltage: 52.429,
				remainingCapacity: 48.19,
				fullCapacity: 103.46,
				designCapacity: 100,
				cycleCount: 140,
				stateOfCharge: 46.6,
				stateOfHealth: null,
			},
		]);
	});

	it("have the keys of the alarms", () => {
		const [first] = packsAfter("~25014644E00201FD2E", reply(`0001${block44()}`));
		expect(Object.keys(first ?? {})).toEqual(
			expect.arrayContaining([
				"address",
				"absent",
				"alarms",
				"protections",
				"faults",
				"states",
				"cellCodes",
				"probeCodes",
				"balancingCells",
				"unknownBits",
			]),
		);
		expect(first).toMatchObject({
			alarms: [],
			protections: [],
			faults: [],
			states: { chargeMosfet: true, dischargeMosfet: true, heater: false },
		});
		expect(first?.cellVoltages).toBeUndefined();
	});

	it("list conditions with the manual's abbreviation, slug and label", () => {
		// fault-map §8: protections TUVP and UVP.
		const decoded = one("~25014600004C00011000000000000001010000000000000000060000000000000001000A0002010000000A80EF1F");
		expect((decoded.packs as Record<string, unknown>[])[0]?.protections).toEqual([
			{ code: "TUVP", slug: "pack_undervoltage", label: "Pack under-voltage" },
			{ code: "UVP", slug: "cell_undervoltage", label: "Cell under-voltage" },
		]);
	});

	it("have an address only when the reply names them", () => {
		expect(addresses(ASK, reply(`0001${pack}`))).toEqual([1]);
		expect(addresses("~25014642E00202FD2F", reply(`0002${pack}`))).toEqual([2]);
		expect(addresses("~25014642E002FFFD05", reply(`0002${pack}${pack}`))).toEqual([null, null]);
		expect(addresses("~25014642E002FFFD05", reply(`0001${pack}`))).toEqual([null]);
		// Any pack but the main pack speaks of itself.
		expect(addresses(ASK, reply(`0001${pack}`, 2))).toEqual([2]);
		// Without a request: as many blocks as it counts carry no number, one block names its pack.
		expect(addresses("", reply(`0003${pack}${pack}${pack}`))).toEqual([null, null, null]);
		expect(addresses("", reply(`0003${pack}`))).toEqual([3]);
	});

	it("say when they are absent", () => {
		expect(packsAfter(ASK, reply(`0001${"00".repeat(59)}`))).toEqual([{ address: 1, absent: true }]);
	});

	it("say when they cannot be true, and why", () => {
		const doubtful = reply(`0001${block42({ cells: cells(16), voltage: 20000 })}`);
		expect(packsAfter(ASK, doubtful)).toMatchObject([
			{ voltage: 20, plausible: false, reason: expect.stringContaining("52.8 V") as string },
		]);
		expect(packsAfter("", doubtful)).toMatchObject([{ voltage: 20, plausible: false }]);
		expect(packsAfter(ASK, reply(`0001${block42({ cells: cells(16), tail: "65" })}`))).toMatchObject([
			{ stateOfCharge: 101, plausible: false },
		]);
		expect(packsAfter(ASK, ANSWER)[0]).not.toHaveProperty("plausible");
	});
});

describe("what cannot be decoded", () => {
	it.each([
		["no start", COUNT.slice(1), "no-start"],
		["prose", "the battery did not answer", "no-start"],
		["another protocol in hexadecimal", "9A00000001000012345678", "no-start"],
		["a Modbus message that is damaged", "01030000007705ED", "checksum"],
		["cut off", COUNT.slice(0, -3), "length"],
		["longer than it says", `${COUNT}35`, "length"],
		["wrong length digit", COUNT.replace("E002", "F002"), "length-checksum"],
		["damaged", COUNT.replace("0202", "0203"), "checksum"],
		["a character that is no digit", COUNT.replace("46", "4x"), "not-hex"],
		["version 12h", "~12014631E00201FD36", "version"],
		[
			"other chemistry",
			"~25014F42808000010E0DB50DB60DB60DB70DB10DB00DB00DB20DB20DB20DB20DB30DB20DB2060BD00BA00B860B860B860B900001132D2EAC004E2000005B68131409EF3C0409E176",
			"chemistry",
		],
		["binary that begins like one", "7E 01 33 00 FE 0D", "not-hex"],
	])("%s", (_, line, code) => {
		expect(one(line)).toMatchObject({ error: { code } });
		expect(one(line).packs).toBeUndefined();
	});

	it("says what could be read of the envelope", () => {
		expect(one(COUNT.replace("FD35", "FD36"))).toMatchObject({
			protocol: "ascii-0x25",
			kind: "reply",
			address: 1,
			rtn: "00",
			checksum: "bad",
			info: "02",
		});
		expect(one("~12014631E00201FD36")).toMatchObject({
			protocol: null,
			kind: "request",
			command: "31",
			address: 1,
			checksum: "ok",
			version: "12",
		});
		expect(one("~2501")).toMatchObject({ address: 1, checksum: "bad", error: { code: "length" } });
	});

	it("is told of a sound reply whose shape is unknown", () => {
		expect(last(`${ASK}\n${reply("0001990102")}`)).toMatchObject({
			command: "42",
			checksum: "ok",
			info: "0001990102",
			error: { code: "no-layout-fits" },
		});
		expect(last(`~250046B10000FD9C\n${reply("FF0D05051D1F")}`)).toMatchObject({ command: "B1", error: { code: "implausible" } });
	});

	it("does not stop what follows", () => {
		const decoder = createCaptureDecoder();
		expect(decoder.line("~~~ garbage ~2501 ~").every(({ error }) => error)).toBe(true);
		expect(decoder.line(ANSWER)).toMatchObject([{ command: "42" }]);
	});
});
