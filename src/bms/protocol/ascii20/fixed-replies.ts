import { DecodeError } from "../../../errors.ts";
import type { ClockTime } from "../../battery/stored-record.ts";
import { decodeAll, type Layout, sizeOfLayout } from "../../codec/layout.ts";
import { isClock, localTimeOf } from "../ascii/ascii-clock.ts";

/**
 * TABLE of the replies of version 20h that have one layout each, by CID2 (rs485-v20 §§3.1, 3.5, 4, 5). Told apart by
 * length where a dialect sends another.
 */
interface FixedCommand {
	readonly label: string;
	readonly forms: readonly Layout[];
}

const TEMPERATURE = { type: "u16", perUnit: 10, zero: 2731 } as const;
const COMMAND = { name: "address", type: "u8" } as const;

/** Date and time of 4Dh and 4Eh: full year (rs485-v20 §§2, 4). */
export const V20_CLOCK = [
	{ name: "year", type: "u16" },
	{ name: "month", type: "u8" },
	{ name: "day", type: "u8" },
	{ name: "hour", type: "u8" },
	{ name: "minute", type: "u8" },
	{ name: "second", type: "u8" },
] as const satisfies Layout;

export const FIXED_COMMANDS = {
	/** §3.5; Seplos's is longer and its layout not published */
	71: {
		label: "limits of the battery",
		forms: [
			[
				{ name: "flag", type: "u8" },
				{ name: "cellHighVoltage", type: "u16", perUnit: 1000 },
				{ name: "cellLowVoltageAlarm", type: "u16", perUnit: 1000 },
				{ name: "cellUndervoltage", type: "u16", perUnit: 1000 },
				{ name: "chargeHighTemperature", ...TEMPERATURE },
				{ name: "chargeLowTemperature", ...TEMPERATURE },
				{ name: "chargeCurrent", type: "i16", perUnit: 10 },
				{ name: "packHighVoltage", type: "u16", perUnit: 1000 },
				{ name: "packLowVoltageAlarm", type: "u16", perUnit: 1000 },
				{ name: "packUndervoltage", type: "u16", perUnit: 1000 },
				{ name: "dischargeHighTemperature", ...TEMPERATURE },
				{ name: "dischargeLowTemperature", ...TEMPERATURE },
				{ name: "dischargeCurrent", type: "i16", perUnit: 10 },
			],
		],
	},
	/** §4: no flag, full year */
	77: {
		label: "clock",
		forms: [V20_CLOCK],
	},
	/** The version is the VER of the reply. */
	79: { label: "protocol version", forms: [[]] },
	/** §3.1 and §5: no flag; §4: EG4's, of which only the maker is understood */
	81: {
		label: "maker and software version",
		forms: [
			[
				{ name: "name", type: "ascii", length: 10 },
				{ name: "majorVersion", type: "u8" },
				{ name: "minorVersion", type: "u8" },
				{ name: "manufacturer", type: "ascii", length: 20 },
			],
			[
				{ name: "name", type: "ascii", length: 22 },
				{ name: "manufacturer", type: "ascii", length: 20 },
				{ name: "unknown", type: "u32" },
			],
		],
	},
	/** §3.1, Pylontech V2.8 */
	144: { label: "number of packs", forms: [[{ name: "packCount", type: "u8" }]] },
	146: {
		label: "charge and discharge limits",
		forms: [
			[
				COMMAND,
				{ name: "chargeVoltageLimit", type: "u16", perUnit: 1000 },
				{ name: "dischargeVoltageLimit", type: "u16", perUnit: 1000 },
				{ name: "chargeCurrentLimit", type: "i16", perUnit: 10 },
				{ name: "dischargeCurrentLimit", type: "i16", perUnit: 10 },
				{
					name: "enabled",
					type: "bits",
					label: "status",
					bits: { 3: "fullChargeRequest", 4: "chargeImmediately2", 5: "chargeImmediately1", 6: "dischargeEnabled", 7: "chargeEnabled" },
				},
			],
		],
	},
	147: { label: "serial number", forms: [[COMMAND, { name: "serial", type: "ascii", length: 16 }]] },
	150: {
		label: "firmware",
		forms: [[COMMAND, { name: "manufacturerVersion", type: "u8", times: 2 }, { name: "mainLineVersion", type: "u8", times: 3 }]],
	},
} as const satisfies Record<number, FixedCommand>;

