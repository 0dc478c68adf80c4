import type { Framer, FramerEvent } from "../protocol.ts";
import { hasSoundCrc, MAX_ADU_BYTES, MIN_ADU_BYTES, possibleLengths } from "./modbus-frame.ts";

/**
 * Bytes -> messages. Modbus RTU has no marks: a message is where the length that its head announces ends with the
 * right CRC (modbus-rtu §5). Silence is not waited for; it only gives up what is pending. Bytes before a message are
 * junk. What is left at a silence and is exactly one message long is emitted damaged, so that the check can name it.
 */
export function createModbusFramer(): Framer {
	let held: number[] = [];
	/** Bytes that began no sound message, kept until a message or a silence tells what they are. */
	let passed: number[] = [];

	/** Finds every message that is complete; `isLast`: nothing more will come. */
	const scan = (isLast: boolean): FramerEvent[] => {
		const events: FramerEvent[] = [];
		while (held.length > 0) {
			const length = messageLength(held, isLast);
			if (length === null) break;
			if (length === 0) {
				passed.push(...held.splice(0, 1));
				if (passed.length >= MAX_ADU_BYTES) emitJunk(events);
				continue;
			}
			emitJunk(events);
			events.push({ type: "frame", bytes: Uint8Array.from(held.splice(0, length)) });
		}
		return events;
	};

	const emitJunk = (events: FramerEvent[]) => {
		if (passed.length > 0) events.push({ type: "junk", bytes: Uint8Array.from(passed) });
		passed = [];
	};

	return {
		push(chunk) {
			for (const byte of chunk) held.push(byte);
			return scan(false);
		},
		flush() {
			const events = scan(true);
			if (isDamaged(passed)) {
				events.push({ type: "frame", bytes: Uint8Array.from(passed) });
				passed = [];
			}
			emitJunk(events);
			held = [];
			return events;
		},
		get pending() {
			return held.length;
		},
	};
}

/** Length of the sound message that begins here; 0 when none does, null while it may still become one. */
function messageLength(held: readonly number[], isLast: boolean): number | null {
	const lengths = possibleLengths(held);
	if (lengths === null) return isLast ? 0 : null;
	const sound = lengths.find((length) => length <= held.length && hasSoundCrc(Uint8Array.from(held.slice(0, length))));
	if (sound !== undefined) return sound;
	return !isLast && lengths.some((length) => length > held.length) ? null : 0;
}

/** Bytes that are as many as their head announces, though their CRC is wrong. */
function isDamaged(bytes: readonly number[]): boolean {
	return bytes.length >= MIN_ADU_BYTES && (possibleLengths(bytes)?.includes(bytes.length) ?? false);
}
