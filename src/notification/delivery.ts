import { familyRow } from "./families.ts";
import type { DigestLine, Issue, ManagerState, Notice, NoticeKind, Sighting } from "./issue.ts";
import { isWithinHours, type ToLocalTime } from "./local-time.ts";
import type { NotificationSettings } from "./options.ts";
import { isAtLeast, type Severity } from "./severity.ts";

const HOUR_MS = 3_600_000;

/** What a delivery is decided by. */
export interface Circumstances {
	readonly settings: NotificationSettings;
	readonly now: number;
	readonly isQuiet: boolean;
}

export function circumstances(settings: NotificationSettings, now: number, toLocalTime: ToLocalTime): Circumstances {
	return { settings, now, isQuiet: isWithinHours(toLocalTime(now), settings.quietFrom, settings.quietTo) };
}

/** A state with what goes out because of it. */
export interface Outcome {
	readonly state: ManagerState;
	readonly notices: readonly Notice[];
}

/** Messages of the last hour; times ahead are from before a clock was set back. */
function recent({ sentAt }: ManagerState, now: number): readonly number[] {
	return sentAt.filter((at) => at <= now && now - at < HOUR_MS);
}

/** Whether there is room for another message below critical. */
export function hasRoom(state: ManagerState, { settings, now }: Circumstances): boolean {
	return recent(state, now).length < settings.mostPerHour;
}

/** When there is room again; null while there is. */
export function roomAt(state: ManagerState, around: Circumstances): number | null {
	if (hasRoom(state, around)) return null;
	const within = [...recent(state, around.now)].sort((one, other) => one - other);
	return (within[within.length - around.settings.mostPerHour] ?? around.now) + HOUR_MS;
}

/** The severity an issue is told with: the certain one. */
export function urgencyOf({ confirmed, severity }: Issue): Severity {
	return confirmed ?? severity;
}

/** A notice about an issue. */
export function noticeOf(kind: NoticeKind, issue: Issue, { now, isQuiet }: Circumstances): Notice {
	const urgency = urgencyOf(issue);
	const isNews = kind !== "cleared" && kind !== "acknowledged";
	return {
		kind,
		severity: isNews ? urgency : "info",
		silent: !isNews || urgency === "info" || (isQuiet && urgency !== "critical"),
		tag: issue.tag,
		step: issue.step,
		at: now,
		sighting: { ...issue, severity: urgency },
		lines: [],
		isOpen: isNews && kind !== "note" && urgency !== "info",
	};
}

/** The state after a notice: it counts towards the limit unless it is critical, or an answer to somebody. */
export function sent(state: ManagerState, notice: Notice, now: number): ManagerState {
	if (notice.severity === "critical" || notice.kind === "acknowledged" || notice.kind === "test") return state;
	return { ...state, sentAt: [...recent(state, now), now] };
}

/** Keeps a line for the digest; an issue that comes and goes has one line. */
export function keepForDigest(state: ManagerState, sighting: Sighting, endedAt: number | null): ManagerState {
	const before = state.digest.find(({ key }) => key === sighting.key);
	const times = (before?.times ?? 0) + (before === undefined || before.endedAt !== null ? 1 : 0);
	const first = before === undefined ? sighting : { ...sighting, since: Math.min(before.sighting.since, sighting.since) };
	const line: DigestLine = { key: sighting.key, sighting: first, endedAt, times };
	return { ...state, digest: [...state.digest.filter(({ key }) => key !== sighting.key), line] };
}

/** Where a message of that urgency goes now. */
export function routeOf(urgency: Severity, state: ManagerState, around: Circumstances): "send" | "digest" | "drop" {
	if (!isAtLeast(urgency, around.settings.tellFrom)) return "drop";
	if (urgency === "critical") return "send";
	if (around.isQuiet && !isAtLeast(urgency, "warning")) return "digest";
	return hasRoom(state, around) ? "send" : "digest";
}

export function withIssue(state: ManagerState, issue: Issue): ManagerState {
	return { ...state, issues: state.issues.map((one) => (one.key === issue.key ? issue : one)) };
}

/** Tells of an issue that has just become certain, or graver. */
export function deliverRaise(state: ManagerState, kind: "raised" | "worse", issue: Issue, around: Circumstances): Outcome {
	const urgency = urgencyOf(issue);
	const route = routeOf(urgency, state, around);
	if (route === "drop") return { state, notices: [] };
	if (route === "digest") return { state: keepForDigest(state, { ...issue, severity: urgency }, null), notices: [] };
	// What was only in the digest, or not even there, is new to whoever reads it.
	const notice = noticeOf(issue.lastToldAt === null ? "raised" : kind, issue, around);
	const told = withIssue(state, { ...issue, toldAt: around.now, lastToldAt: around.now });
	const digest = told.digest.filter(({ key }) => key !== issue.key);
	return { state: sent({ ...told, digest }, notice, around.now), notices: [notice] };
}

/** Tells that an issue is over, if it was told that it was there. */
export function deliverEnd(state: ManagerState, issue: Issue, around: Circumstances): Outcome {
	const line = state.digest.find(({ key }) => key === issue.key);
	const sighting = { ...issue, severity: urgencyOf(issue) };
	if (issue.lastToldAt === null) return { state: line === undefined ? state : keepForDigest(state, sighting, around.now), notices: [] };
	if (familyRow(issue.family).endsQuietly) return { state, notices: [] };
	// An end makes no noise, so it waits only where its beginning would have waited.
	const urgency = urgencyOf(issue);
	const isHeld = urgency !== "critical" && ((around.isQuiet && urgency !== "warning") || !hasRoom(state, around));
	if (isHeld) return { state: keepForDigest(state, sighting, around.now), notices: [] };
	const notice = noticeOf("cleared", issue, around);
	return { state: sent(state, notice, around.now), notices: [notice] };
}
