// Writes the generated parts of README.md from the tables: `npm run docs`. `--check` only says whether they are fresh.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONDITION_KEYS, conditionOf } from "../src/bms/battery/conditions.ts";
import { BANK_DATAPOINTS, type Datapoint, PACK_DATAPOINTS } from "../src/bms/battery/datapoints.ts";
import { QUANTITIES } from "../src/bms/battery/quantities.ts";
import { BANK_SETTINGS } from "../src/bms/options.ts";
import { MQTT_SETTINGS } from "../src/discovery/options.ts";
import { CONTACT_SEMANTICS } from "../src/dry-contact/contact-semantics.ts";
import { CONTACT_SETTINGS } from "../src/dry-contact/options.ts";
import { LANGUAGES, type Language } from "../src/languages.ts";
import { ruleSentences, TRIGGER_HEADS, triggerRows } from "../src/load-shedding/rule-table.ts";
import { SERVER_SETTINGS } from "../src/server/options.ts";
import type { Setting, SettingsTable } from "../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../src/simulator/options.ts";
import { scenarioDocument } from "./scenario-docs.ts";

const ROOT = join(import.meta.dirname, "..");

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
	[row(head), `|${head.map(() => "---|").join("")}`, ...rows.map(row)].join("\n");

function range(setting: Setting): string {
	if ("choices" in setting && setting.choices) return setting.choices.map((choice) => `\`${choice}\``).join(", ");
	if ("minimum" in setting) return `${setting.minimum} to ${setting.maximum}${setting.unit ? ` ${setting.unit}` : ""}`;
	if (setting.type === "boolean") return "true, false";
	return "example" in setting && setting.example ? `e.g. \`${setting.example}\`` : "text";
}

function settingsTable(section: string, settings: SettingsTable): string {
	const rows = Object.entries(settings).map(([key, setting]) => {
		const value = setting.default === "" ? "(empty)" : `\`${setting.default}\``;
		return [`\`${section}.${key}\``, value, range(setting), setting.description + (setting.secret ? " Secret." : "")];
	});
	return table(["setting", "default", "range", "meaning"], rows);
}

function settingsPart(): string {
	return [
		settingsTable("bank", BANK_SETTINGS),
		settingsTable("mqtt", MQTT_SETTINGS),
		settingsTable("contacts", CONTACT_SETTINGS),
		settingsTable("server", SERVER_SETTINGS),
		settingsTable("simulator", SIMULATOR_SETTINGS),
		"In the environment `bank.baudRate` is `RACK_BATTERY_BANK_BAUD_RATE`, and so on.",
	].join("\n\n");
}

function datapointRows(scope: string, points: Readonly<Record<string, Datapoint>>): string[][] {
	return Object.entries(points).map(([key, point]) => {
		const remarks = [point.list ? `one for each ${point.list}` : "", point.sign ?? "", point.derived ? "computed here" : ""].filter(
			Boolean,
		);
		return [scope, point.label, `\`${key}\``, QUANTITIES[point.quantity].unit || "-", remarks.join("; ")];
	});
}

function vocabularyPart(): string {
	const readings = table(
		["of", "reading", "name in messages", "unit", "remarks"],
		[...datapointRows("pack", PACK_DATAPOINTS), ...datapointRows("bank", BANK_DATAPOINTS)],
	);
	const conditions = table(
		["class", "item", "code", "slug", "meaning", "remarks"],
		CONDITION_KEYS.map((key) => {
			const condition = conditionOf(key);
			const remark = condition.isState
				? "a state, never a problem"
				: condition.unsupported
					? "no known bit: unsupported"
					: condition.undocumented
						? "shown with this name, off by default"
						: "";
			return [
				condition.class,
				condition.item === null ? "-" : String(condition.item),
				condition.code,
				`\`${condition.slug}\``,
				condition.label,
				remark,
			];
		}),
	);
	return `${readings}\n\nItem and code are those of the manual's pages (§5.2.1).\n\n${conditions}`;
}

