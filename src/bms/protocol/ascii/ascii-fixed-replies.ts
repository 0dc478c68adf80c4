import { DecodeError } from "../../../errors.ts";
import type { ReadingOf } from "../../battery/readings.ts";
import { decodeAll } from "../../codec/layout.ts";
import type { BlocksCommand } from "./ascii-blocks-reply.ts";
import { isClock, localTimeOf } from "./ascii-clock.ts";
import { ASCII_COMMANDS, type AsciiCommandName, MAX_PACKS } from "./ascii-commands.ts";

/** Commands whose reply is about the cabled pack and has a fixed layout. */
export type FixedCommand = Exclude<AsciiCommandName, BlocksCommand>;

/** What such a reply tells: the reading without who sent it. */
export type Told<C extends FixedCommand> = Omit<ReadingOf<C>, "kind" | "repliedBy">;

/** Reads the INFO of a fixed reply; null when no form of the command has this length. Throws DecodeError `implausible`. */
export function readFixed<C extends FixedCommand>(command: C, info: Uint8Array): Told<C> | null {
	return READERS[command](info);
}

const READERS: { readonly [C in FixedCommand]: (info: Uint8Array) => Told<C> | null } = {
	packCount(info) {
		if (info.length > 1) return null;
		const count = info[0];
		// Seen instead of a number: a bare acknowledgement, and 255 (rs232-v25 §7).
		return { count: count === undefined || count === 0 || count > MAX_PACKS ? null : count };
	},
	version(info) {
		const [long, short] = ASCII_COMMANDS.version.replies;
		if (info.length === 20) return { ...decodeAll(short, info), bluetoothName: null };
		return info.length === 40 ? decodeAll(long, info) : null;
	},
	serials(info) {
		const [both, bmsOnly] = ASCII_COMMANDS.serials.replies;
		if (info.length === 20) return { ...decodeAll(bmsOnly, info), packSerial: null };
		return info.length === 40 ? decodeAll(both, info) : null;
	},
	capacity: (info) => (info.length === 6 ? decodeAll(ASCII_COMMANDS.capacity.replies[0], info) : null),
	clock(info) {
		if (info.length !== 6) return null;
		const value = decodeAll(ASCII_COMMANDS.clock.replies[0], info);
		if (!isClock(value)) throw new DecodeError("implausible", "The battery's clock shows no possible date and time.");
		return { localTime: localTimeOf(value) };
	},
};
