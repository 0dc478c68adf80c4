import { expect, test } from "vitest";
import type { PackStatus, PackTelemetry, Reading } from "../../../src/bms/battery/readings.ts";
import { hear, miss, startRollCall } from "../../../src/bms/driver/roll-call.ts";

/** Seen on a serial line after the cable was plugged in again: one late answer, and a pack that was there was absent for 10 s. */

const twoPacks: Reading = {
	kind: "status",
	repliedBy: 1,
	asked: "all",
	blocks: [1, 2].map(() => ({ absent: false, value: { indicationZero: false } as PackStatus })),
};
const first: Reading = { kind: "telemetry", repliedBy: 1, asked: 1, blocks: [{ absent: false, value: {} as PackTelemetry }] };
const question = (pack: number) => ({ kind: "telemetry", selector: pack }) as const;

test("a pack that the all-packs reply shows is away only after two unanswered questions, also before it ever answered", () => {
	const known = [twoPacks, first].reduce(hear, startRollCall(0));
	const once = miss(known, question(2));
	expect([...once.away]).toEqual([]);
	expect([...miss(once, question(2)).away]).toEqual([2]);
});

test("an address that is only tried out has one turn", () => {
	const known = [twoPacks, first].reduce(hear, startRollCall(0));
	expect([...miss(known, question(3)).away]).toEqual([3]);
});
