import { confirm, newIssue, settled } from "./confirm.ts";
import {
	type Circumstances,
	circumstances,
	deliverEnd,
	deliverRaise,
	keepForDigest,
	noticeOf,
	type Outcome,
	routeOf,
	sent,
} from "./delivery.ts";
import { type Issue, type ManagerState, type Notice, type Sighting, tagOf } from "./issue.ts";
import type { ToLocalTime } from "./local-time.ts";
import type { NotificationSettings } from "./options.ts";
import { nextDueAt, remind, sendDigest } from "./reminders.ts";
import type { Severity } from "./severity.ts";
import { type Inputs, look, silentSince } from "./sightings.ts";

/** Something the flow says: that it is the matter, that it is over, or once. */
export interface CustomAlarm {
	/** Short name of the flow's choice, for its thread. */
	readonly id: string;
	readonly severity: Severity;
	readonly title: string;
	readonly text: string;
	/** `once`: a note that has no end. */
	readonly state: "on" | "off" | "once";
}

/** What somebody wants. A tag names one issue, "all" every one. */
export type Command =
	| { readonly type: "acknowledge"; readonly tag: string }
	| { readonly type: "snooze"; readonly tag: string; readonly minutes: number | null }
	| { readonly type: "digest" | "test" }
	| { readonly type: "custom"; readonly alarm: CustomAlarm };

/** How long nothing is looked at when nothing happens, ms: the clock on the wall may jump. */
const LONGEST_WAIT_MS = 60_000;
const MINUTE_MS = 60_000;

/** What a decision is made with beside what is seen. */
export interface Terms {
	readonly settings: NotificationSettings;
	readonly now: number;
	readonly toLocalTime: ToLocalTime;
}

function chained(first: Outcome, ...next: readonly ((state: ManagerState) => Outcome)[]): Outcome {
	return next.reduce<Outcome>((done, step) => {
		const { state, notices } = step(done.state);
		return { state, notices: [...done.notices, ...notices] };
	}, first);
}

/** What was there when the watch began, and is no more than information, is taken as known. */
function withoutOldNews(state: ManagerState, isFirstLook: boolean, issue: Issue): boolean {
	return !(isFirstLook && issue.confirmed === "info" && state.issues.some(({ key }) => key === issue.key));
}

/** Looks at the battery and at the time: what is to be told now. */
export function decide(before: ManagerState, inputs: Inputs, { settings, now, toLocalTime }: Terms): Outcome {
	const around = circumstances(settings, now, toLocalTime);
	const isWatching = settings.watch === "battery";
	const { issues, changes } = isWatching
		? confirm(before.bank, before.issues, look(inputs, before.startedAt, settings, now), settings, now)
		: { issues: before.issues.filter(({ family }) => family === "custom"), changes: [] };
	const isFirstLook = !before.hasLooked;
	const hasLooked = before.hasLooked || hasSettled(issues, inputs);
	const tell = changes
		.filter(({ issue }) => withoutOldNews({ ...before, issues }, isFirstLook, issue))
		.map(
			({ kind, issue }) =>
				(state: ManagerState): Outcome =>
					kind === "cleared" ? deliverEnd(state, issue, around) : deliverRaise(state, kind, issue, around),
		);
	// Right after a start nobody knows whether what was the matter still is.
	const isAware = hasLooked || now - before.startedAt >= settings.watchdogMinutes * MINUTE_MS;
	return chained(
		{ state: { ...before, issues, hasLooked }, notices: [] },
		...tell,
		(state) => (isAware ? remind(state, around) : { state, notices: [] }),
		(state) => sendDigest(state, around, false),
	);
}

/** The first look is over when the alarm state is known and nothing waits to be certain. */
function hasSettled(issues: readonly Issue[], { snapshot }: Inputs): boolean {
	return snapshot.conditions !== null && !issues.some(({ confirmed }) => confirmed === null);
}

const isMeant = (tag: string, issue: Issue) => issue.confirmed !== null && (tag === "all" || tag === issue.tag);

