import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { asciiV25 } from "../../src/bms/protocol/ascii/ascii-protocol.ts";
import { decodeText } from "../../src/bms/protocol/decode-text.ts";
import { capture } from "../../src/cli/capture.ts";
import { CaptureWriter } from "../../src/cli/capture-file.ts";
import { replay } from "../../src/cli/replay.ts";
import { defaultsOf, SIMULATOR_SETTINGS, type SimulatedLineServer, startSimulatedLine } from "../../src/index.ts";
import { parseReplay } from "../../src/simulator/replay-file.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "rack-battery-capture-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let line: SimulatedLineServer | null = null;
afterEach(async () => {
	await line?.stop();
	line = null;
});

async function battery(): Promise<string> {
	line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), baudRate: 0, answerDelayMs: 0 });
	return line.port;
}

/** Captured: number of packs, asked and answered. */
const [ASKED, ANSWERED] = ["~250146900000FDA5", "~25014600E00202FD35"];
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

describe("rack-battery capture", () => {
	it("writes what goes over the line so that decode and replay read it", async () => {
		const file = join(folder, "polled.txt");
		const cli = runCli(capture, [file, "--port", await battery(), "--seconds", "1"]);
		expect(await cli.exit).toBe(0);
		const text = readFileSync(file, "utf8");
		expect(text).toMatch(/^# rack-battery capture of tcp:.*, ascii-0x25, 9600 baud\n# \d{4}-\d\d-\d\dT[\d:.]+Z\n> ~2501/);
		const decoded = decodeText(text);
		expect(decoded.length).toBeGreaterThan(4);
		expect(decoded.filter(({ error }) => error !== undefined)).toEqual([]);
		expect(new Set(decoded.map(({ kind }) => kind))).toEqual(new Set(["request", "reply"]));
		expect(parseReplay(text, file).length).toBe(decoded.filter(({ kind }) => kind === "reply").length);
		expect(cli.errors()).toMatch(/\d+ requests, \d+ answers, 0 bytes of no frame in .*polled\.txt\./);
	});

	it("writes over no file, and says so", async () => {
		const file = join(folder, "kept.txt");
		writeFileSync(file, "kept");
		const cli = runCli(capture, [file, "--port", await battery()]);
		expect(await cli.exit).toBe(2);
		expect(cli.errors()).toContain("is there already");
		expect(readFileSync(file, "utf8")).toBe("kept");
	});

	it("fails when nothing answered, and ends by itself", async () => {
		const port = await battery();
		await line?.control.pullCable("silent");
		const cli = runCli(capture, ["-", "--port", port, "--listen", "--seconds", "1"]);
		expect(await cli.exit).toBe(1);
		expect(cli.errors()).toContain("0 requests, 0 answers");
	});

	it.each([
		[[], "Something is missing. It is called so:\n  rack-battery capture FILE|-"],
		[["rack-battery.json"], "is the name of the settings file"],
		[["a", "b"], '"b" is not understood here'],
		[["a", "--second", "3"], "--second is no option; did you mean --seconds?"],
		[["a", "--seconds", "0"], "--seconds must be a whole number from 1 to 86400"],
		[["a", "--server", "http://127.0.0.1:1"], "capture needs the line itself"],
		[["-", "--port", "ttyUSB0"], "/dev/ttyUSB0"],
	])("%j is refused in words with exit code 2", async (args, words) => {
		const cli = runCli(capture, args);
		expect(await cli.exit).toBe(2);
		expect(cli.errors()).toContain(words);
	});
});

describe("what a capture holds", () => {
	function writer() {
		let text = "";
		const write = (part: string) => {
			text += part;
		};
		return { writer: new CaptureWriter({ write, now: () => 0, framer: asciiV25.createFramer() }), text: () => text };
	}
	const at = "# 1970-01-01T00:00:00.000Z";

	it("puts frames together that came in pieces, and keeps bytes of no frame in a remark", () => {
		const { writer: one, text } = writer();
		one.sent(bytes(`${ASKED}\r`));
		one.received(bytes(`\x00\xff${ANSWERED.slice(0, 7)}`), false);
		one.received(bytes(`${ANSWERED.slice(7)}\r`), false);
		expect(text()).toContain(`${at}\n> ${ASKED}\n`);
		expect(text()).toContain(`${at} no frame: 00 FF\n`);
		expect(text()).toContain(`${at}\n< ${ANSWERED}\n`);
		expect(one.counts).toEqual({ requests: 1, replies: 1, junkBytes: 2 });
	});

	it("sees on a line that is only listened to who asks and who answers", () => {
		const { writer: one, text } = writer();
		one.received(bytes(`${ASKED}\r${ANSWERED}\r`), true);
		expect(text()).toBe(`${at}\n> ${ASKED}\n${at}\n< ${ANSWERED}\n`);
	});

	it("loses no bytes of a frame that was cut off", () => {
		const { writer: one, text } = writer();
		one.received(bytes(ANSWERED.slice(0, 7)), false);
		one.flush();
		expect(text()).toBe(`${at} no frame: 7E 32 35 30 31 34 36\n`);
	});
});

describe("rack-battery replay", () => {
	it("needs a file", async () => {
		for (const args of [[], ["--packs", "2"]]) {
			const cli = runCli(replay, args);
			expect(await cli.exit).toBe(2);
			expect(cli.errors()).toContain("Which file to replay comes first");
		}
	});

	it("refuses what is no capture, as simulate does", async () => {
		const cli = runCli(replay, [join(folder, "missing.txt")]);
		expect(await cli.exit).toBe(2);
		expect(cli.errors()).toContain("missing.txt cannot be read");
	});

	it("explains itself", async () => {
		const cli = runCli(replay, ["--help"]);
		expect(await cli.exit).toBe(0);
		expect(cli.out()).toContain("rack-battery simulate --replay FILE");
	});
});
