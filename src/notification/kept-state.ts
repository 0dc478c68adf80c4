import { CONDITION_KEYS } from "../bms/battery/conditions.ts";
import { FAMILY_KEYS } from "./families.ts";
import type { DigestLine, Issue, ManagerState, Sighting } from "./issue.ts";
import { SEVERITIES } from "./severity.ts";

type Unchecked = Readonly<Record<string, unknown>>;

function demand(isRight: boolean, what: string): void {
	if (!isRight) throw new Error(`${what} is damaged`);
}

function object(found: unknown, what: string): Unchecked {
	demand(typeof found === "object" && found !== null && !Array.isArray(found), what);
	return found as Unchecked;
}

function list(found: unknown, what: string): readonly unknown[] {
	demand(Array.isArray(found), what);
	return found as readonly unknown[];
}

const isTime = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isTimeOrNull = (value: unknown) => value === null || isTime(value);
const isTextOrNull = (value: unknown) => value === null || typeof value === "string";
const isOneOf = (words: readonly string[], value: unknown) => typeof value === "string" && words.includes(value);

function checkDetail(found: unknown): void {
	const { key, cell, probe, value, unit, limit = null } = object(found, "a condition");
	demand(isOneOf(CONDITION_KEYS, key) && [cell, probe, value, limit].every(isTimeOrNull) && isTextOrNull(unit), "a condition");
}

function checkSighting(found: unknown): asserts found is Sighting {
	const { key, family, pack, severity, since, details, title, text } = object(found, "a message");
	demand(typeof key === "string" && isOneOf(FAMILY_KEYS, family) && isOneOf(SEVERITIES, severity), "a message");
	demand(isTimeOrNull(pack) && isTime(since) && isTextOrNull(title) && isTextOrNull(text), "a message");
	list(details, "a message").forEach(checkDetail);
}

function checkIssue(found: unknown): asserts found is Issue {
	checkSighting(found);
	const { tag, confirmed, toldAt, lastToldAt, acknowledgedAt, snoozedUntil, step } = found as unknown as Unchecked;
	demand(typeof tag === "string" && (confirmed === null || isOneOf(SEVERITIES, confirmed)) && isTime(step), "a message");
	demand([toldAt, lastToldAt, acknowledgedAt, snoozedUntil].every(isTimeOrNull), "a time");
}

function checkLine(found: unknown): asserts found is DigestLine {
	const { key, sighting, endedAt, times } = object(found, "the digest");
	checkSighting(sighting);
	demand(typeof key === "string" && isTimeOrNull(endedAt) && isTime(times), "the digest");
}

/** The state in a document that was saved. Throws an Error in words when it cannot be used. */
export function readManagerState(document: unknown): ManagerState {
	const found = object(document, "the list of messages");
	demand(found.version === 1, "the version");
	demand(typeof found.bank === "string" && isOneOf(["real", "simulated", "replayed"], found.origin), "the bank");
	demand(isTime(found.startedAt) && list(found.sentAt, "a time").every(isTime), "a time");
	list(found.issues, "the list of messages").forEach(checkIssue);
	list(found.digest, "the digest").forEach(checkLine);
	const state = found as unknown as ManagerState;
	// What was not certain yet is looked at anew.
	return { ...state, issues: state.issues.filter(({ confirmed }) => confirmed !== null).map((issue) => ({ ...issue, pending: null })) };
}

/** What a restart must remember, as text: it changes when something was told, answered or ended, not with every reading. */
export function memoryOf({ issues, digest, sentAt }: ManagerState): string {
	const certain = issues
		.filter(({ confirmed }) => confirmed !== null)
		.map(({ key, tag, confirmed, toldAt, lastToldAt, acknowledgedAt, snoozedUntil, step }) => [
			key,
			tag,
			confirmed,
			toldAt,
			lastToldAt,
			acknowledgedAt,
			snoozedUntil,
			step,
		]);
	return JSON.stringify([certain, digest.map(({ key, endedAt, times }) => [key, endedAt, times]), sentAt]);
}
