import { type Confirmation, familyRow } from "./families.ts";
import { type Issue, type Pending, type Sighting, tagOf } from "./issue.ts";
import type { NotificationSettings } from "./options.ts";
import { isAtLeast, type Severity } from "./severity.ts";
import { keyOf, type Look } from "./sightings.ts";

/** What has become certain. */
export interface Change {
	readonly kind: "raised" | "worse" | "cleared";
	/** The issue as it is now; for `cleared` as it was. */
	readonly issue: Issue;
}

interface Step {
	readonly issue: Issue | null;
	readonly change: Change | null;
}

const MINUTE_MS = 60_000;

/** Whether a pending change is certain now. */
function isCertain(rule: Confirmation, { at, reads }: Pending, settings: NotificationSettings, now: number): boolean {
	if (rule === "once") return true;
	if (rule === "reads") return reads >= settings.confirmReads;
	return now - at >= (rule === "seconds" ? settings.confirmSeconds * 1000 : settings.watchdogMinutes * MINUTE_MS);
}

/** Counts a reading; the same reading counts once. */
function counted(pending: Pending | null, direction: Pending["direction"], reading: number | null, now: number): Pending {
	if (pending?.direction !== direction) return { direction, at: now, reading, reads: 1 };
	return pending.reading === reading ? pending : { ...pending, reading, reads: pending.reads + 1 };
}

export function newIssue(bank: string, sighting: Sighting): Issue {
	return {
		...sighting,
		tag: tagOf(bank, sighting.family, sighting.key.slice(sighting.key.indexOf("/") + 1)),
		confirmed: null,
		pending: null,
		toldAt: null,
		lastToldAt: null,
		acknowledgedAt: null,
		snoozedUntil: null,
		step: 0,
	};
}

/** The issue with another certain severity; what gets graver is news again, whoever acknowledged it before. */
export function settled(issue: Issue, severity: Severity): Issue {
	const isWorse = issue.confirmed === null || !isAtLeast(issue.confirmed, severity);
	const anew = { toldAt: null, acknowledgedAt: null, snoozedUntil: null, step: 0 };
	return { ...issue, confirmed: severity, pending: null, ...(isWorse ? anew : {}) };
}

/** An issue while its sighting is there. */
function seen(before: Issue, sighting: Sighting, reading: number | null, settings: NotificationSettings, now: number): Step {
	const since = Math.min(before.since, sighting.since);
	const issue: Issue = { ...before, ...sighting, since };
	const { confirmed } = issue;
	if (confirmed === sighting.severity) return { issue: { ...issue, pending: null }, change: null };
	const isUp = confirmed === null || !isAtLeast(confirmed, sighting.severity);
	const pending = counted(issue.pending, isUp ? "up" : "down", reading, now);
	const { raised, cleared } = familyRow(issue.family);
	if (!isCertain(isUp ? raised : cleared, pending, settings, now)) return { issue: { ...issue, pending }, change: null };
	const certain = settled(issue, sighting.severity);
	const kind = confirmed === null ? "raised" : "worse";
	return { issue: certain, change: isUp ? { kind, issue: certain } : null };
}

/** An issue whose sighting is gone. */
function gone(issue: Issue, reading: number | null, settings: NotificationSettings, now: number): Step {
	if (issue.confirmed === null) return { issue: null, change: null };
	const pending = counted(issue.pending, "down", reading, now);
	if (!isCertain(familyRow(issue.family).cleared, pending, settings, now)) return { issue: { ...issue, pending }, change: null };
	return { issue: null, change: { kind: "cleared", issue } };
}

/**
 * The battery first tells an alarm without a number and names the pack a moment later: the same issue then belongs
 * to that pack, with its thread and all that was told.
 */
function named(issues: readonly Issue[], { sightings }: Look): readonly Issue[] {
	return issues.map((issue) => {
		const isUnnamed = issue.pack === null && issue.details.length > 0 && !sightings.some(({ key }) => key === issue.key);
		if (!isUnnamed) return issue;
		const heirs = sightings.filter(({ family, pack }) => family === issue.family && pack !== null);
		const heir = heirs.find(({ key }) => !issues.some((other) => other.key === key));
		return heir === undefined ? issue : { ...issue, key: keyOf(heir.family, heir.pack), pack: heir.pack };
	});
}

/** An alarm without a number while one of its family, known by its pack's number, is no longer seen by it: the same one. */
function isKnownByName(known: readonly Issue[], { sightings }: Look, { family, pack, details }: Sighting): boolean {
	if (pack !== null || details.length === 0) return false;
	return known.some((issue) => issue.family === family && issue.pack !== null && !sightings.some(({ key }) => key === issue.key));
}

/** Another issue may still be on the thread that this one would get: one that began without a number, for instance. */
function onOwnThread(issue: Issue, known: readonly Issue[]): Issue {
	const isTaken = known.some(({ tag }) => tag === issue.tag);
	return isTaken ? onOwnThread({ ...issue, tag: `${issue.tag}+` }, known) : issue;
}

/** One look further: what is certain now, and what has changed. */
export function confirm(
	bank: string,
	before: readonly Issue[],
	look: Look,
	settings: NotificationSettings,
	now: number,
): { readonly issues: readonly Issue[]; readonly changes: readonly Change[] } {
	const known = named(before, look);
	const fresh = look.sightings.filter(
		(sighting) => !known.some(({ key }) => key === sighting.key) && !isKnownByName(known, look, sighting),
	);
	const steps = [
		...known.map((issue): Step => {
			const sighting = look.sightings.find(({ key }) => key === issue.key);
			if (sighting) return seen(issue, sighting, look.reading, settings, now);
			return look.isKnown(issue) ? gone(issue, look.reading, settings, now) : { issue, change: null };
		}),
		...fresh.map((sighting) => seen(onOwnThread(newIssue(bank, sighting), known), sighting, look.reading, settings, now)),
	];
	return {
		issues: steps.flatMap(({ issue }) => (issue === null ? [] : [issue])),
		changes: steps.flatMap(({ change }) => (change === null ? [] : [change])),
	};
}
