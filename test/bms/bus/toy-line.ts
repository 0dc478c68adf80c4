import { Bus, type BusOptions } from "../../../src/bms/bus/bus.ts";
import type { BusEvent } from "../../../src/bms/bus/bus-events.ts";
import type { Exchange, Framer, FramerEvent } from "../../../src/bms/protocol/protocol.ts";
import { type MemoryLine, MemoryTransport } from "../../../src/bms/transport/memory-transport.ts";
import { FrameError, RejectedError, type TransportError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Frames of a toy protocol, `~…\r`: enough to test the bus apart from the real protocol. */
export function toyFramer(): Framer {
	let held = "";
	return {
		push(chunk) {
			const events: FramerEvent[] = [];
			for (const char of textOf(chunk)) {
				if (char === "~") {
					if (held) events.push({ type: "junk", bytes: bytesOf(held) });
					held = char;
				} else if (held === "") {
					events.push({ type: "junk", bytes: bytesOf(char) });
				} else {
					held += char;
					if (char === "\r") {
						events.push({ type: "frame", bytes: bytesOf(held) });
						held = "";
					}
				}
			}
			return events;
		},
		flush() {
			const events: FramerEvent[] = held ? [{ type: "junk", bytes: bytesOf(held) }] : [];
			held = "";
			return events;
		},
		get pending() {
			return held.length;
		},
	};
}

/** Asks `~?name\r`; answered by `~name=value\r`; `~name!\r` is a refusal, `~damaged\r` a damaged frame. */
export function ask(name: string): Exchange<string> {
	const request = `~?${name}\r`;
	return {
		label: name,
		request: bytesOf(request),
		accept(frame) {
			const text = textOf(frame);
			if (text === request) return { kind: "echo" };
			if (text === "~damaged\r") return { kind: "bad", error: new FrameError("checksum", "damaged") };
			if (text === `~${name}!\r`) return { kind: "rejected", error: new RejectedError("refused", "no") };
			const value = text.match(/^~(\w+)=(.*)\r$/);
			if (value?.[1] !== name) return { kind: "foreign", reason: `not about ${name}` };
			return { kind: "reply", value: value[2] ?? "" };
		},
	};
}

/** A bus on a line in memory under a manual clock. What was written stands in `written`. */
export async function toyLine(options: Partial<BusOptions> = {}, answer: (request: string, line: MemoryLine) => void = () => {}) {
	const clock = new ManualClock();
	const written: { readonly text: string; readonly at: number }[] = [];
	const events: BusEvent[] = [];
	let far: MemoryLine | undefined;
	const lost: TransportError[] = [];
	const transport = new MemoryTransport((line) => {
		far = line;
		return {
			onBytes(bytes) {
				written.push({ text: textOf(bytes), at: clock.now() });
				answer(textOf(bytes), line);
			},
		};
	});
	const bus = new Bus({
		transport,
		framer: toyFramer(),
		clock,
		logger: silentLogger,
		baudRate: 9600,
		firstByteTimeoutMs: 800,
		interCharacterTimeoutMs: 150,
		gapMs: 50,
		attempts: 1,
		onEvent: (event) => events.push(event),
		...options,
	});
	await transport.open({
		onBytes: (chunk) => bus.receive(chunk),
		onLost: (error) => {
			lost.push(error);
			bus.stop(error);
		},
	});
	return {
		clock,
		bus,
		transport,
		written,
		events,
		lost,
		/** Past the first quiet time of a new line. */
		ready: () => clock.advance(200),
		send: (text: string) => far?.send(bytesOf(text)),
		drop: () => far?.drop(),
		/** Asks and notes how it ended. */
		asking(name: string, requestOptions: Parameters<Bus["request"]>[1] = {}) {
			const outcome: { value?: string; error?: unknown; at?: number } = {};
			bus.request(ask(name), requestOptions).then(
				(value) => Object.assign(outcome, { value, at: clock.now() }),
				(error: unknown) => Object.assign(outcome, { error, at: clock.now() }),
			);
			return outcome;
		},
		count: (type: BusEvent["type"]) => events.filter((event) => event.type === type).length,
	};
}
