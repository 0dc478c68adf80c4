import type { Setting } from "../settings.ts";

/** What would be right for a setting, as the end of "must be …". */
export function expectedWords(row: Setting): string {
	switch (row.type) {
		case "boolean":
			return "true or false";
		case "integer":
		case "number": {
			const unit = row.unit === undefined ? "" : ` ${row.unit}`;
			return `a ${row.type === "integer" ? "whole number" : "number"} from ${row.minimum} to ${row.maximum}${unit}`;
		}
		case "string": {
			if (row.choices)
				return row.choices.length === 1 ? `"${row.choices[0]}"` : `one of ${row.choices.map((choice) => `"${choice}"`).join(", ")}`;
			if (row.pattern) return `right for this: ${row.description}`;
			return `a text${row.example === undefined ? "" : `, for example ${row.example}`}`;
		}
	}
}

/** A value as it is shown in a message: short, and never a secret's. */
export function shownValue(row: Setting | undefined, value: unknown): string {
	if (row?.secret) return "the value given";
	const text = JSON.stringify(withoutCredentials(value));
	return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** An address without what stands before its last @. */
function withoutCredentials(value: unknown): unknown {
	if (typeof value !== "string" || !value.includes("@")) return value;
	const scheme = /^[a-z]+:\/\//i.exec(value)?.[0] ?? "";
	return `${scheme}***@${value.slice(value.lastIndexOf("@") + 1)}`;
}
