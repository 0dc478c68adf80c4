import type { SettingsOf, SettingsTable } from "../settings.ts";

/** TABLE of the settings of the outage autonomy. */
export const AUTONOMY_SETTINGS = {
	lowAlarmPercent: {
		type: "number",
		default: 5,
		minimum: 0,
		maximum: 50,
		unit: "%",
		description: "State of charge at which the battery raises its low-charge alarm (user manual: 5 %).",
	},
	reservePercent: {
		type: "number",
		default: 5,
		minimum: 0,
		maximum: 80,
		unit: "%",
		description: "What shall be left above the low-charge alarm when the time is over.",
	},
	chargeErrorPercent: {
		type: "number",
		default: 3,
		minimum: 0,
		maximum: 30,
		unit: "%",
		description: "How far the battery's state of charge may be off; widens the range of the time left.",
	},
	smoothingMinutes: {
		type: "number",
		default: 10,
		minimum: 1,
		maximum: 120,
		unit: "min",
		description: "How far back the smoothed power looks.",
	},
} as const satisfies SettingsTable;

export type AutonomySettings = SettingsOf<typeof AUTONOMY_SETTINGS>;
