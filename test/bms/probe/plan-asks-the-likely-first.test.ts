import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOTHING_HEARD } from "../../../src/bms/probe/hearing.ts";
import {
	beginProbe,
	DEFAULT_PLAN,
	endProbe,
	type FoundPack,
	type Miss,
	nextStep,
	type Outcome,
	type ProbeState,
	type Step,
	settleStep,
} from "../../../src/bms/probe/plan.ts";

const missed = (miss: Miss): Outcome => ({ kind: "missed", miss, hearing: NOTHING_HEARD });
const SILENCE = missed("silence");
const QUIET: Outcome = { kind: "heard", hearing: NOTHING_HEARD };
const pack = (address: number): FoundPack => ({
	address,
	voltage: 53,
	stateOfCharge: 70,
	cells: 16,
	dialect: null,
	version: null,
	serial: null,
});
const answered = (address: number): Outcome => ({ kind: "answered", pack: pack(address) });

/** Plays a plan to its end; what comes back is decided by the step. */
function play(outcomeOf: (step: Step, state: ProbeState) => Outcome, plan = DEFAULT_PLAN) {
	const steps: Step[] = [];
	let state = beginProbe(plan);
	for (let step = nextStep(state); step !== null && steps.length < 1000; step = nextStep(state)) {
		steps.push(step);
		state = settleStep(state, outcomeOf(step, state));
	}
	return { steps, state };
}

const shown = (step: Step) => (step.kind === "listen" ? `listen ${step.baudRate}` : `${step.protocol} ${step.baudRate} @${step.address}`);

