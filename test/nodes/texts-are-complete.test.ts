import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BADGES, type BadgeKey, badgeText } from "../../nodes/lib/status.ts";
import { BANK_DATAPOINTS, PACK_DATAPOINTS } from "../../src/index.ts";
import { commandFormParts } from "../../tools/command-form.ts";
import { withSettingRows } from "../../tools/form-rows.ts";

/** Every text a node shows is in its catalogue, in every language that is there. */

const NODES = join(import.meta.dirname, "..", "..", "nodes");
const types = readdirSync(NODES).filter((name) => existsSync(join(NODES, name, `${name}.ts`)));
const read = (...path: readonly string[]) => readFileSync(join(NODES, ...path), "utf8");
const languagesOf = (type: string) => readdirSync(join(NODES, type, "locales"));

/** The catalogue's keys, as the editor asks for them. */
function keysOf(catalogue: object, path = ""): readonly string[] {
	return Object.entries(catalogue).flatMap(([key, value]) =>
		typeof value === "string" ? [`${path}${key}`] : keysOf(value as object, `${path}${key}.`),
	);
}

const FORM_PARTS: Readonly<Record<string, string>> = commandFormParts();

/** Keys that stand in a node's editor part. */
function keysInEditor(type: string): readonly string[] {
	// With what the build writes in from the tables.
	const html = withSettingRows(type, read(type, `${type}.html`)).replace(
		/shared: ([\w.-]+)/g,
		(line, part: string) => FORM_PARTS[part] ?? line,
	);
	return [...html.matchAll(/(?:data-i18n="(?:\[\w+\])?|")(rack-battery\.[\w.-]+)"/g)].map((match) => match[1] ?? "");
}

/** Asked for by the nodes whose messages hold sentences. */
const languageKeys = (type: string) => (read(type, `${type}.ts`).includes("languageOf(") ? ["rack-battery.language"] : []);

const ORIGINS = ["real", "simulated", "replayed"] as const;
const COMMON: readonly BadgeKey[] = ["opening", "noBank", "noServer", "conflict", "settings", "failed"];
const LINE: readonly BadgeKey[] = ["connecting", "live", "noPack", "silent", "lost", "portBusy", "portForbidden"];
/** TABLE of the badges each node can show. */
const BADGES_OF: Readonly<Record<string, readonly BadgeKey[]>> = {
	"rack-battery": [],
	"rack-battery-telemetry": [...COMMON, ...LINE, "input"],
	"rack-battery-alarm": [...COMMON, ...LINE, "input", "clear", "alarm", "protection", "fault", "unknown"],
	"rack-battery-contact": [
		...COMMON,
		...LINE,
		"input",
		"unknown",
		"contactOpen",
		"contactClosed",
		"contactOpenActive",
		"contactClosedIdle",
		"contactMismatch",
	],
	"rack-battery-autonomy": [...COMMON, ...LINE, "input", "lasts", "lastsNot", "lastsUnsure", "notDischarging", "unknown"],
	"rack-battery-generator": [
		...COMMON,
		"input",
		"generatorIdle",
		"generatorArmed",
		"generatorStarting",
		"generatorRetrying",
		"generatorWarming",
		"generatorRunning",
		"generatorCooling",
		"generatorLockout",
		"generatorFault",
	],
	"rack-battery-load-shed": [
		...COMMON,
		"input",
		...LINE.filter((key) => key !== "live"),
		"shedStart",
		"shedNone",
		"shedOff",
		"shedLocked",
		"shedHold",
		"shedAlarm",
		"shedDryRun",
	],
	"rack-battery-command": [...COMMON, ...LINE, "input", "commandRunning", "commandArmed", "commandFailed"],
	"rack-battery-discovery": [...COMMON, "brokerConnecting", "published", "brokerGone", "brokerRefused", "brokerMissing", "publishedTwice"],
	"rack-battery-ha": [],
	"rack-battery-ha-action": ["haConnecting", "haOnline", "haOffline", "haRefused", "haInvalid", "noHomeAssistant", "callFailed", "input"],
	"rack-battery-notify": [
		...COMMON,
		...LINE,
		"input",
		"notifyNone",
		"notifyCaution",
		"notifyWarning",
		"notifyCritical",
		"notifyAcknowledged",
	],
};

describe.each(types.flatMap((type) => languagesOf(type).map((language) => ({ type, language }))))(
	"texts of $type in $language",
	({ type, language }) => {
		const keys = keysOf(JSON.parse(read(type, "locales", language, `${type}.json`)));

		it("has every key of the editor part", () => {
			const used = [...keysInEditor(type), ...languageKeys(type)];
			expect(used.length).toBeGreaterThan(3);
			expect(used.filter((key) => !keys.includes(key))).toEqual([]);
		});

		it("has every badge the node can show", () => {
			const badges = BADGES_OF[type]?.flatMap((key) => ORIGINS.map((origin) => badgeText(key, origin)));
			expect(badges?.filter((key) => !keys.includes(key))).toEqual([]);
		});

		it("has no key that nobody uses", () => {
			const badges = (Object.keys(BADGES) as BadgeKey[]).flatMap((key) => ORIGINS.map((origin) => badgeText(key, origin)));
			const used = [...keysInEditor(type), ...badges, ...languageKeys(type)];
			expect(keys.filter((key) => !used.includes(key))).toEqual([]);
		});

		it("has a help that begins with what the node does", () => {
			const help = read(type, "locales", language, `${type}.html`);
			expect(help).toContain(`<script type="text/html" data-help-name="${type}">`);
			expect(/<p>([^<]{30,})/.exec(help)?.[1]).toBeDefined();
		});
	},
);

it("badges of a simulated bank say so", () => {
	const { "rack-battery": texts } = JSON.parse(read("rack-battery-telemetry", "locales", "en-US", "rack-battery-telemetry.json"));
	expect(texts.status.live.simulated).toContain("simulated");
	expect(texts.status.live.real).not.toContain("simulated");
});

it("the telemetry help names every value that is sent", () => {
	const help = read("rack-battery-telemetry", "locales", "en-US", "rack-battery-telemetry.html");
	const names = [...new Set([...Object.keys(BANK_DATAPOINTS), ...Object.keys(PACK_DATAPOINTS)])];
	expect(names.filter((name) => !help.includes(`<code>${name}</code>`))).toEqual([]);
});
