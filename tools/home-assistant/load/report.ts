import { table } from "../../markdown-table.ts";
import { countMessages, kindOf, type MessageKind, totalOf } from "./message-counts.ts";
import { growthOf, type RecorderSize } from "./recorder-size.ts";
import type { Variant } from "./variants.ts";

/** What was seen of one house. */
export interface Measured {
	readonly variant: Variant;
	readonly minutes: number;
	/** Enabled entities. */
	readonly entities: number;
	readonly messages: readonly { readonly topic: string; readonly payload: string }[];
	readonly cpuSeconds: number;
	readonly before: RecorderSize;
	readonly after: RecorderSize;
}

/**
 * Whether the battery, its alarms or the server were away meanwhile, which happens on a machine that is too busy: much
 * goes unavailable and comes back then, and the figures tell of that instead. Nothing else makes these kinds here.
 */
const wasInterrupted = ({ messages }: Measured) =>
	["availability", "status"].some((kind) => messages.some(({ topic }) => kindOf(topic) === kind));

/** Houses that are left out of the report. */
export const leftOut = (all: readonly Measured[]): readonly string[] => all.filter(wasInterrupted).map(({ variant }) => variant.name);

const DAYS_KEPT = 10;
const YEAR_HOURS = 24 * 365;
const MEGABYTE = 1_000_000;

const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(bytes < MEGABYTE ? 2 : 1);
const count = (value: number) => Math.round(value).toLocaleString("en-US");

/** Messages, bytes and processor time a minute; rows and bytes an hour, extrapolated. */
function loadTable(all: readonly Measured[]): string {
	return table(
		[
			"house",
			"entities enabled",
			"messages / min",
			"payload kB / min",
			"Home Assistant's CPU, s / min",
			"rows of states / h",
			"rows of 5-minute statistics / h",
			"database MB / h",
			"of it states",
			"of it 5-minute statistics",
		],
		all.map(({ variant, minutes, entities, messages, cpuSeconds, before, after }) => {
			const total = totalOf(countMessages(messages));
			const perHour = 60 / minutes;
			const [states, statistics] = [growthOf("states", before, after), growthOf("statistics_short_term", before, after)];
			return [
				variant.name,
				count(entities),
				(total.messages / minutes).toFixed(1),
				(total.bytes / minutes / 1000).toFixed(1),
				(cpuSeconds / minutes).toFixed(2),
				count(states.rows * perHour),
				count(statistics.rows * perHour),
				megabytes((after.bytes - before.bytes) * perHour),
				megabytes(states.bytes * perHour),
				megabytes(statistics.bytes * perHour),
			];
		}),
	);
}

/** Messages a minute by kind; kinds that nobody sent are left out. */
function kindsTable(all: readonly Measured[]): string {
	const counted = all.map(({ variant, minutes, messages }) => ({ name: variant.name, minutes, counts: countMessages(messages) }));
	const kinds = [...new Set(counted.flatMap(({ counts }) => [...counts.keys()]))].sort();
	const cell = (kind: MessageKind, minutes: number, counts: ReturnType<typeof countMessages>) =>
		((counts.get(kind)?.messages ?? 0) / minutes).toFixed(1);
	return table(
		["house", ...kinds],
		counted.map(({ name, minutes, counts }) => [name, ...kinds.map((kind) => cell(kind, minutes, counts))]),
	);
}

/** What stays: ten days of states and short statistics, and the long ones for ever. */
function keptTable(all: readonly Measured[]): string {
	return table(
		[
			"house",
			`states and 5-minute statistics after ${DAYS_KEPT} days, MB`,
			"rows of hourly statistics / h",
			"hourly statistics, MB a year",
		],
		all.map(({ variant, minutes, before, after }) => {
			const perHour = 60 / minutes;
			const statistics = growthOf("statistics_short_term", before, after);
			// One row a statistic in every run; the hourly table has the same columns.
			const perRun = (statistics.rows * perHour) / 12;
			const perRow = statistics.rows === 0 ? 0 : statistics.bytes / statistics.rows;
			return [
				variant.name,
				count(((after.bytes - before.bytes) * perHour * 24 * DAYS_KEPT) / MEGABYTE),
				count(perRun),
				count((perRun * perRow * YEAR_HOURS) / MEGABYTE),
			];
		}),
	);
}

/** The figures as a part of a document. `about`: what they were measured on, a sentence each. */
export function report(measured: readonly Measured[], about: readonly string[]): string {
	const minutes = measured[0]?.minutes ?? 0;
	const all = measured.filter((one) => !wasInterrupted(one));
	const without = leftOut(measured);
	return [
		about.join(" "),
		"",
		`Figures per hour, day and year are **extrapolated from ${minutes} minutes**.`,
		...(without.length === 0 ? [] : ["", `Left out, because the battery was away for a while: ${without.join("; ")}.`]),
		"",
		loadTable(all),
		"",
		"MQTT messages a minute by kind:",
		"",
		kindsTable(all),
		"",
		"What the database keeps with the recorder's own settings:",
		"",
		keptTable(all),
		"",
	].join("\n");
}