describe("the plan of a probe", () => {
	it("listens first, then asks the likely pairs at all speeds before any further address", () => {
		const { steps } = play((step) => (step.kind === "listen" ? QUIET : SILENCE));
		expect(steps.slice(0, 9).map(shown)).toEqual([
			"listen 9600",
			"ascii-0x25 9600 @1",
			"modbus-rtu 9600 @1",
			"ascii-0x20 9600 @2",
			"ascii-0x20 9600 @1",
			"ascii-0x20-eg4 9600 @1",
			"ascii-0x20 115200 @2",
			"ascii-0x20 115200 @1",
			"modbus-rtu 19200 @1",
		]);
	});

	it("asks nothing twice but the first question, never Modbus' broadcast, and every DIP address of each protocol at its usual speed", () => {
		const { steps } = play((step) => (step.kind === "listen" ? QUIET : SILENCE));
		const asked = steps.slice(1).map(shown);
		const twice = asked.filter((text, index) => asked.indexOf(text) !== index);
		expect(twice).toEqual(["ascii-0x25 9600 @1"]);
		expect(asked.filter((text) => /^modbus.*@0$/.test(text))).toEqual([]);
		for (let address = 1; address <= 15; address++) {
			for (const pair of ["ascii-0x25 9600", "modbus-rtu 9600", "modbus-rtu 19200", "ascii-0x20 9600", "ascii-0x20 115200"]) {
				expect(asked).toContain(`${pair} @${address}`);
			}
		}
	});

	it("leaves a speed at which bytes are garbage for later", () => {
		const { steps } = play((step) => (step.kind === "listen" ? QUIET : step.baudRate === 9600 ? missed("garbage") : SILENCE));
		expect(steps.slice(1, 3).map(({ baudRate }) => baudRate)).toEqual([9600, 115200]);
		expect(steps.at(-1)?.baudRate).toBe(9600);
	});

	it("asks for others until as many have answered as the main pack counts", () => {
		const { steps, state } = play((step) => {
			if (step.kind === "listen") return QUIET;
			if (step.kind === "count") return { kind: "counted", count: 3 };
			if (step.kind === "identify") return { kind: "identified", version: "V", serial: null };
			if (step.kind === "census") return step.address === 3 ? missed("away") : answered(step.address);
			return answered(1);
		});
		expect(state.found?.packs.map(({ address }) => address)).toEqual([1, 2, 4]);
		expect(steps.filter(({ kind }) => kind === "census").map((step) => step.kind !== "listen" && step.address)).toEqual([2, 3, 4]);
	});

	it("asks again who is counted and was not heard, and whose answer came damaged, once", () => {
		const censusOf = (count: number | null, outcomes: Readonly<Record<number, readonly Outcome[]>>) => {
			const turns = new Map<number, number>();
			const { steps, state } = play((step) => {
				if (step.kind === "listen") return QUIET;
				if (step.kind === "count") return { kind: "counted", count };
				if (step.kind === "identify") return { kind: "identified", version: "V", serial: null };
				if (step.kind !== "census") return answered(1);
				const turn = turns.get(step.address) ?? 0;
				turns.set(step.address, turn + 1);
				return outcomes[step.address]?.[turn] ?? SILENCE;
			});
			const asked = steps.flatMap((step) => (step.kind === "census" ? [step.address] : []));
			return { asked, found: state.found?.packs.map(({ address }) => address) };
		};
		const all = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
		expect(censusOf(3, { 2: [SILENCE, answered(2)], 3: [answered(3)] })).toEqual({ asked: [...all, 2], found: [1, 2, 3] });
		expect(censusOf(3, { 2: [answered(2)] })).toEqual({ asked: [...all, 3], found: [1, 2] });
		expect(censusOf(null, { 2: [missed("broken"), answered(2)] })).toEqual({ asked: [...all, 2], found: [1, 2] });
		expect(censusOf(null, { 2: [missed("broken"), missed("broken")] })).toEqual({ asked: [...all, 2], found: [1] });
		expect(censusOf(3, { 2: [answered(2)], 7: [missed("garbage"), answered(7)] }).found).toEqual([1, 2, 7]);
	});

	it("yields to whoever talks already, and tries to understand noise at the other speeds", () => {
		const noise: Outcome = { kind: "heard", hearing: { kind: "noise", bytes: 40, frames: [], words: "" } };
		const master: Outcome = {
			kind: "heard",
			hearing: { kind: "frames", bytes: 40, frames: [{ protocol: "ascii-0x20", kind: "request", address: 2 }], words: "" },
		};
		const { steps, state } = play((step) => (step.baudRate === 19200 ? master : noise));
		expect(steps.map(shown)).toEqual(["listen 9600", "listen 115200", "listen 19200"]);
		expect(state).toMatchObject({ ended: "heard-master", heardAt: 19200 });
	});

	it("ends where it is when the time is up, and stays ended", () => {
		const state = endProbe(beginProbe(DEFAULT_PLAN), "time-up");
		expect(nextStep(state)).toBeNull();
		expect(settleStep(state, answered(1))).toBe(state);
		expect(endProbe(state, "cancelled").ended).toBe("time-up");
	});

	it("comes to an end within bounds, whatever comes back", () => {
		const kinds: readonly Miss[] = [
			"silence",
			"echo",
			"garbage",
			"broken",
			"others",
			"refused",
			"unreadable",
			"other-version",
			"foreign-map",
			"away",
		];
		const outcome: fc.Arbitrary<Outcome> = fc.oneof(
			{ weight: 8, arbitrary: fc.constantFrom(...kinds).map(missed) },
			fc.integer({ min: 0, max: 15 }).map(answered),
			fc.option(fc.integer({ min: 0, max: 255 })).map((count): Outcome => ({ kind: "counted", count })),
			fc.constant<Outcome>({ kind: "identified", version: null, serial: "S" }),
			fc.constant(QUIET),
		);
		fc.assert(
			fc.property(fc.array(outcome, { minLength: 1, maxLength: 40 }), (outcomes) => {
				let turn = 0;
				const { steps } = play(() => outcomes[turn++ % outcomes.length] ?? SILENCE);
				expect(steps.length).toBeLessThan(200);
			}),
			{ numRuns: 300 },
		);
	});
});
