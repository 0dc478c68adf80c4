import { deepStrictEqual } from "node:assert/strict";
import { buildFrame } from "../../src/bms/protocol/ascii/ascii-frame.ts";
import { asciiV25 } from "../../src/bms/protocol/ascii/ascii-protocol.ts";
import { modbusRtu } from "../../src/bms/protocol/modbus/modbus-protocol.ts";
import type { Exchange } from "../../src/bms/protocol/protocol.ts";
import { modbusByHand, statusByHand, telemetryByHand } from "./decode-by-hand.ts";

/** Bar of the product: decoding by the tables takes at most so many times what decoding by hand takes. */
const BAR = 5;
const ROUNDS = 9;
const ROUND_MS = 150;

const bytesOf = (digits: string) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const word = (value: number) => (value & 0xffff).toString(16).padStart(4, "0");

/** A pack of 42h: 16 cells around 3.3 V, six probes, the tail of 14 bytes. */
const PACK_42 = `10${Array.from({ length: 16 }, (_, cell) => word(3290 + cell)).join("")}06${"0ba5".repeat(6)}${word(-1234)}${word(52_760)}138803271000072710${"4d4e204e204e204e2064cf990000"}`;
const PACK_44 = `10${"00".repeat(16)}06${"00".repeat(6)}000000${"0000"}0e0000${"0000"}${"0180"}`;
const ascii = (packs: number, pack: string) =>
	buildFrame({ address: 1, code: 0, info: bytesOf(`00${packs.toString(16).padStart(2, "0")}${pack.repeat(packs)}`) });
/** The worked example of the reference (modbus-rtu §10 V1). */
const MODBUS_LIVE = bytesOf(
	"01034AF6D214F0004C00631D6426AC271000840000000000000E00000000000000" +
		"0D180D160D170D150D180D170D160D190D140D170D180D160D150D170D0D0D1800FD00FB00F9FFDD0138010CE120",
);

interface Contest {
	readonly label: string;
	readonly frame: Uint8Array;
	readonly tables: Exchange;
	readonly byHand: (frame: Uint8Array) => unknown;
}

const CONTESTS: readonly Contest[] = [1, 15]
	.flatMap((packs): Contest[] => {
		const selector = packs === 1 ? 1 : "all";
		return [
			{
				label: `42h, ${packs} packs`,
				frame: ascii(packs, PACK_42),
				tables: asciiV25.telemetry(1, selector),
				byHand: telemetryByHand,
			},
			{ label: `44h, ${packs} packs`, frame: ascii(packs, PACK_44), tables: asciiV25.status(1, selector), byHand: statusByHand },
		];
	})
	.concat({ label: "Modbus, everything", frame: MODBUS_LIVE, tables: modbusRtu.live(1), byHand: modbusByHand });

/** Both must give the same readings: a decoder that leaves something out would win by that. */
function assertSame({ label, frame, tables, byHand }: Contest): void {
	const answer = tables.accept(frame);
	if (answer.kind !== "reply") throw new Error(`${label}: the frame was not read by the tables.`);
	deepStrictEqual(byHand(frame), readingsOf(answer.value), `${label}: by hand and by the tables differ`);
}

function readingsOf(value: unknown): unknown {
	const { blocks, telemetry, status } = value as Readonly<Record<string, unknown>>;
	if (blocks !== undefined) return blocks;
	const only = (reading: unknown) => (reading as { readonly blocks: readonly { readonly value: unknown }[] }).blocks[0]?.value;
	return { telemetry: only(telemetry), status: only(status) };
}

/** Microseconds one call takes, from as many calls as fit into the round. */
function microseconds(call: () => unknown): number {
	let calls = 0;
	const start = performance.now();
	while (performance.now() - start < ROUND_MS) {
		for (let times = 0; times < 20; times++) if (call() === null) throw new Error("The frame was not read.");
		calls += 20;
	}
	return (1000 * (performance.now() - start)) / calls;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Decoding by the tables (frame check, layout search, readings, plausibility) against decoding by hand, alternating in one run. */
export function benchDecodeSpeed(): void {
	console.log(`\nDecoding one answer, median of ${ROUNDS}: by the tables, and written by hand with fixed offsets (bar: ratio ${BAR})`);
	console.log("answer                     tables      by hand    ratio");
	for (const contest of CONTESTS) {
		assertSame(contest);
		const { label, frame, tables, byHand } = contest;
		const read = () => (tables.accept(frame).kind === "reply" ? frame : null);
		const rounds = Array.from({ length: ROUNDS }, () => [microseconds(read), microseconds(() => byHand(frame))] as const);
		const [ours, floor] = [median(rounds.map(([one]) => one)), median(rounds.map(([, other]) => other))];
		console.log(
			`${label.padEnd(20)} ${ours.toFixed(1).padStart(9)} µs ${floor.toFixed(1).padStart(9)} µs ${(ours / floor).toFixed(2).padStart(8)}${ours / floor > BAR ? "  over the bar" : ""}`,
		);
	}
}