function acknowledge(state: ManagerState, tag: string, around: Circumstances): Outcome {
	const issues = state.issues.map(
		(issue): Issue => (isMeant(tag, issue) ? { ...issue, acknowledgedAt: issue.acknowledgedAt ?? around.now } : issue),
	);
	// Whoever was called by a later step is told that somebody takes care.
	const relieved = state.issues.filter((issue) => isMeant(tag, issue) && issue.step > 0 && issue.acknowledgedAt === null);
	return { state: { ...state, issues }, notices: relieved.map((issue) => noticeOf("acknowledged", issue, around)) };
}

function snooze(state: ManagerState, tag: string, minutes: number, now: number): Outcome {
	const issues = state.issues.map((issue): Issue => (isMeant(tag, issue) ? { ...issue, snoozedUntil: now + minutes * MINUTE_MS } : issue));
	return { state: { ...state, issues }, notices: [] };
}

function sightingOf({ id, severity, title, text }: CustomAlarm, since: number): Sighting {
	return { key: `custom/${id}`, family: "custom", pack: null, severity, since, details: [], title, text };
}

function note(state: ManagerState, alarm: CustomAlarm, around: Circumstances): Outcome {
	const sighting = sightingOf(alarm, around.now);
	const route = routeOf(alarm.severity, state, around);
	if (route === "drop") return { state, notices: [] };
	if (route === "digest") return { state: keepForDigest(state, sighting, around.now), notices: [] };
	const notice = noticeOf("note", settled(newIssue(state.bank, sighting), alarm.severity), around);
	return { state: sent(state, notice, around.now), notices: [notice] };
}

function custom(state: ManagerState, alarm: CustomAlarm, around: Circumstances): Outcome {
	if (alarm.state === "once") return note(state, alarm, around);
	const sighting = sightingOf(alarm, around.now);
	const before = state.issues.find(({ key }) => key === sighting.key);
	const others = state.issues.filter(({ key }) => key !== sighting.key);
	if (alarm.state === "off") {
		if (before === undefined) return { state, notices: [] };
		return deliverEnd({ ...state, issues: others }, before, around);
	}
	const issue = { ...(before ?? newIssue(state.bank, sighting)), ...sighting, since: before?.since ?? around.now };
	const certain = settled(issue, alarm.severity);
	const next = { ...state, issues: [...others, certain] };
	const isNews = certain.toldAt === null && !state.digest.some(({ key, endedAt }) => key === sighting.key && endedAt === null);
	if (!isNews) return { state: next, notices: [] };
	return deliverRaise(next, before === undefined ? "raised" : "worse", certain, around);
}

function testNotice(state: ManagerState, now: number): Notice {
	const tag = tagOf(state.bank, "test", "bank");
	return { kind: "test", severity: "info", silent: false, tag, step: 0, at: now, sighting: null, lines: [], isOpen: false };
}

/** Carries out what somebody wants. An issue that a tag does not find is over already: nothing happens then. */
export function carryOut(state: ManagerState, command: Command, { settings, now, toLocalTime }: Terms): Outcome {
	const around = circumstances(settings, now, toLocalTime);
	switch (command.type) {
		case "acknowledge":
			return acknowledge(state, command.tag, around);
		case "snooze":
			return snooze(state, command.tag, command.minutes ?? settings.snoozeMinutes, now);
		case "digest":
			return sendDigest(state, around, true);
		case "test":
			return { state, notices: [testNotice(state, now)] };
		case "custom":
			return custom(state, command.alarm, around);
	}
}

/** How long until `decide` must be asked again when nothing happens before, ms. */
export function waitMs(state: ManagerState, { snapshot }: Inputs, { settings, now, toLocalTime }: Terms): number {
	const due = nextDueAt(state, circumstances(settings, now, toLocalTime));
	const silentAt = silentSince(snapshot, state.startedAt) + settings.watchdogMinutes * MINUTE_MS;
	const ahead = [due ?? Number.POSITIVE_INFINITY, silentAt].filter((at) => at > now);
	return Math.max(1, Math.min(LONGEST_WAIT_MS, ...ahead.map((at) => at - now)));
}

/** The state at a start: everything that was told is remembered; the silence of the battery is counted anew. */
export function resumed(kept: ManagerState | null, fresh: ManagerState): ManagerState {
	if (kept === null || kept.bank !== fresh.bank || kept.origin !== fresh.origin) return fresh;
	return { ...kept, startedAt: fresh.startedAt, hasLooked: false };
}
