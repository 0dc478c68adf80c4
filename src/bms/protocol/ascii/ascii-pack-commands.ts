import type { InverterProtocol } from "../../battery/stored-record.ts";
import { SWITCH_KEYS, type SwitchKey } from "../../battery/switches.ts";
import type { Layout, ValueOf } from "../../codec/layout.ts";
import { CLOCK } from "./ascii-clock.ts";
import { CONTROL, INDICATION } from "./ascii-status-bits.ts";

/**
 * TABLES of what can be asked of and done to the pack with the cable beyond its readings and parameters: codes,
 * requests and replies (rs232-v25 §§9, 10, 11, 13). What it acknowledges, it acknowledges with an empty INFO.
 */

const NOTHING = [] as const satisfies Layout;

/** CAN code, RS485 code, and whether the battery finds them by itself (rs232-v25 §13). */
export const INVERTER_PROTOCOL = [
	{ name: "can", type: "u8" },
	{ name: "rs485", type: "u8" },
	{ name: "type", type: "u8" },
] as const satisfies Layout;
const MODES = { automatic: 0, manual: 1 } as const satisfies Record<InverterProtocol["mode"], number>;

/** The vendor's program sends one byte, the document none (rs232-v25 §9.3). */
const SHUT_DOWN = [{ name: "one", type: "u8" }] as const satisfies Layout;
const RECORD_INDEX = [{ name: "index", type: "u16" }] as const satisfies Layout;

/** A command of the pack with the cable. */
export interface AsciiPackCommand {
	/** CID2. */
	readonly code: number;
	/** In the user's words. */
	readonly label: string;
	readonly request: Layout;
}

export const ASCII_PACK_COMMANDS = {
	/** §10.2 */
	readRecord: { code: 0xa1, label: "stored record", request: RECORD_INDEX },
	/** §10.3 */
	clearRecords: { code: 0xb3, label: "deletion of the stored records", request: NOTHING },
	/** §10.1 */
	setClock: { code: 0xb2, label: "setting the clock", request: CLOCK },
	/** §9.3 */
	shutDown: { code: 0x9c, label: "shutdown", request: SHUT_DOWN },
	/** §11 */
	restoreDefaults: { code: 0xa4, label: "restoring the defaults", request: NOTHING },
	/** §13 */
	readInverterProtocol: { code: 0xeb, label: "inverter protocol", request: NOTHING },
	setInverterProtocol: { code: 0xec, label: "setting the inverter protocol", request: INVERTER_PROTOCOL },
} as const satisfies Record<string, AsciiPackCommand>;

export type AsciiPackCommandName = keyof typeof ASCII_PACK_COMMANDS;
export const ASCII_PACK_COMMAND_NAMES = Object.keys(ASCII_PACK_COMMANDS) as readonly AsciiPackCommandName[];

/** How something is switched: the command, its INFO byte for on and for off, and what the answer tells. */
export interface AsciiSwitch {
	/** CID2. */
	readonly code: number;
	readonly on: number;
	readonly off: number;
	readonly reply: Layout;
}

/** Reply of 99h as captured: the code echoed, then the control byte afterwards; by a newer document it is empty (§9.1). */
export const CONTROL_REPLY = [
	{ name: "echo", type: "u8" },
	{ name: "states", type: "bits", label: "C", bits: CONTROL },
] as const satisfies Layout;
/** Reply of 9Ah and 9Bh: the indication byte afterwards (§9.2). */
export const INDICATION_REPLY = [{ name: "states", type: "bits", label: "I", bits: INDICATION }] as const satisfies Layout;

/** TABLE of the switches on the wire; on and off by the vendor's documents (§9.1, §9.2; LED and limiter disputed, §6.4). */
export const ASCII_SWITCHES = {
	buzzer: { code: 0x99, on: 0x0d, off: 0x0c, reply: CONTROL_REPLY },
	ledAlarm: { code: 0x99, on: 0x06, off: 0x07, reply: CONTROL_REPLY },
	currentLimiter: { code: 0x99, on: 0x0a, off: 0x0b, reply: CONTROL_REPLY },
	limiterGearLow: { code: 0x99, on: 0x09, off: 0x08, reply: CONTROL_REPLY },
	chargeMosfet: { code: 0x9a, on: 0x00, off: 0x01, reply: INDICATION_REPLY },
	dischargeMosfet: { code: 0x9b, on: 0x00, off: 0x01, reply: INDICATION_REPLY },
} as const satisfies Record<SwitchKey, AsciiSwitch>;

/** What a request of 99h, 9Ah or 9Bh switches; null for a code nobody offers. */
export function switchOfRequest(code: number, info: Uint8Array): { readonly key: SwitchKey; readonly on: boolean } | null {
	for (const key of SWITCH_KEYS) {
		const row: AsciiSwitch = ASCII_SWITCHES[key];
		if (row.code !== code || info.length !== 1) continue;
		if (info[0] === row.on) return { key, on: true };
		if (info[0] === row.off) return { key, on: false };
	}
	return null;
}

/** Whether a CID2 is that of switches. */
export function isSwitchCode(code: number): boolean {
	return SWITCH_KEYS.some((key) => ASCII_SWITCHES[key].code === code);
}

type InverterProtocolValue = ValueOf<typeof INVERTER_PROTOCOL>;

/** What the bytes say; null for a type no document names. */
export function inverterProtocolOf({ can, rs485, type }: InverterProtocolValue): InverterProtocol | null {
	const mode = (["automatic", "manual"] as const).find((name) => MODES[name] === type);
	return mode === undefined ? null : { can, rs485, mode };
}

/** The bytes that say it. */
export function inverterProtocolValue({ can, rs485, mode }: InverterProtocol): InverterProtocolValue {
	return { can, rs485, type: MODES[mode] };
}
