/** TABLE of the inverter protocols by code (rs232-v25 §13); codes 17h and 18h of the two lists are disputed. */
// biome-ignore format: ten a line read as a table
export const INVERTER_PROTOCOLS = {
	can: [
		"PACE", "Pylontech / Deye", "Growatt", "Victron", "Schneider / SE", "LuxPower", "SRD / SoroTec", "SMA", "GoodWe", "Studer",
		"Sofar", "Must / PV", "Solis / Jinlang", "DIDU", "Senergy", "TBB", "Pylontech V202", "Growatt V109", "Must V202", "Afore",
		"Invt / YWT", "Fuji", "Sofar V21003",
	],
	rs485: [
		"PACE Modbus", "Pylontech / Deye", "Growatt", "Voltronic", "Schneider / SE", "Phocos", "LuxPower", "Solar", "Lithium / Smark",
		"EP / MSL", "RTU04", "LuxPower V01", "LuxPower V03", "SRNE / WOW", "Leoch", "Pylontech F", "Afore", "UPS AGXN", "Sunpolo",
		"Xiongtao", "Rongke", "Xinrui", "Eltek",
	],
} as const satisfies Record<"can" | "rs485", readonly string[]>;

/** Name of a code; a code that no source (or only one of two) names says so. */
export function inverterProtocolName(kind: "can" | "rs485", code: number): string {
	return INVERTER_PROTOCOLS[kind][code] ?? `code ${code} (unknown)`;
}

/** Instead of a code, in a request: leaves that one as it is (rs232-v25 §13). */
export const UNCHANGED_INVERTER_PROTOCOL = 0xff;
