import { type MemoryLine, MemoryTransport } from "../bms/transport/memory-transport.ts";
import type { Clock } from "../clock.ts";
import { TransportError } from "../errors.ts";
import { LineFaults } from "./line-faults.ts";
import { createQuestionFramer } from "./question-framer.ts";
import type { Responder } from "./simulated-bank.ts";
import { SimulatedLine, type SimulatedLineOptions } from "./simulated-line.ts";
import type { CableControl } from "./simulator-control.ts";

/** A transport that ends at a simulated battery inside this process, at the pace of the wire, with its cable. */
export function createMemoryLine(
	responder: Responder,
	options: SimulatedLineOptions,
	clock: Clock,
	faults: LineFaults = new LineFaults(),
): { readonly transport: MemoryTransport; readonly cable: CableControl } {
	let open: MemoryLine | null = null;
	let pulled: CableControl["cable"] = "plugged";
	const framer = responder.createFramer?.() ?? createQuestionFramer();
	const line = new SimulatedLine(options, { responder, clock, framer, faults, send: (bytes) => open?.send(bytes) });
	const transport = new MemoryTransport(
		(opened) => {
			if (pulled === "dropped") throw new TransportError("not-found", "The simulated cable is pulled.");
			open = opened;
			if (pulled === "plugged") line.plug();
			return {
				onBytes: (bytes) => line.receive(bytes),
				onClosed: () => {
					open = null;
					line.pull();
				},
			};
		},
		{ port: "simulator", baudRate: options.baudRate === 0 ? null : options.baudRate },
	);
	const cable: CableControl = {
		get cable() {
			return pulled;
		},
		faults,
		async pullCable(how = "silent") {
			pulled = how;
			line.pull();
			if (how === "dropped") open?.drop("the simulated cable was pulled");
		},
		async plugCable() {
			pulled = "plugged";
			line.plug();
		},
	};
	return { transport, cable };
}
