import type { BankSettings } from "../../../src/bms/options.ts";
import { planFor } from "../../../src/bms/probe/auto-protocol.ts";
import { type ProbeParts, probe } from "../../../src/bms/probe/probe.ts";
import { MemoryTransport } from "../../../src/bms/transport/memory-transport.ts";
import type { Transport } from "../../../src/bms/transport/transport.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
export const textOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** What the far end does: answers a question at a speed, or says something when the line is opened. */
export interface Script {
	answer?(request: Uint8Array, baudRate: number): Uint8Array | null;
	greeting?(baudRate: number): Uint8Array | null;
	/** Instead of a line that opens. */
	open?(baudRate: number): never;
}

/** Runs a probe against a script with time that only the test moves. `sent` has everything that was put on the line. */
export async function probeScript(
	script: Script,
	given: Partial<ProbeParts> & { port?: string; baudRate?: BankSettings["baudRate"] } = {},
) {
	const clock = new ManualClock();
	const sent: { readonly bytes: Uint8Array; readonly baudRate: number }[] = [];
	const { port = "/dev/ttyUSB0", baudRate = 9600, ...parts } = given;
	const openAt = (speed: number): Transport =>
		new MemoryTransport(
			(line) => {
				script.open?.(speed);
				const greeting = script.greeting?.(speed);
				if (greeting) clock.after(100, () => line.send(greeting));
				return {
					onBytes(bytes) {
						sent.push({ bytes, baudRate: speed });
						const answer = script.answer?.(bytes, speed);
						if (answer) clock.after(30, () => line.send(answer));
					},
				};
			},
			{ port, baudRate: speed },
		);
	let isOver = false;
	const running = probe({ plan: planFor(port, baudRate), limitMs: 180_000, openAt, clock, ...parts }).finally(() => {
		isOver = true;
	});
	const begun = clock.now();
	for (let moved = 0; !isOver && moved < 400; moved++) await clock.advance(1_000);
	const state = await running;
	return { state, sent, clock, seconds: (clock.now() - begun) / 1000 };
}
