import { DIP_ADDRESSES } from "../battery/addresses.ts";
import type { ReadingOf, SparseReading } from "../battery/readings.ts";
import { checkFrame } from "../protocol/ascii/ascii-frame.ts";
import { asciiV25 } from "../protocol/ascii/ascii-protocol.ts";
import { asciiV20 } from "../protocol/ascii20/ascii20-protocol.ts";
import { DIALECT_NAMES, type DialectName, V20_FAMILY } from "../protocol/ascii20/dialects.ts";
import { readTelemetry } from "../protocol/ascii20/telemetry.ts";
import { modbusRtu } from "../protocol/modbus/modbus-protocol.ts";
import type { Exchange, Framer, LiveWay } from "../protocol/protocol.ts";

/** How fast a protocol may be asked. */
export interface LineLimits {
	/** An answer that begins later is none, ms. */
	readonly firstByteTimeoutMs: number;
	/** Least pause between two questions, ms. */
	readonly gapMs: number;
}

/** Answers begin within 500 ms (rs485-v20 §2, modbus-rtu §5: more than 100 ms apart); gateways add some. */
const USUAL: LineLimits = { firstByteTimeoutMs: 700, gapMs: 110 };
/** Faster questions made a board of this version lock up (rs485-v20 §2, practical timing). */
const SLOW: LineLimits = { firstByteTimeoutMs: 1_000, gapMs: 200 };

/** A protocol as the probe uses it: how to ask for a proof that it is spoken, and who answers. */
export interface Candidate {
	/** As people know it. */
	readonly label: string;
	createFramer(): Framer;
	/** Measurements of the pack at an address: an answer proves protocol, speed and address at once. */
	ask(address: number): Exchange<SparseReading>;
	/** Further ways to ask it, where a firmware, or another protocol that is selected, may refuse the first. */
	readonly otherWays?: readonly LiveWay[];
	/** Addresses a pack can have, the most likely first. */
	readonly addresses: readonly number[];
	readonly limits: LineLimits;
	version?(address: number): Exchange<ReadingOf<"version">>;
	serials?(address: number): Exchange<ReadingOf<"serials">>;
}

const upTo15 = (first: number): readonly number[] => DIP_ADDRESSES.filter((address) => address >= first);

const v20 = asciiV20("pylontech");
const eg4 = asciiV20("eg4");

/** TABLE of the protocols the probe tries, by the name used in the settings. */
export const CANDIDATES = {
	"ascii-0x25": {
		label: "PACE ASCII 0x25",
		createFramer: asciiV25.createFramer,
		// INFO 01 is "this pack" for the packs 0 and 1; on the link sockets INFO is the address itself (rs232-v25 §§4, 15).
		ask: (address) => asciiV25.telemetry(address, Math.max(1, address)),
		addresses: [1, 0, ...upTo15(2)],
		limits: USUAL,
		version: asciiV25.version,
		serials: asciiV25.serials,
	},
	"modbus-rtu": {
		label: "Modbus RTU (PACE_MODBUS)",
		createFramer: modbusRtu.createFramer,
		ask: modbusRtu.telemetry,
		otherWays: modbusRtu.liveWays.slice(1),
		// 0 is the broadcast of Modbus (modbus-rtu §2): it is not asked.
		addresses: upTo15(1),
		limits: USUAL,
		version: modbusRtu.version,
		serials: modbusRtu.serials,
	},
	"ascii-0x20": {
		label: "ASCII 0x20 (Pylontech and alike)",
		createFramer: v20.createFramer,
		ask: v20.telemetry,
		// The first pack has 2 at Pylontech, 1 was seen at clones, 0 at Seplos (rs485-v20 §1).
		addresses: [2, 1, 0, ...upTo15(3)],
		limits: SLOW,
		...(v20.version ? { version: v20.version } : {}),
		...(v20.serials ? { serials: v20.serials } : {}),
	},
	"ascii-0x20-eg4": {
		label: "ASCII 0x20 (EG4)",
		createFramer: eg4.createFramer,
		ask: eg4.telemetry,
		addresses: upTo15(1),
		limits: SLOW,
		...(eg4.version ? { version: eg4.version } : {}),
	},
} as const satisfies Record<string, Candidate>;

export type CandidateName = keyof typeof CANDIDATES;
export const CANDIDATE_NAMES = Object.keys(CANDIDATES) as readonly CandidateName[];

/** The row of a protocol. */
export function candidate(name: CandidateName): Candidate {
	return CANDIDATES[name];
}

/** How the bank's setting names a protocol: version 20h by its dialect, version 25h by its socket. */
export type SettingName = "ascii-0x25" | "ascii-0x25-rs485" | "modbus-rtu" | `ascii-0x20-${DialectName}`;

/** The protocol of a name, which may be the one that the bank's setting has for it; null for any other. */
export function candidateNamed(name: string): CandidateName | null {
	const known = CANDIDATE_NAMES.find((candidateName) => candidateName === name);
	if (known !== undefined) return known;
	if (name === "ascii-0x25-rs485") return "ascii-0x25";
	return DIALECT_NAMES.some((dialect) => name === `ascii-0x20-${dialect}`) ? "ascii-0x20" : null;
}

/** The dialect of a 42h reply of version 20h, which its layout tells; null for anything else. */
export function dialectOf(frame: Uint8Array): DialectName | null {
	const check = checkFrame(frame, V20_FAMILY);
	return check.ok ? (readTelemetry(check.frame.info, check.frame.address)?.dialect ?? null) : null;
}

/** How many packs the main pack counts, and one of them by number: the protocol of RS232 alone can ask it for others. */
export const RELAYED = {
	count: asciiV25.packCount,
	pack: asciiV25.telemetry,
	/** Asks whoever is there for itself, at an address that is hardly anybody's. */
	anyone: (address: number) => asciiV25.telemetry(address, 1),
} as const;

/** DIP switches of an address, switch 1 first: it counts 1, the next 2, 4 and 8 (rs232-v25 §4). ■ is on. */
export function dipSwitches(address: number): string {
	return [1, 2, 4, 8].map((weight) => ((address & weight) === 0 ? "□" : "■")).join("");
}
