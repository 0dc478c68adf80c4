import { GROUPS } from "../../../src/discovery/groups.ts";
import { MQTT_SETTINGS } from "../../../src/discovery/options.ts";

/** What a message is about: one of our groups of values, or what its topic is for. */
export type MessageKind = keyof typeof GROUPS | "availability" | "event" | "announcement" | "other";

export interface MessageCount {
	readonly messages: number;
	/** Payloads only. */
	readonly bytes: number;
}

const KINDS_BY_END: Readonly<Record<string, MessageKind>> = {
	...Object.fromEntries((Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => [group, group])),
	availability: "availability",
	state: "availability",
	event: "event",
	config: "announcement",
};

/** Home Assistant's own birth and last will, which end as our `status` does. */
const HOME_ASSISTANT = MQTT_SETTINGS.statusTopic.default;

/** Kind of a message by the last part of its topic. */
export function kindOf(topic: string): MessageKind {
	if (topic === HOME_ASSISTANT) return "other";
	return KINDS_BY_END[topic.slice(topic.lastIndexOf("/") + 1)] ?? "other";
}

/** Messages and their bytes by kind. */
export function countMessages(
	messages: readonly { readonly topic: string; readonly payload: string }[],
): ReadonlyMap<MessageKind, MessageCount> {
	const counts = new Map<MessageKind, MessageCount>();
	for (const { topic, payload } of messages) {
		const kind = kindOf(topic);
		const before = counts.get(kind) ?? { messages: 0, bytes: 0 };
		counts.set(kind, { messages: before.messages + 1, bytes: before.bytes + Buffer.byteLength(payload) });
	}
	return counts;
}

/** All kinds together. */
export function totalOf(counts: ReadonlyMap<MessageKind, MessageCount>): MessageCount {
	return [...counts.values()].reduce((sum, one) => ({ messages: sum.messages + one.messages, bytes: sum.bytes + one.bytes }), {
		messages: 0,
		bytes: 0,
	});
}
