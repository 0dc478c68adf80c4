import { type Circumstances, hasRoom, noticeOf, type Outcome, roomAt, sent, urgencyOf, withIssue } from "./delivery.ts";
import { type Issue, type ManagerState, type Notice, tagOf } from "./issue.ts";
import { escalationSteps, type NotificationSettings } from "./options.ts";
import { isAtLeast, type Severity } from "./severity.ts";

const MINUTE_MS = 60_000;

/** Minutes between reminders; 0 for none. */
function repeatMinutes(severity: Severity, settings: NotificationSettings): number {
	if (severity === "critical") return settings.repeatCriticalMinutes;
	if (severity === "warning") return settings.repeatWarningMinutes;
	return severity === "caution" ? settings.repeatCautionMinutes : 0;
}

/** What is due next for an issue, and when; null when nothing is. */
export function nextReminder(
	issue: Issue,
	settings: NotificationSettings,
): { readonly kind: "repeat" | "escalated"; readonly at: number } | null {
	const { toldAt, lastToldAt, acknowledgedAt, snoozedUntil, step } = issue;
	const urgency = urgencyOf(issue);
	if (toldAt === null || lastToldAt === null || acknowledgedAt !== null) return null;
	if (snoozedUntil !== null) return { kind: "repeat", at: snoozedUntil };
	const minutes = repeatMinutes(urgency, settings);
	const repeat = minutes === 0 ? null : { kind: "repeat" as const, at: lastToldAt + minutes * MINUTE_MS };
	const after = isAtLeast(urgency, settings.escalateFrom as Severity) ? escalationSteps(settings)[step] : undefined;
	const escalation = after === undefined ? null : { kind: "escalated" as const, at: toldAt + after * MINUTE_MS };
	if (escalation === null || repeat === null) return escalation ?? repeat;
	return escalation.at <= repeat.at ? escalation : repeat;
}

/** Whether a reminder must wait: below critical, for the end of the quiet hours or for room. */
function mustWait(issue: Issue, state: ManagerState, around: Circumstances): boolean {
	return urgencyOf(issue) !== "critical" && (around.isQuiet || !hasRoom(state, around));
}

/** Tells what lasts again, and goes on to the next step where nobody has acknowledged. */
export function remind(before: ManagerState, around: Circumstances): Outcome {
	let state = before;
	const notices: Notice[] = [];
	for (const issue of before.issues) {
		const due = issue.confirmed === null ? null : nextReminder(issue, around.settings);
		if (due === null || due.at > around.now || mustWait(issue, state, around)) continue;
		const isAnew = issue.snoozedUntil !== null;
		const step = due.kind === "escalated" ? issue.step + 1 : isAnew ? 0 : issue.step;
		// After a snooze everything begins anew, the escalation too.
		const told: Issue = { ...issue, step, lastToldAt: around.now, snoozedUntil: null, toldAt: isAnew ? around.now : issue.toldAt };
		const notice = noticeOf(due.kind, told, around);
		notices.push(notice);
		state = sent(withIssue(state, told), notice, around.now);
	}
	return { state, notices };
}

/** The digest as a message. */
function digestNotice({ bank, digest }: ManagerState, now: number): Notice {
	const tag = tagOf(bank, "digest", "bank");
	return { kind: "digest", severity: "info", silent: false, tag, step: 0, at: now, sighting: null, lines: digest, isOpen: false };
}

/** Sends what was held back, as one message. `isAsked`: somebody wants it now, whatever the hour, even when it is empty. */
export function sendDigest(state: ManagerState, around: Circumstances, isAsked: boolean): Outcome {
	const isDue = state.digest.length > 0 && !around.isQuiet && hasRoom(state, around);
	if (!isDue && !isAsked) return { state, notices: [] };
	const notice = digestNotice(state, around.now);
	const issues = state.issues.map((issue): Issue => {
		const isIn = state.digest.some(({ key, endedAt }) => key === issue.key && endedAt === null);
		return isIn ? { ...issue, toldAt: issue.toldAt ?? around.now, lastToldAt: around.now } : issue;
	});
	return { state: sent({ ...state, issues, digest: [] }, notice, around.now), notices: [notice] };
}

/** When something is due by time alone; null when nothing is. Quiet hours end when the caller looks again. */
export function nextDueAt(state: ManagerState, around: Circumstances): number | null {
	const { settings } = around;
	const times = state.issues.flatMap((issue) => [
		issue.confirmed === null ? undefined : nextReminder(issue, settings)?.at,
		issue.pending === null ? undefined : issue.pending.at + settings.confirmSeconds * 1000,
		issue.pending === null ? undefined : issue.pending.at + settings.watchdogMinutes * MINUTE_MS,
	]);
	const waiting = state.digest.length > 0 ? roomAt(state, around) : null;
	const ahead = [...times, waiting ?? undefined].filter((at): at is number => at !== undefined && at > around.now);
	return ahead.length === 0 ? null : Math.min(...ahead);
}