export type FixedCode = keyof typeof FIXED_COMMANDS;

export function isFixedCode(code: number): code is FixedCode {
	return Object.hasOwn(FIXED_COMMANDS, code);
}

/** Named values of a reply; null when the command has no form of this length. Throws DecodeError `implausible` for an impossible clock. */
export function readFixed(code: FixedCode, info: Uint8Array): Readonly<Record<string, unknown>> | null {
	const forms: readonly Layout[] = FIXED_COMMANDS[code].forms;
	const form = forms.find((one) => sizeOfLayout(one) === info.length);
	if (form === undefined) return null;
	const { flag: _, unknown: __, address: ___, ...values }: Record<string, unknown> = decodeAll(form, info);
	return TELL[code]?.(values) ?? values;
}

type Values = Readonly<Record<string, unknown>>;

const TELL: { readonly [C in FixedCode]?: (values: Values) => Values } = {
	77: clockOf,
	81: ({ name, manufacturer, majorVersion, minorVersion }) => ({
		name,
		version: majorVersion === undefined ? null : `${majorVersion}.${minorVersion}`,
		// Pylontech fills up with dashes.
		manufacturer: typeof manufacturer === "string" ? manufacturer.replace(/-+$/, "") : null,
	}),
	150: ({ manufacturerVersion, mainLineVersion }) => ({
		manufacturerVersion: (manufacturerVersion as number[]).join("."),
		mainLineVersion: (mainLineVersion as number[]).join("."),
	}),
};

function clockOf(values: Values): Values {
	const time = values as unknown as ClockTime;
	if (!isClock(time)) throw new DecodeError("implausible", "The battery's clock shows no possible date and time.");
	return { localTime: localTimeOf(time) };
}

/** Replies whose length and content say what they answer; of the others many have the same length. */
const TELLING = [0x47, 0x4d, 0x51, 0x92, 0x93] as const satisfies readonly FixedCode[];

/** The command a lone reply answers, by its shape; null when it could be several. */
export function inferFixed(info: Uint8Array): FixedCode | null {
	return (
		TELLING.find((code) => FIXED_COMMANDS[code].forms.some((form: Layout) => sizeOfLayout(form) === info.length) && LOOKS[code](info)) ??
		null
	);
}

const isPrintable = (bytes: Uint8Array) => bytes.every((byte) => byte === 0 || (byte >= 0x20 && byte <= 0x7e));
const word = (info: Uint8Array, at: number) => (info[at] ?? 0) * 256 + (info[at + 1] ?? 0);

const LOOKS: { readonly [C in (typeof TELLING)[number]]: (info: Uint8Array) => boolean } = {
	// High limit above low alarm above under-voltage, as a cell can have.
	71: (info) => word(info, 1) < 5000 && word(info, 1) > word(info, 3) && word(info, 3) >= word(info, 5) && word(info, 5) > 1000,
	77: (info) => word(info, 0) >= 2000 && word(info, 0) < 2100 && (info[2] ?? 0) <= 12,
	81: (info) => isPrintable(info.subarray(0, 10)) && isPrintable(info.subarray(info.length === 32 ? 12 : 22, info.length === 32 ? 32 : 42)),
	146: (info) => word(info, 1) > word(info, 3) && word(info, 3) > 10_000 && ((info[9] ?? 0) & 0x07) === 0,
	147: (info) => isPrintable(info.subarray(1)) && (info[1] ?? 0) > 0x20,
};
