import { INVERTER_PROTOCOLS, inverterProtocolName } from "../bms/battery/inverter-protocols.ts";
import { PARAMETER_KEYS, type ParameterGroupKey, type ParameterKey, type ParameterUnit, parameterOf } from "../bms/battery/parameters.ts";
import type { InverterProtocol } from "../bms/battery/stored-record.ts";
import { SWITCH_KEYS, type SwitchKey, switchOf } from "../bms/battery/switches.ts";
import { COMMANDS, type CommandName, commandOf, type WriteClass } from "../bms/command/command.ts";
import { snakeCase } from "./entities.ts";

/**
 * What Home Assistant can command: one row a writable thing, made from the tables of switches, parameters and
 * commands. A row says what the entity is and which command its payload becomes; whether that may be done is decided
 * below, by the command module alone.
 */
export interface Control {
	/** Last part of its command topic and of its unique id; stable for ever. */
	readonly key: string;
	readonly platform: "switch" | "number" | "select" | "button";
	readonly name: string;
	readonly class: WriteClass;
	readonly icon?: string;
	/** Value in the settings message, as a path; null for a button, which has none. */
	readonly state: string | null;
	/** Only for numbers. */
	readonly range?: { readonly minimum: number; readonly maximum: number; readonly step: number };
	readonly unit?: string;
	readonly deviceClass?: string;
	/** Only for selects. */
	readonly options?: readonly string[];
	/** Only for parameters. */
	readonly parameter?: ParameterKey;
	/** The command its payloads become, and the part of it that a protocol must offer. */
	readonly command: CommandName;
	readonly part?: SwitchKey | ParameterGroupKey;
	/** The arguments a payload means, without the pack; null for a payload that makes no sense. */
	readonly toArguments: (payload: string) => CommandArguments | null;
}

export type CommandArguments = Readonly<Record<string, unknown>>;

/** TABLE of device class and unit of a parameter in Home Assistant. */
const UNITS: Readonly<Record<Exclude<ParameterUnit, "on/off">, { readonly deviceClass?: string; readonly unit: string }>> = {
	V: { deviceClass: "voltage", unit: "V" },
	mV: { deviceClass: "voltage", unit: "mV" },
	A: { deviceClass: "current", unit: "A" },
	mA: { deviceClass: "current", unit: "mA" },
	"°C": { deviceClass: "temperature", unit: "°C" },
	"%": { unit: "%" },
	s: { deviceClass: "duration", unit: "s" },
	ms: { deviceClass: "duration", unit: "ms" },
	µs: { deviceClass: "duration", unit: "µs" },
	min: { deviceClass: "duration", unit: "min" },
};

/** TABLE of the icons of switches. */
const SWITCH_ICONS = {
	buzzer: "mdi:volume-high",
	ledAlarm: "mdi:led-on",
	currentLimiter: "mdi:speedometer-slow",
	limiterGearLow: "mdi:speedometer-slow",
	chargeMosfet: "mdi:battery-arrow-up",
	dischargeMosfet: "mdi:battery-arrow-down",
} as const satisfies Record<(typeof SWITCH_KEYS)[number], string>;

/** TABLE of the buttons. */
const BUTTONS = [
	{ key: "sync_clock", name: "Sync clock", icon: "mdi:clock-check-outline", command: "set-clock" },
	{ key: "shut_down", name: "Shut down", icon: "mdi:power", command: "shut-down" },
	{ key: "restore_defaults", name: "Restore default parameters", icon: "mdi:restore", command: "restore-defaults" },
	{ key: "clear_records", name: "Delete stored records", icon: "mdi:delete-outline", command: "clear-records" },
] as const;

const onOrOff = (payload: string): boolean | null => (payload === "ON" ? true : payload === "OFF" ? false : null);

const switches: readonly Control[] = SWITCH_KEYS.map((key) => {
	const row = switchOf(key);
	return {
		key: snakeCase(key),
		platform: "switch",
		name: `${row.label}${row.unverified ? " (unverified)" : ""}`,
		class: COMMANDS.switch.classOf.classes[key as keyof typeof COMMANDS.switch.classOf.classes] ?? COMMANDS.switch.class,
		icon: SWITCH_ICONS[key],
		state: `switches.${snakeCase(key)}`,
		command: "switch",
		part: key,
		toArguments: (payload) => {
			const on = onOrOff(payload);
			return on === null ? null : { switch: key, on };
		},
	};
});

const parameters: readonly Control[] = PARAMETER_KEYS.map((key): Control => {
	const { group, label, unit, minimum, maximum, step } = parameterOf(key);
	const write = (value: number): CommandArguments => ({ values: { [key]: value } });
	const common = {
		key: snakeCase(key),
		name: label,
		class: "parameter",
		command: "write-parameters",
		part: group,
		parameter: key,
		state: `parameters.${snakeCase(key)}`,
	} as const;
	if (unit === "on/off") {
		return {
			...common,
			platform: "switch",
			icon: "mdi:shield-check-outline",
			toArguments: (payload) => {
				const on = onOrOff(payload);
				return on === null ? null : write(on ? 1 : 0);
			},
		};
	}
	return {
		...common,
		...UNITS[unit],
		platform: "number",
		range: { minimum, maximum, step },
		toArguments: (payload) => {
			const value = numberIn(payload);
			// Home Assistant converts units and may send the noise of binary fractions.
			return value === null ? null : write(Number((Math.round(value / step) * step).toFixed(6)));
		},
	};
});

const AUTOMATIC = "Automatic";

const inverterProtocols: readonly Control[] = (["can", "rs485"] as const).map((kind) => ({
	key: `inverter_protocol_${kind}`,
	platform: "select",
	name: `Inverter protocol ${kind.toUpperCase()}`,
	class: "parameter",
	icon: "mdi:swap-horizontal",
	state: `inverter_protocol.${kind}`,
	options: [AUTOMATIC, ...INVERTER_PROTOCOLS[kind]],
	command: "set-inverter-protocol",
	toArguments: (payload) => {
		if (payload === AUTOMATIC) return { mode: "automatic" };
		const code = (INVERTER_PROTOCOLS[kind] as readonly string[]).indexOf(payload);
		// The two codes are written together: the command reads the other one just before, so that it stays as it is.
		return code < 0 ? null : { mode: "manual", [kind]: code };
	},
}));

const buttons: readonly Control[] = BUTTONS.map(({ key, name, icon, command }) => ({
	key,
	platform: "button",
	name,
	icon,
	class: commandOf(command).class as WriteClass,
	state: null,
	command,
	toArguments: (payload) => (payload === "PRESS" ? {} : null),
}));

/** TABLE of everything Home Assistant can command on a pack. */
export const CONTROLS: readonly Control[] = [...switches, ...inverterProtocols, ...parameters, ...buttons];

/** What a select shows of the inverter protocols; a code without a certain name is unknown to it. */
export function inverterChoice(kind: "can" | "rs485", inverter: InverterProtocol | null): string | null {
	if (inverter === null) return null;
	if (inverter.mode === "automatic") return AUTOMATIC;
	return inverter[kind] in INVERTER_PROTOCOLS[kind] ? inverterProtocolName(kind, inverter[kind]) : null;
}

function numberIn(payload: string): number | null {
	return /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(payload.trim()) ? Number(payload) : null;
}
