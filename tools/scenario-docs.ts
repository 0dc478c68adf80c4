// The generated parts of docs/scenarios.md, from the simulator's own tables.
import { usageOf, wantedWords } from "../src/simulator/action-arguments.ts";
import { ACTIONS } from "../src/simulator/actions.ts";
import { PROFILE_PARTS, SCENARIO_PARTS, START_PARTS, STEP_PARTS } from "../src/simulator/check-scenario.ts";
import { READY_SCENARIOS } from "../src/simulator/ready-scenarios.ts";
import { timeText } from "../src/simulator/scenario.ts";
import type { Table } from "./markdown-table.ts";

function readyPart(table: Table): string {
	const rows = READY_SCENARIOS.map(({ name, description, lastsMs, repeat }) => [
		`\`${name}\``,
		`${timeText(lastsMs)}${repeat ? ", repeats" : ""}`,
		description,
	]);
	return table(["name", "lasts", "what happens"], rows);
}

function partsPart(table: Table): string {
	const named = (prefix: string, parts: Readonly<Record<string, string>>) =>
		Object.entries(parts).map(([key, meaning]) => [`\`${prefix}${key}\``, meaning]);
	return table(
		["part", "meaning"],
		[...named("", SCENARIO_PARTS), ...named("start.", START_PARTS), ...named("profile.", PROFILE_PARTS), ...named("steps[].", STEP_PARTS)],
	);
}

function actionsPart(table: Table): string {
	const rows = Object.entries(ACTIONS).map(([name, { description, arguments: table, ramp }]) => {
		const named = Object.entries(table).map(([key, argument]) => {
			const slope = ramp?.argument === key ? " (slope)" : "";
			return `\`${argument.optional ? `[${key}]` : key}\`: ${argument.description}, ${wantedWords(argument)}${slope}`;
		});
		const usage = [name, ...Object.entries(table).map(([key, argument]) => usageOf(key, argument))].join(" ");
		return [`\`${name}\``, description, named.join("<br>"), `\`${usage}\``];
	});
	return table(["do", "what it does", "arguments", "as a command"], rows);
}

/** The document and what writes its parts. */
export const scenarioDocument = (table: Table) => ({
	file: "docs/scenarios.md",
	parts: {
		ready: () => `${readyPart(table)}\n`,
		parts: () => `${partsPart(table)}\n`,
		actions: () => `${actionsPart(table)}\n`,
	},
});
