import type { SettingsOf, SettingsTable } from "../settings.ts";
import { SEVERITIES } from "./severity.ts";

const TIME_OF_DAY = "^([01]\\d|2[0-3]):[0-5]\\d$";

/** TABLE of the settings of the alarm manager. */
export const NOTIFICATION_SETTINGS = {
	watch: {
		type: "string",
		default: "battery",
		choices: ["battery", "messages"],
		description: "Watch the battery itself (alarms, line, missing packs, wired contacts), or tell only what messages say.",
	},
	tellFrom: {
		type: "string",
		default: "info",
		choices: SEVERITIES,
		description: "Least urgent messages that are sent; what is below still stands in the list.",
	},
	confirmReads: {
		type: "integer",
		default: 2,
		minimum: 1,
		maximum: 10,
		description: "Alarm readings of the battery in a row that make an alarm, and its end, certain.",
	},
	confirmSeconds: {
		type: "integer",
		default: 5,
		minimum: 0,
		maximum: 600,
		unit: "s",
		description: "How long something else (a wired contact, the line that is back) must last to be certain.",
	},
	watchdogMinutes: {
		type: "number",
		default: 2,
		minimum: 0.5,
		maximum: 1440,
		unit: "min",
		description: "Age of the last good reading at which the battery counts as silent, and a pack as missing.",
	},
	quietFrom: {
		type: "string",
		default: "22:00",
		pattern: TIME_OF_DAY,
		example: "22:00",
		description: "Begin of the quiet hours, by the clock of this machine; the same as their end means none.",
	},
	quietTo: {
		type: "string",
		default: "07:00",
		pattern: TIME_OF_DAY,
		example: "07:00",
		description: "End of the quiet hours, when what was held back comes as one digest.",
	},
	escalateFrom: {
		type: "string",
		default: "critical",
		choices: ["warning", "critical"],
		description: "Least urgent messages that go on to the next step while nobody acknowledges them.",
	},
	escalationMinutes: {
		type: "string",
		default: "5, 10, 15",
		pattern: "^\\s*(\\d+(\\.\\d+)?\\s*(,\\s*\\d+(\\.\\d+)?\\s*)*)?$",
		example: "5, 10, 15",
		description: "Minutes after the first message at which the next steps are told; empty for none.",
	},
	repeatCautionMinutes: {
		type: "integer",
		default: 360,
		minimum: 0,
		maximum: 10080,
		unit: "min",
		description: "Time between reminders of a caution that lasts; 0 for none.",
	},
	repeatWarningMinutes: {
		type: "integer",
		default: 60,
		minimum: 0,
		maximum: 10080,
		unit: "min",
		description: "Time between reminders of a warning that lasts; 0 for none.",
	},
	repeatCriticalMinutes: {
		type: "integer",
		default: 30,
		minimum: 0,
		maximum: 10080,
		unit: "min",
		description: "Time between reminders of something critical that lasts; 0 for none.",
	},
	mostPerHour: {
		type: "integer",
		default: 6,
		minimum: 1,
		maximum: 60,
		description: "Most messages an hour below critical; what is more comes together as soon as there is room.",
	},
	snoozeMinutes: {
		type: "integer",
		default: 60,
		minimum: 5,
		maximum: 1440,
		unit: "min",
		description: "How long a message that was snoozed stays silent.",
	},
} as const satisfies SettingsTable;

export type NotificationSettings = SettingsOf<typeof NOTIFICATION_SETTINGS>;

/** Minutes of the escalation's steps, rising. */
export function escalationSteps({ escalationMinutes }: Pick<NotificationSettings, "escalationMinutes">): readonly number[] {
	return escalationMinutes
		.split(",")
		.map((text) => text.trim())
		.filter((text) => text !== "")
		.map(Number)
		.sort((one, other) => one - other);
}
