// Writes the generated parts of README.md, docs/ and the help from the tables: `npm run docs`. `--check` only says whether they are fresh.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SUBCOMMAND_GROUPS } from "../src/cli/subcommands.ts";
import { CONTACT_SEMANTICS } from "../src/dry-contact/contact-semantics.ts";
import { LANGUAGES, type Language } from "../src/languages.ts";
import { ruleSentences, TRIGGER_HEADS, triggerRows } from "../src/load-shedding/rule-table.ts";
import { table } from "./markdown-table.ts";
import { commandsInShort, REFERENCE_DOCUMENT } from "./reference-docs.ts";
import { scenarioDocument } from "./scenario-docs.ts";

const ROOT = join(import.meta.dirname, "..");

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

/** The subcommands of the command line. */
function subcommandsPart(): string {
	const rows = Object.entries(SUBCOMMAND_GROUPS).flatMap(([group, commands]) =>
		Object.entries(commands).map(([name, { summary }], index) => [index === 0 ? group : "", `\`${name}\``, summary]),
	);
	return table(["", "`rack-battery …`", "what it does"], rows);
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
			commands: () => `${commandsInShort()}\n`,
			nodes: () => `${nodesPart()}\n`,
			subcommands: () => `${subcommandsPart()}\n`,
			contacts: () => `${contactsPart()}\n`,
		},
	},
	REFERENCE_DOCUMENT,
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
