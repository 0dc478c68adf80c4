import fc from "fast-check";
import { expect, it } from "vitest";
import type { Notice } from "../../src/notification/issue.ts";
import { isWithinHours } from "../../src/notification/local-time.ts";
import { condition, HOUR, MINUTE, utc, Watch } from "./watch.ts";

/** Whatever happens, the promises of the help hold. */

const KEYS = ["alarm.cell_overvoltage", "protection.cell_overvoltage", "alarm.low_soc", "fault.sampling"] as const;
const what = fc.uniqueArray(fc.record({ key: fc.constantFrom(...KEYS), pack: fc.constantFrom(null, 1, 2) }), {
	maxLength: 3,
	selector: ({ key, pack }) => `${key} ${pack}`,
});
const step = fc.oneof(
	fc.record({ do: fc.constant("set" as const), conditions: what, readings: fc.integer({ min: 1, max: 4 }) }),
	fc.record({ do: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 200 }) }),
	fc.record({
		do: fc.constantFrom(
			"acknowledge" as const,
			"snooze" as const,
			"digest" as const,
			"restart" as const,
			"silent" as const,
			"heard" as const,
		),
	}),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function live(watch: Watch, one: Step): void {
	if (one.do === "set") watch.set(...one.conditions.map(({ key, pack }) => condition(key, pack))).read(one.readings);
	else if (one.do === "pass") watch.pass(one.minutes * MINUTE);
	else if (one.do === "acknowledge") watch.do({ type: "acknowledge", tag: "all" });
	else if (one.do === "snooze") watch.do({ type: "snooze", tag: "all", minutes: null });
	else if (one.do === "digest") watch.do({ type: "digest" });
	else if (one.do === "restart") watch.restart();
	else watch.silent(one.do === "silent");
}

/** Messages that come by themselves and are not critical. */
const isBounded = ({ kind, severity }: Notice) => severity !== "critical" && kind !== "acknowledged";

/** Follows each thread: raised is raised once, and what was never told never ends. */
function threadsOf(watch: Watch): () => void {
	const told = new Set<string>();
	let count = 0;
	return () => {
		for (const { kind, tag, lines } of watch.sent.slice(count)) {
			if (kind === "raised") {
				expect(told.has(tag), `raised twice: ${tag}`).toBe(false);
				told.add(tag);
			}
			if (kind === "cleared") expect(told.delete(tag), `ended untold: ${tag}`).toBe(true);
			for (const { key, endedAt } of lines) {
				const issue = watch.state.issues.find((one) => one.key === key);
				if (endedAt === null && issue) told.add(issue.tag);
			}
		}
		count = watch.sent.length;
		// An end that waits for the digest ends the thread as well.
		for (const tag of [...told]) if (!watch.state.issues.some((issue) => issue.tag === tag)) told.delete(tag);
		expect(new Set(watch.state.issues.map(({ tag }) => tag)).size, "two on one thread").toBe(watch.state.issues.length);
	};
}

it("on random days no rule is broken", () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom("12:00", "21:30", "06:30"), (steps, start) => {
			const watch = new Watch(start);
			const acknowledged = new Set<string>();
			const isAsked: boolean[] = [];
			watch.afterLook = threadsOf(watch);
			for (const one of steps) {
				const before = watch.sent.length;
				const known = new Set(watch.state.issues.filter(({ acknowledgedAt }) => acknowledgedAt !== null).map(({ tag }) => tag));
				live(watch, one);
				for (const notice of watch.sent.slice(before)) {
					isAsked.push(one.do === "digest");
					if (notice.kind === "repeat" || notice.kind === "escalated")
						expect(known.has(notice.tag) && acknowledged.has(notice.tag)).toBe(false);
					if (notice.kind === "raised" || notice.kind === "worse" || notice.kind === "cleared") acknowledged.delete(notice.tag);
				}
				if (one.do === "acknowledge") for (const { tag } of watch.state.issues) acknowledged.add(tag);
			}

			watch.sent.forEach((notice, index) => {
				const { kind, at, severity, silent } = notice;
				// Quiet hours.
				if (isWithinHours(utc(at), "22:00", "07:00") && !isAsked[index]) {
					expect(kind).not.toBe("digest");
					if (severity !== "critical") expect(silent).toBe(true);
				}
				// The limit, counted over the hour before each message; a digest somebody asked for is beside it.
				if (isBounded(notice) && !isAsked[index]) {
					const hour = watch.sent.filter((other, place) => place <= index && isBounded(other) && !isAsked[place] && at - other.at < HOUR);
					const ends = hour.filter(({ kind: other }) => other === "cleared").length;
					expect(hour.length - ends).toBeLessThanOrEqual(6);
				}
			});
		}),
		{ numRuns: 500 },
	);
});
