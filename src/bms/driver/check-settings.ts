import { ConfigError } from "../../errors.ts";
import type { Setting } from "../../settings.ts";
import { BANK_SETTINGS, type BankSettings } from "../options.ts";

/** Throws one ConfigError that names every setting of a bank that cannot be used, and what would be right. */
export function checkBankSettings(settings: BankSettings): void {
	const rows: [string, Setting][] = Object.entries(BANK_SETTINGS);
	const values: Readonly<Record<string, unknown>> = settings;
	const problems = rows.flatMap(([path, row]) => {
		const wanted = unmetBy(row, values[path]);
		return wanted === null ? [] : [{ path, message: `"${path}" must be ${wanted}, not ${JSON.stringify(values[path])}.` }];
	});
	if (problems.length === 0) return;
	throw new ConfigError("invalid", problems.map(({ message }) => message).join(" "), { problems });
}

/** What the row asks for and the value is not; null when it fits. */
function unmetBy(row: Setting, value: unknown): string | null {
	switch (row.type) {
		case "boolean":
			return typeof value === "boolean" ? null : "true or false";
		case "string":
			if (typeof value !== "string") return "a text";
			if (row.choices && !row.choices.includes(value)) return `one of ${row.choices.join(", ")}`;
			return row.pattern === undefined || new RegExp(row.pattern).test(value) ? null : `like ${row.pattern}`;
		default: {
			const isNumber = typeof value === "number" && (row.type === "number" || Number.isInteger(value));
			if (isNumber && value >= row.minimum && value <= row.maximum) return null;
			return `${row.type === "integer" ? "a whole number" : "a number"} from ${row.minimum} to ${row.maximum}`;
		}
	}
}
