import { createAsciiFramer } from "../bms/protocol/ascii/ascii-framer.ts";
import type { Framer, FramerEvent } from "../bms/protocol/protocol.ts";

const CR = 0x0d;

/**
 * Questions as a battery takes them: not before their end mark (rs232-v25 §1). The driver reads answers more
 * leniently, because some gateways take the end mark away; a battery that is asked through one stays silent.
 */
export function createQuestionFramer(): Framer {
	const framer = createAsciiFramer();
	let complete: FramerEvent | null = null;

	const take = (byte: number): readonly FramerEvent[] => {
		const unended = complete;
		complete = null;
		if (unended !== null) return byte === CR ? [unended] : [{ type: "junk", bytes: unended.bytes }, ...take(byte)];
		const events = framer.push(Uint8Array.of(byte));
		const frame = events.find(({ type }) => type === "frame");
		// At the end mark the framer lets go of what is shorter or longer than its length field says.
		if (frame === undefined || byte === CR) return events;
		complete = frame;
		return events.filter((event) => event !== frame);
	};

	return {
		push: (chunk) => [...chunk].flatMap(take),
		flush() {
			const unended = complete;
			complete = null;
			return [...(unended === null ? [] : [{ type: "junk", bytes: unended.bytes } as const]), ...framer.flush()];
		},
		get pending() {
			return complete === null ? framer.pending : complete.bytes.length;
		},
	};
}
