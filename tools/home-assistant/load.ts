// `npm run load:home-assistant`: what a bank of 15 packs costs a real Home Assistant: messages, processor time, database.
// All houses are measured at the same time. `-- --minutes 2` is a trial, `--only "at rest"` measures some,
// `--write` puts the figures into docs/load.md.
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Scene } from "../../test/real/support/scene.ts";
import { programPath, run } from "./command.ts";
import { findHomeAssistant } from "./find-home-assistant.ts";
import { type MeasuredHouse, startMeasuredHouse } from "./load/house.ts";
import { leftOut, report } from "./load/report.ts";
import { VARIANTS, type Variant } from "./load/variants.ts";
import { LONGEST_MINUTES, windowStart } from "./load/window.ts";

const DOCUMENT = join(import.meta.dirname, "..", "..", "docs", "load.md");
/** Births, announcements and first values are over then. */
const SETTLE_MS = 60_000;
const START_GAP_MS = 40_000;

const { values } = parseArgs({
	options: {
		minutes: { type: "string", default: "10" },
		only: { type: "string", default: "" },
		write: { type: "boolean", default: false },
	},
});
const minutes = Number(values.minutes);
const variants = VARIANTS.filter(({ name }) => name.includes(values.only));
if (!Number.isInteger(minutes) || minutes < 1 || minutes > LONGEST_MINUTES || variants.length === 0) {
	console.error(
		`--minutes wants a whole number from 1 to ${LONGEST_MINUTES}, --only a part of: ${VARIANTS.map(({ name }) => name).join("; ")}.`,
	);
	process.exit(2);
}

const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
const found = await findHomeAssistant(false, say);
if ("reason" in found) {
	console.error(`There is no Home Assistant to measure. ${found.reason}`);
	process.exit(1);
}
Object.assign(process.env, found.env);
const scene = new Scene();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void scene.end().finally(() => process.exit(1)));
try {
	const houses = await startAll(variants);
	const at = windowStart(Date.now() + SETTLE_MS, minutes);
	say(`measuring for ${minutes} minutes from ${new Date(at).toISOString().slice(11, 19)}`);
	await wait(at - Date.now());
	const measured = await Promise.all(houses.map((house) => house.measure(minutes)));
	const figures = report(measured, await circumstances(found.about));
	console.log(figures);
	if (values.write) await writeInto(DOCUMENT, figures);
	if (leftOut(measured).length > 0) process.exitCode = 1;
} finally {
	await scene.end();
}

/** Starts the houses, not all at once: each start is heavy for a minute, and then waits for minutes. */
async function startAll(all: readonly Variant[]): Promise<readonly MeasuredHouse[]> {
	const starting: Promise<MeasuredHouse>[] = [];
	for (const [index, variant] of all.entries()) {
		if (index > 0) await Promise.race([wait(START_GAP_MS), Promise.all(starting)]);
		say(`starting: ${variant.name}`);
		starting.push(startMeasuredHouse(scene, variant));
	}
	return Promise.all(starting);
}

async function circumstances(homeAssistant: string): Promise<readonly string[]> {
	const version = /\d{4}\.\d+\.\S+?(?=,|$)/.exec(homeAssistant)?.[0] ?? homeAssistant;
	// It prints its version with its help, and ends with 3 then.
	const broker = await run("sh", ["-c", `${await programPath("mosquitto")} -h; true`]);
	const [cpu] = cpus();
	return [
		`Measured on ${new Date().toISOString().slice(0, 10)} with Home Assistant ${version},`,
		`${/mosquitto version (\S+)/.exec(broker)?.[0] ?? "Mosquitto"}, Node ${process.versions.node},`,
		`on ${cpus().length} cores of ${cpu?.model ?? "an unknown processor"}, by`,
		`\`npm run load:home-assistant -- ${process.argv.slice(2).join(" ")}\`.`,
	];
}

/** Puts the figures between the document's marks. */
async function writeInto(file: string, figures: string): Promise<void> {
	const before = await readFile(file, "utf8");
	const [begin, end] = ["<!-- figures:begin -->", "<!-- figures:end -->"];
	const [from, to] = [before.indexOf(begin), before.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`${file} has no marks ${begin} and ${end}`);
	await writeFile(file, `${before.slice(0, from + begin.length)}\n${figures}${before.slice(to)}`);
}
