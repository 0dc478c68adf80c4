import { describe, expect, it } from "vitest";
import { checkFrame } from "../../src/bms/protocol/ascii/ascii-frame.ts";
import { createAsciiFramer } from "../../src/bms/protocol/ascii/ascii-framer.ts";
import { runCommand } from "../../src/simulator/commands.ts";
import { LINE_FAULT_KINDS, type LineFaultKind, LineFaults } from "../../src/simulator/line-faults.ts";
import { SimulatedLine } from "../../src/simulator/simulated-line.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankWith, bytes } from "./simulated.ts";

const COUNT = bytes("~250146900000FDA5\r");
const SOUND = "~25014600E00202FD35\r";
const EXCHANGE_MS = 5000;

function lineWith(seed = 1) {
	const clock = new ManualClock();
	const faults = new LineFaults(seed);
	const chunks: string[] = [];
	const { bank } = bankWith({}, { clock });
	const line = new SimulatedLine(
		{ baudRate: 9600, answerDelayMs: 30 },
		{ responder: bank, framer: createAsciiFramer(), clock, faults, send: (sent) => chunks.push(String.fromCharCode(...sent)) },
	);
	/** What is heard of `times` questions, each with time for its answer. */
	const heard = async (times = 1, eachMs = EXCHANGE_MS) => {
		chunks.length = 0;
		for (let n = 0; n < times; n += 1) {
			line.receive(COUNT);
			await clock.advance(eachMs);
		}
		return chunks.join("");
	};
	return { clock, faults, line, heard, chunks };
}

const REQUEST = String.fromCharCode(...COUNT);
const isSound = (answer: string) => checkFrame(answer).ok;

/** What one answered question sounds like with the fault at 100 %. */
const ALWAYS: Partial<Record<LineFaultKind, (heard: string) => void>> = {
	flip: (heard) => {
		expect(heard).toHaveLength(SOUND.length);
		expect(isSound(heard)).toBe(false);
	},
	drop: (heard) => expect(heard).toBe(""),
	cut: (heard) => {
		expect(heard.length).toBeLessThan(SOUND.length);
		expect(SOUND.startsWith(heard)).toBe(true);
	},
	duplicate: (heard) => expect(heard).toBe(SOUND + SOUND),
	glue: (heard) => expect(heard).toBe(""),
	echo: (heard) => expect(heard).toBe(REQUEST + SOUND),
	late: (heard) => expect(heard).toBe(SOUND),
	"wrong-address": (heard) => {
		expect(isSound(heard)).toBe(true);
		expect(heard.slice(0, 5)).toBe("~2502");
	},
	silence: (heard) => expect(heard).toBe(""),
	garbage: (heard) => expect(isSound(heard)).toBe(false),
	slow: (heard) => expect(heard).toBe(SOUND),
	"no-end-mark": (heard) => expect(heard).toBe(SOUND.slice(0, -1)),
	telnet: (heard) => expect(heard).toBe(`\xff\xfb\x01\xff\xfb\x03${SOUND}\0`),
	"foreign-master": (heard) => {
		expect(heard).toContain("~250246900000FDA4\r");
		expect(heard).toContain("~250F46900000FD90\r");
	},
	"foreign-modbus": (heard) => expect(heard).toContain("\x01\x03\x00\x00\x00\x25\x84\x11"),
	noise: (heard) => expect(heard.length).toBeGreaterThan(EXCHANGE_MS / 2),
};

describe("a fault of the line", () => {
	it.each(LINE_FAULT_KINDS)("%s is heard, and is over when it ends", async (kind) => {
		const { clock, faults, heard } = lineWith();
		faults.set(kind, 100);
		ALWAYS[kind]?.(await heard());
		expect(ALWAYS[kind], "every fault is tried").toBeDefined();
		faults.set(kind, 0);
		// What was held back comes with the next answer; after it the line is as before.
		await heard();
		expect(await heard()).toBe(SOUND);
		expect(clock.pending).toBe(0);
	});

	it("two answers are glued into one piece", async () => {
		const { faults, heard, chunks } = lineWith();
		faults.set("glue", 100);
		expect(await heard(2)).toBe(SOUND + SOUND);
		expect(chunks.length).toBeGreaterThan(0);
	});

	it("a late answer comes after the question was given up, and may fall into the next one", async () => {
		const { faults, heard } = lineWith();
		faults.set("late", 100);
		expect(await heard(1, 900)).toBe("");
		faults.clear();
		expect(await heard(1, 4000)).toBe(SOUND + SOUND);
	});

	it("a slow gateway hands on fragments with pauses", async () => {
		const { faults, heard, chunks } = lineWith();
		faults.set("slow");
		await heard();
		expect(chunks.length).toBeGreaterThan(3);
	});

	it("the same seed gives the same faults, another seed others", async () => {
		const of = async (seed: number) => {
			const { faults, heard } = lineWith(seed);
			for (const kind of ["drop", "flip", "cut"] as const) faults.set(kind);
			return heard(20);
		};
		expect(await of(7)).toBe(await of(7));
		expect(await of(8)).not.toBe(await of(7));
	});

	it("hits the share that was asked for", async () => {
		const { faults, heard } = lineWith();
		faults.set("silence", 50);
		const answers = (await heard(200, 200)).length / SOUND.length;
		expect(answers).toBeGreaterThan(70);
		expect(answers).toBeLessThan(130);
	});

	it("leaves no timer when the cable is pulled, and goes on when it is plugged in", async () => {
		const { clock, faults, line, heard } = lineWith();
		faults.set("noise");
		faults.set("late", 100);
		await heard(1, 100);
		line.pull();
		expect(clock.pending).toBe(0);
		line.plug();
		expect(await heard()).not.toBe("");
	});

	it("is begun and ended by command, and shown in the state; nonsense is refused in words", async () => {
		const { control } = bankWith();
		expect((await runCommand(control, "fault drop 10")).text).toBe("The line: drop, 10 %.");
		await runCommand(control, "fault echo");
		expect(control.state().faults).toEqual({ drop: 10, echo: 100 });
		expect((await runCommand(control, "state")).text).toContain("line drop 10 %");
		await expect(runCommand(control, "fault fire")).rejects.toThrow(/should be none or drop/);
		await expect(runCommand(control, "fault drop 101")).rejects.toThrow(/from 0 to 100 %/);
		await runCommand(control, "fault none");
		expect(control.state().faults).toEqual({});
	});
});
