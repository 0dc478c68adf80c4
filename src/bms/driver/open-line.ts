import type { Clock } from "../../clock.ts";
import { TransportError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { Bus } from "../bus/bus.ts";
import type { BusEvent } from "../bus/bus-events.ts";
import type { Pace } from "../bus/pace.ts";
import type { BankSettings } from "../options.ts";
import type { Protocol } from "../protocol/protocol.ts";
import type { Transport } from "../transport/transport.ts";

/** The settings that decide how a line is used. */
export type LineSettings = Pick<BankSettings, "baudRate" | "firstByteTimeoutMs" | "interCharacterTimeoutMs" | "gapMs" | "attempts">;

export interface LineParts {
	readonly transport: Transport;
	readonly protocol: Pick<Protocol, "createFramer">;
	readonly settings: LineSettings;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly onEvent?: (event: BusEvent) => void;
	/** How much slower than set the line is to be used just now. */
	readonly pace?: () => Pace;
	/** Something was heard, whatever it is. */
	readonly onHeard?: () => void;
}

/** An open line with its bus. */
export interface OpenLine {
	readonly bus: Bus;
	/** Aborts when the line is gone, by itself or closed; the reason is a TransportError. */
	readonly gone: AbortSignal;
	/** Closes the line; whatever waits on the bus is rejected. Never rejects. */
	close(): Promise<void>;
}

/** Opens a line. Rejects with the transport's TransportError. */
export async function openLine(parts: LineParts): Promise<OpenLine> {
	const { transport, protocol, settings, clock, logger, onEvent, pace, onHeard } = parts;
	const end = new AbortController();
	let openBus: Bus | null = null;
	await transport.open({
		// What comes before the bus is there was meant for somebody else.
		onBytes(chunk) {
			openBus?.receive(chunk);
			onHeard?.();
		},
		onLost: (error) => end.abort(error),
	});
	const bus = new Bus({
		transport,
		framer: protocol.createFramer(),
		clock,
		logger,
		baudRate: transport.baudRate ?? settings.baudRate,
		firstByteTimeoutMs: settings.firstByteTimeoutMs,
		interCharacterTimeoutMs: settings.interCharacterTimeoutMs,
		gapMs: settings.gapMs,
		attempts: settings.attempts,
		...(onEvent ? { onEvent } : {}),
		...(pace ? { pace } : {}),
	});
	openBus = bus;
	const stopBus = () => bus.stop(end.signal.reason as TransportError);
	if (end.signal.aborted) stopBus();
	else end.signal.addEventListener("abort", stopBus, { once: true });
	return {
		bus,
		gone: end.signal,
		close() {
			end.abort(new TransportError("closed", `${transport.port} was closed.`, { port: transport.port }));
			return transport.close();
		},
	};
}
