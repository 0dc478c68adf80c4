import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../src/index.ts";

/** Labels and help of every node in every language: the same entries, values and parts, each in words of its own. */

const NODES = join(import.meta.dirname, "..", "..", "nodes");
const types = readdirSync(NODES).filter((name) => existsSync(join(NODES, name, `${name}.html`)));
const pathOf = (type: string, language: string, extension: "json" | "html") =>
	join(NODES, type, "locales", language, `${type}.${extension}`);

type Entries = ReadonlyMap<string, string>;

/** The texts of a catalogue by their keys. */
function entriesOf(catalogue: object, path = ""): [string, string][] {
	return Object.entries(catalogue).flatMap(([key, value]): [string, string][] =>
		typeof value === "string" ? [[path + key, value]] : entriesOf(value as object, `${path}${key}.`),
	);
}
const catalogueOf = (type: string, language: string): Entries =>
	new Map(entriesOf(JSON.parse(readFileSync(pathOf(type, language, "json"), "utf8"))));
const helpOf = (type: string, language: string) => readFileSync(pathOf(type, language, "html"), "utf8");

const all = (text: string, mark: RegExp) => [...text.matchAll(mark)].map((match) => match[1] ?? "");
const sorted = (texts: readonly string[]) => [...texts].sort();
/** What stands in a text for a value or for code: the same in every language. */
const fixedParts = (text: string) =>
	sorted([...all(text, /__(\w+)__/g), ...all(text, /(<[^>]+>)/g), ...all(text, /<code>([^<]*)<\/code>/g)]);
/** Names that are the same in every language. */
const NAMES: readonly string[] = ["PACE ASCII 0x25 (RS232)", "Modbus RTU, PACE_MODBUS (RS485)"];
/** Whether it may read the same in two languages: a name, or a word that both know. */
const isShort = (text: string) => text.split(/\s+/).length <= 3;
const CHINESE = /[\u4e00-\u9fff]/;

const translations = types.flatMap((type) => LANGUAGES.filter((language) => language !== "en-US").map((language) => ({ type, language })));

it("every node has labels and help in every language", () => {
	expect(types.length).toBeGreaterThan(3);
	const missing = types.flatMap((type) =>
		LANGUAGES.flatMap((language) => (["json", "html"] as const).map((extension) => pathOf(type, language, extension))).filter(
			(path) => !existsSync(path),
		),
	);
	expect(missing).toEqual([]);
});

it("there is no language that nobody keeps up", () => {
	const extra = types.flatMap((type) => readdirSync(join(NODES, type, "locales")));
	expect(new Set(extra)).toEqual(new Set(LANGUAGES));
});

describe.each(translations)("$type in $language", ({ type, language }) => {
	it("has the entries of the English catalogue, none of them empty", () => {
		const entries = catalogueOf(type, language);
		expect(sorted([...entries.keys()])).toEqual(sorted([...catalogueOf(type, "en-US").keys()]));
		expect([...entries].filter(([, text]) => text.trim() === "")).toEqual([]);
	});

	it("keeps values, code and marks of each text", () => {
		const entries = catalogueOf(type, language);
		const differing = [...catalogueOf(type, "en-US")].filter(
			([key, text]) => JSON.stringify(fixedParts(entries.get(key) ?? "")) !== JSON.stringify(fixedParts(text)),
		);
		expect(differing.map(([key, text]) => [key, text, entries.get(key)])).toEqual([]);
	});

	it("is translated", () => {
		const entries = catalogueOf(type, language);
		const same = [...catalogueOf(type, "en-US")].filter(([key, text]) => entries.get(key) === text && !isShort(text));
		expect(same.filter(([, text]) => !NAMES.includes(text))).toEqual([]);
		if (language !== "zh-CN") return;
		const foreign = [...entries].filter(([key, text]) => key !== "rack-battery.language" && !CHINESE.test(text) && !isShort(text));
		expect(foreign).toEqual([]);
	});

	it("has a help of the same parts: headings, properties with their types, lists, code", () => {
		const english = helpOf(type, "en-US");
		const help = helpOf(type, language);
		const tags = (text: string) => all(text, /<(\/?\w+)/g).filter((tag) => !/^\/?(b|i|code|span|a)$/.test(tag));
		expect(tags(help)).toEqual(tags(english));
		expect(all(help, /<span class="property-type">([^<]*)</g)).toEqual(all(english, /<span class="property-type">([^<]*)</g));
		expect(all(help, /<dt class="optional">(\w+)/g)).toEqual(all(english, /<dt class="optional">(\w+)/g));
		expect(new Set(all(help, /<code>([^<]*)<\/code>/g))).toEqual(new Set(all(english, /<code>([^<]*)<\/code>/g)));
		expect(all(help, /href="([^"]*)"/g)).toEqual(all(english, /href="([^"]*)"/g));
	});

	it("has headings and paragraphs of its own words", () => {
		const words = (text: string) => all(text, /<(?:p|dd|li)>([\s\S]*?)<\/(?:p|dd|li)>/g).map((part) => part.replace(/\s+/g, " "));
		const english = new Set(words(helpOf(type, "en-US")));
		const ownWords = (part: string) => part.replace(/<code>[^<]*<\/code>|<[^>]+>/g, "").match(/\p{L}{2,}/gu)?.length ?? 0;
		const kept = words(helpOf(type, language)).filter((part) => english.has(part) && ownWords(part) > 3);
		expect(kept).toEqual([]);
	});
});

it.each(types)("texts of %s hold values the way the editor fills them in", (type) => {
	for (const language of LANGUAGES) {
		const wrong = [...catalogueOf(type, language)].filter(([, text]) => /\{\{|\}\}/.test(text));
		expect(wrong).toEqual([]);
	}
});

describe.each(LANGUAGES)("badges in %s", (language) => {
	it("that several nodes show read the same on all of them", () => {
		const shared = /^rack-battery\.status\.(opening|noBank|noServer|conflict|settings|failed|input|connecting|live|noPack|silent|lost)\b/;
		const texts = new Map<string, Set<string>>();
		for (const [key, text] of types.flatMap((type) => [...catalogueOf(type, language)])) {
			if (shared.test(key)) texts.set(key, (texts.get(key) ?? new Set()).add(text));
		}
		expect(texts.size).toBeGreaterThan(15);
		expect([...texts].filter(([, said]) => said.size > 1).map(([key, said]) => [key, ...said])).toEqual([]);
	});
});
