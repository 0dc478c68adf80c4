import { BANK_DATAPOINTS, type BankSnapshot, ConfigError, PACK_DATAPOINTS } from "../../src/index.ts";
import type { Choice, Mode } from "./telemetry-inputs.ts";
import { bankPayload, packPayload, type TelemetryPayload } from "./telemetry-payload.ts";

/** What a telemetry node sends; the same properties stand beside the payload so that a Switch node finds them. */
export interface TelemetryMessage {
	readonly topic: string;
	readonly payload: TelemetryPayload;
	readonly scope: "bank" | "pack";
	/** Address of the pack; null for the bank. */
	readonly pack: number | null;
	readonly stale: boolean;
	/** Age of the values, s; null when they were never read. */
	readonly age: number | null;
	readonly simulated: boolean;
}

/** Payload properties whose change can be watched. */
export const WATCHABLE: readonly string[] = [
	...new Set([...Object.keys(BANK_DATAPOINTS), ...Object.keys(PACK_DATAPOINTS)]),
	...["activity", "packs", "alarms", "protections", "faults", "fullyCharged", "states", "balancingCells"],
	...["energyCharged", "energyDischarged", "presence", "link", "identity"],
];

/** What was sent last, by topic. */
export type Sent = ReadonlyMap<string, { readonly condition: string; readonly values: string }>;

function messageOf(payload: TelemetryPayload): TelemetryMessage {
	const part = payload.scope === "bank" ? "bank" : `pack/${payload.pack}`;
	return {
		topic: `rack-battery/${payload.bank}/${part}`,
		payload,
		scope: payload.scope,
		pack: payload.scope === "pack" ? payload.pack : null,
		stale: payload.stale,
		age: payload.age,
		simulated: payload.simulated,
	};
}

/** The messages of a choice, whatever is known now: the bank first, then the packs. */
export function messagesOf(snapshot: BankSnapshot, choice: Choice, now: number): readonly TelemetryMessage[] {
	const packs = choice.scope === "bank" ? [] : snapshot.packs.filter((pack) => choice.pack === "all" || pack.address === choice.pack);
	return [...(choice.scope === "packs" ? [] : [bankPayload(snapshot, now)]), ...packs.map((pack) => packPayload(snapshot, pack, now))].map(
		messageOf,
	);
}

/** The messages that answer a request. Throws in words when the pack asked for is not known. */
export function answerOf(snapshot: BankSnapshot, choice: Choice, now: number): readonly TelemetryMessage[] {
	const isKnown = choice.pack === "all" || choice.scope === "bank" || snapshot.packs.some((pack) => pack.address === choice.pack);
	if (isKnown) return messagesOf(snapshot, choice, now);
	const known = snapshot.packs.map((pack) => pack.address).join(", ");
	throw new ConfigError(
		"invalid",
		`Pack ${choice.pack} is not known. ${known === "" ? "No pack has answered yet." : `Known packs: ${known}.`}`,
	);
}

/** Whether the values count, apart from what they are. */
function conditionOf(payload: TelemetryPayload): string {
	return [payload.stale, payload.link, payload.scope === "pack" ? payload.presence : payload.packsOnline].join(" ");
}

/** The values that are watched; times and ages change by themselves. */
function valuesOf(payload: TelemetryPayload, watch: readonly string[]): string {
	const entries = Object.entries(payload).filter(([key]) => (watch.length === 0 ? key !== "at" && key !== "age" : watch.includes(key)));
	return JSON.stringify(entries);
}

/**
 * What to send after a snapshot. Nothing is sent of a part that was never read; from then on its going stale,
 * away or back is told at once in every mode but `request`, so that nobody keeps acting on the last values.
 */
export function messagesAfter(
	snapshot: BankSnapshot,
	cycle: boolean,
	behaviour: { readonly mode: Mode; readonly watch: readonly string[]; readonly choice: Choice },
	sent: Sent,
	now: number,
): { readonly messages: readonly TelemetryMessage[]; readonly sent: Sent } {
	if (behaviour.mode === "request") return { messages: [], sent };
	const next = new Map(sent);
	const messages = messagesOf(snapshot, behaviour.choice, now).filter(({ topic, payload }) => {
		const before = sent.get(topic);
		if (!before && payload.at === null) return false;
		const condition = conditionOf(payload);
		const values = behaviour.mode === "change" ? valuesOf(payload, behaviour.watch) : "";
		next.set(topic, { condition, values });
		const isDue = behaviour.mode === "cycle" ? cycle : before?.values !== values;
		return isDue || (before !== undefined && before.condition !== condition);
	});
	return { messages, sent: next };
}
