import type { SettingsOf } from "../settings.ts";
import { ADDRESS_LIST_PATTERN } from "./address-list.ts";

/** TABLE of the settings of one bank: line, protocol, polling, truth. */
export const BANK_SETTINGS = {
	id: {
		type: "string",
		default: "bank",
		pattern: "^[a-z0-9][a-z0-9_-]{0,31}$",
		description: "Short name used in topics and ids: small letters, digits, - and _. Changing it makes new entities in Home Assistant.",
	},
	name: { type: "string", default: "Battery bank", description: "Name shown to people." },
	port: {
		type: "string",
		default: "simulator",
		example: "/dev/ttyUSB0",
		description: "Where the battery is: a serial port (/dev/ttyUSB0, COM3), a serial gateway (tcp://192.168.1.20:8899) or `simulator`.",
	},
	baudRate: {
		type: "integer",
		default: 9600,
		minimum: 1200,
		maximum: 115200,
		unit: "baud",
		description: "Speed of the serial port; PACE boards use 9600.",
	},
	protocol: {
		type: "string",
		default: "ascii-0x25",
		choices: [
			"ascii-0x25",
			"modbus-rtu",
			"ascii-0x20-pace",
			"ascii-0x20-pylontech",
			"ascii-0x20-eg4",
			"ascii-0x20-seplos",
			"ascii-0x25-rs485",
			"auto",
		],
		description:
			"What the battery speaks on that port. `ascii-0x25`: the RS232 socket of one pack, which answers for all. The others: an RS485 socket, " +
			"where every pack answers for itself: `modbus-rtu` (inverter protocol PACE_MODBUS), `ascii-0x20-pace` (a PACE board set to Pylon), " +
			"`ascii-0x20-pylontech`, `-eg4`, `-seplos` (other makes), `ascii-0x25-rs485` (the link sockets). `auto` finds out, also the speed; " +
			"on RS232 its questions wake a sleeping pack.",
	},
	packs: {
		type: "integer",
		default: 0,
		minimum: 0,
		maximum: 15,
		description: "How many packs the bank has; 0 asks the battery. With a number, a pack that never answered is shown as missing.",
	},
	writeClasses: {
		type: "string",
		default: "",
		pattern: "^\\s*((comfort|control|parameter)(\\s*,\\s*(comfort|control|parameter))*)?\\s*$",
		example: "comfort, control",
		description:
			"What may be changed in the battery, as a list: `comfort` (buzzer, LED, clock), `control` (MOSFETs, current limiter, shutdown), " +
			"`parameter` (protection limits, defaults, inverter protocol, stored records). Empty: it is only read. `control` and `parameter` " +
			"also need the administrator password each time.",
	},
	addresses: {
		type: "string",
		default: "",
		pattern: ADDRESS_LIST_PATTERN,
		example: "1-4, 6",
		description:
			"RS485 only: addresses of the packs on the line, such as `1-4, 6`; one that never answered is shown as missing. Empty: as many as " +
			"`packs` tells, from the first address of the protocol on (Pylontech 2, Seplos 0, a PACE board in Pylon mode is searched for, others 1); " +
			"with 0 packs all addresses are searched.",
	},
	firstByteTimeoutMs: {
		type: "integer",
		default: 800,
		minimum: 500,
		maximum: 3000,
		unit: "ms",
		description: "How long to wait for the first byte of an answer.",
	},
	interCharacterTimeoutMs: {
		type: "integer",
		default: 150,
		minimum: 50,
		maximum: 2000,
		unit: "ms",
		description: "How long a started answer may pause; raise it for slow network gateways.",
	},
	gapMs: { type: "integer", default: 50, minimum: 50, maximum: 5000, unit: "ms", description: "Pause between two requests." },
	attempts: {
		type: "integer",
		default: 2,
		minimum: 1,
		maximum: 5,
		description: "How often a question is asked before it counts as unanswered.",
	},
	statusShare: {
		type: "integer",
		default: 1,
		minimum: 1,
		maximum: 15,
		description: "How many packs' cells are read between two readings of the alarms; 1 = alarms are asked between any two other questions.",
	},
	staleAfterMs: {
		type: "integer",
		default: 60000,
		minimum: 2000,
		maximum: 3600000,
		unit: "ms",
		description: "Age at which a pack's readings no longer count as live.",
	},
	statusStaleAfterMs: {
		type: "integer",
		default: 15000,
		minimum: 2000,
		maximum: 3600000,
		unit: "ms",
		description: "Age at which the bank's alarm state no longer counts as known.",
	},
	currentDeadBandA: {
		type: "number",
		default: 0.3,
		minimum: 0,
		maximum: 10,
		unit: "A",
		description: "Currents smaller than this count as idle, neither charging nor discharging.",
	},
	sleepGuard: {
		type: "boolean",
		default: true,
		description:
			"Lets a nearly empty battery sleep: near its sleep voltage and without current it is asked less often, then no more, and is shown as asleep.",
	},
	sleepProbeMinutes: {
		type: "integer",
		default: 60,
		minimum: 5,
		maximum: 1440,
		unit: "min",
		description: "How long a sleeping battery is left alone before it is asked again. On RS232 every question wakes it.",
	},
} as const satisfies Record<string, import("../settings.ts").Setting>;

export type BankSettings = SettingsOf<typeof BANK_SETTINGS>;
