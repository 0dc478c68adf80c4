import {
	type BankOrigin,
	type BankSnapshot,
	buttonWords,
	conditionOf,
	type FamilyKey,
	familyRow,
	type Language,
	type ManagerState,
	type Notice,
	type NoticeKind,
	noticeWords,
	type Severity,
	type Wording,
} from "../../src/index.ts";
import { homeAssistantMessages } from "./home-assistant-message.ts";
import { type ButtonType, buttonFor, type Format } from "./notify-inputs.ts";

/** A button under a message. */
export interface Button {
	/** What comes back when it is pressed. */
	readonly action: string;
	readonly title: string;
}

/** What a message tells; what is not known is null. */
export interface NotificationPayload {
	readonly title: string;
	/** Sentence and facts, a line each. */
	readonly message: string;
	readonly kind: NoticeKind;
	readonly severity: Severity;
	/** To be shown without sound. */
	readonly silent: boolean;
	/** Thread: a newer message with the same tag replaces the older one. */
	readonly tag: string;
	/** Step of the escalation, 0 for the first message, and whom it is for. */
	readonly step: number;
	readonly targets: readonly string[];
	readonly actions: readonly Button[];
	readonly sentence: string;
	readonly facts: readonly string[];
	readonly family: FamilyKey | null;
	readonly pack: number | null;
	readonly cell: number | null;
	readonly probe: number | null;
	readonly value: number | null;
	readonly unit: string | null;
	/** The limit that belongs to the value; null while the battery's parameters are not known. */
	readonly limit: number | null;
	/** Slugs of the conditions behind it. */
	readonly conditions: readonly string[];
	/** ISO 8601. */
	readonly since: string | null;
	readonly at: string;
	readonly bank: string;
	readonly name: string;
	readonly origin: BankOrigin;
	readonly simulated: boolean;
}

/** What the messages of a node are made with. */
export interface Shape {
	readonly format: Format;
	readonly language: Language;
	/** Whom each step of the escalation tells, the first message first. */
	readonly steps: readonly (readonly string[])[];
	readonly snoozeMinutes: number;
	/** Whether messages that less load would help have a button for it. */
	readonly shedButton: boolean;
}

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function buttons({ tag, isOpen, sighting }: Notice, { language, snoozeMinutes, shedButton }: Shape): readonly Button[] {
	if (!isOpen) return [];
	const titles = buttonWords(snoozeMinutes, language);
	const isHelped = shedButton && sighting !== null && familyRow(sighting.family).helpedByShedding === true;
	const types: readonly ButtonType[] = ["acknowledge", "snooze", ...(isHelped ? ["shed" as const] : [])];
	return types.map((type) => ({ action: buttonFor(type, tag), title: titles[type] }));
}

/** Whom a message is for: a step calls its own beside all before it. */
function targetsOf({ step }: Notice, { steps }: Shape): readonly string[] {
	return [...new Set(steps.slice(0, step + 1).flat())];
}

export function notificationPayload(notice: Notice, wording: Wording, shape: Shape): NotificationPayload {
	const { kind, severity, silent, tag, step, at, sighting } = notice;
	const { id, name, origin } = wording.snapshot;
	const { title, sentence, facts } = noticeWords(notice, wording);
	const [first] = sighting?.details ?? [];
	return {
		title,
		message: [sentence, ...facts].join("\n"),
		kind,
		severity,
		silent,
		tag,
		step,
		targets: targetsOf(notice, shape),
		actions: buttons(notice, shape),
		sentence,
		facts,
		family: sighting?.family ?? null,
		pack: sighting?.pack ?? null,
		cell: first?.cell ?? null,
		probe: first?.probe ?? null,
		value: first?.value ?? null,
		unit: first?.unit ?? null,
		limit: first?.limit ?? null,
		conditions: sighting?.details.map(({ key }) => conditionOf(key).slug) ?? [],
		since: isoOf(sighting?.since ?? null),
		at: new Date(at).toISOString(),
		bank: id,
		name,
		origin,
		simulated: origin !== "real",
	};
}

/** The first two outputs for a notice: for everybody, and for action nodes of Home Assistant. */
export function noticeMessages(notice: Notice, wording: Wording, shape: Shape) {
	const payload = notificationPayload(notice, wording, shape);
	const topic = `rack-battery/${payload.bank}/notification/${payload.severity}`;
	const { title, message, severity, tag, simulated } = payload;
	const common = { title, message, severity, tag, simulated };
	const plain =
		shape.format === "text" ? { ...common, topic: title, payload: message, notification: payload } : { ...common, topic, payload };
	return { plain, homeAssistant: homeAssistantMessages(payload, topic) };
}

/** The fourth output: what the load shedding node takes. */
export function shedMessage(tag: string, { id, origin }: BankSnapshot) {
	return { topic: `rack-battery/${id}/shed`, payload: "shed", command: "shed", tag, simulated: origin !== "real" };
}

/** The third output: what is the matter now, gravest first as it came. */
export function listMessage({ issues }: ManagerState, snapshot: BankSnapshot, now: number) {
	const payload = issues
		.filter(({ confirmed }) => confirmed !== null)
		.map(({ tag, family, pack, confirmed, since, details, title, text, toldAt, acknowledgedAt, snoozedUntil, step }) => ({
			tag,
			family,
			pack,
			severity: confirmed,
			state: acknowledgedAt !== null ? "acknowledged" : snoozedUntil !== null && snoozedUntil > now ? "snoozed" : "active",
			since: isoOf(since),
			conditions: details.map(({ key }) => conditionOf(key).slug),
			title,
			text,
			told: isoOf(toldAt),
			acknowledged: isoOf(acknowledgedAt),
			snoozedUntil: isoOf(snoozedUntil),
			step,
		}));
	const count = (state: string) => payload.filter((one) => one.state === state).length;
	return {
		topic: `rack-battery/${snapshot.id}/notifications`,
		payload,
		active: count("active"),
		acknowledged: count("acknowledged"),
		snoozed: count("snoozed"),
		simulated: snapshot.origin !== "real",
	};
}