function nodesPart(): string {
	const folder = join(ROOT, "nodes");
	const nodes = readdirSync(folder).filter((name) => existsSync(join(folder, name, `${name}.html`)));
	const rows = nodes.map((name) => {
		const help = readFileSync(join(folder, name, "locales", "en-US", `${name}.html`), "utf8");
		const firstParagraph = /<p>([\s\S]*?)<\/p>/.exec(help)?.[1] ?? "";
		return [
			`\`${name}\``,
			firstParagraph
				.replace(/<[^>]+>/g, "")
				.replace(/\s+/g, " ")
				.trim(),
		];
	});
	return table(["node", "what it does"], rows);
}

function contactsPart(): string {
	return table(
		["step", "exactly"],
		CONTACT_SEMANTICS.map(({ step, meaning }) => [step["en-US"], meaning["en-US"]]),
	);
}

/** The semantics of the contacts as a list of the help. */
function contactHelpPart(language: Language): string {
	const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
	const items = CONTACT_SEMANTICS.map(({ step, meaning }) => [
		`\t\t<dt>${escaped(step[language])}</dt>`,
		`\t\t<dd>${escaped(meaning[language])}</dd>`,
	]);
	return ['\t<dl class="message-properties">', ...items.flat(), "\t</dl>\n\t"].join("\n");
}

/** The rules of the load shedding as a table and a list of the help. */
function shedHelpPart(language: Language): string {
	const cells = (name: string, texts: readonly string[]) => texts.map((text) => `<${name}>${text}</${name}>`).join("");
	const heads = TRIGGER_HEADS.map((head) => head[language]);
	const lines = [`<tr>${cells("th", heads)}</tr>`, ...triggerRows(language).map((columns) => `<tr>${cells("td", columns)}</tr>`)];
	const rules = ruleSentences(language).map((text) => `\t\t<li>${text}</li>`);
	return ["\t<table>", ...lines.map((line) => `\t\t${line}`), "\t</table>", "\t<ol>", ...rules, "\t</ol>\n\t"].join("\n");
}

/** TABLE of the files with generated parts: what stands between the marks `<!-- name:begin -->` and `<!-- name:end -->`. */
const DOCUMENTS: readonly { readonly file: string; readonly parts: Readonly<Record<string, () => string>> }[] = [
	{
		file: "README.md",
		parts: {
			settings: () => `${settingsPart()}\n`,
			vocabulary: () => `${vocabularyPart()}\n`,
			nodes: () => `${nodesPart()}\n`,
			contacts: () => `${contactsPart()}\n`,
		},
	},
	scenarioDocument(table),
	...LANGUAGES.map((language) => ({
		file: `nodes/rack-battery-contact/locales/${language}/rack-battery-contact.html`,
		parts: { semantics: () => contactHelpPart(language) },
	})),
	...LANGUAGES.map((language) => ({
		file: `nodes/rack-battery-load-shed/locales/${language}/rack-battery-load-shed.html`,
		parts: { rules: () => shedHelpPart(language) },
	})),
];

/** A document with every generated part renewed. */
function renewed(file: string, text: string, parts: Readonly<Record<string, () => string>>): string {
	return Object.entries(parts).reduce((result, [name, write]) => {
		const mark = new RegExp(`(<!-- ${name}:begin -->)[\\s\\S]*?(<!-- ${name}:end -->)`);
		if (!mark.test(result)) throw new Error(`${file} has no marks <!-- ${name}:begin --> and <!-- ${name}:end -->`);
		return result.replace(mark, (_all, begin: string, end: string) => `${begin}\n${write()}${end}`);
	}, text);
}

for (const { file, parts } of DOCUMENTS) {
	const path = join(ROOT, file);
	const before = readFileSync(path, "utf8");
	const after = renewed(file, before, parts);
	if (after === before) continue;
	if (process.argv.includes("--check")) {
		process.stderr.write(`The generated parts of ${file} are out of date: run \`npm run docs\`.\n`);
		process.exitCode = 1;
	} else {
		writeFileSync(path, after);
	}
}
