import type { SettingsOf } from "../settings.ts";

/** TABLE of the settings of the simulated bank. */
export const SIMULATOR_SETTINGS = {
	protocol: {
		type: "string",
		default: "ascii-0x25",
		choices: [
			"ascii-0x25",
			"ascii-0x25-rs485",
			"ascii-0x20-pylontech",
			"ascii-0x20-pace",
			"ascii-0x20-eg4",
			"ascii-0x20-seplos",
			"modbus-rtu",
		],
		description:
			"What the simulated bank speaks: on RS232 (ascii-0x25) one pack answers for all, on RS485 every pack for itself. The bank's own protocol must say the same, or auto.",
	},
	packs: { type: "integer", default: 2, minimum: 1, maximum: 15, description: "Packs in the simulated bank." },
	cells: { type: "integer", default: 16, minimum: 1, maximum: 24, description: "Cells of each pack." },
	probes: { type: "integer", default: 6, minimum: 0, maximum: 16, description: "Temperature probes of each pack." },
	capacityAh: { type: "number", default: 100, minimum: 5, maximum: 650, unit: "Ah", description: "Design capacity of each pack." },
	stateOfCharge: { type: "number", default: 72, minimum: 0, maximum: 100, unit: "%", description: "State of charge at the start." },
	loadW: {
		type: "number",
		default: 600,
		minimum: -20000,
		maximum: 20000,
		unit: "W",
		description: "What the house draws from the bank on average; negative charges it.",
	},
	firmware: {
		type: "string",
		default: "new",
		choices: ["old", "new"],
		description: "`old` answers without the tail, `new` with the 14-byte tail (SOC, SOH).",
	},
	baudRate: {
		type: "integer",
		default: 9600,
		minimum: 0,
		maximum: 115200,
		unit: "baud",
		description: "Speed the simulated line keeps; 0 answers at once.",
	},
	answerDelayMs: { type: "integer", default: 30, minimum: 0, maximum: 5000, unit: "ms", description: "Pause before an answer." },
	flickerDigits: {
		type: "integer",
		default: 0,
		minimum: 0,
		maximum: 10,
		description:
			"Over how many of their last digits the readings flicker, as real ones do (1 mV of a cell, 10 mA, 0.1 °C each); 0 keeps them still.",
	},
	seed: {
		type: "integer",
		default: 1,
		minimum: 0,
		maximum: 2147483647,
		description: "Start of the simulator's own random numbers; the same seed gives the same bank.",
	},
	replay: {
		type: "string",
		default: "",
		example: "captured.json",
		description: "File of captured replies to answer with instead of simulating.",
	},
	scenario: {
		type: "string",
		default: "",
		example: "normal-day",
		description: "What happens to the simulated bank over time: a ready scenario by its name, or a file; see docs/scenarios.md.",
	},
	timeFactor: {
		type: "integer",
		default: 1,
		minimum: 1,
		maximum: 600,
		unit: "x",
		description: "How much faster the simulated bank, and all that reads it here, lives. Above 1 its line answers at once.",
	},
} as const satisfies Record<string, import("../settings.ts").Setting>;

export type SimulatorSettings = SettingsOf<typeof SIMULATOR_SETTINGS>;
