import type { NotificationPayload } from "./notify-messages.ts";

/** How loud: what phones make of it differs between the two systems, so both are told. */
type Loudness = "silent" | "normal" | "high" | "critical";

function loudness({ severity, silent }: Pick<NotificationPayload, "severity" | "silent">): Loudness {
	if (silent) return "silent";
	return severity === "critical" ? "critical" : severity === "warning" ? "high" : "normal";
}

/**
 * TABLE of the extra data of the Home Assistant app: channel, importance, ttl and priority for Android, push for iOS
 * (companion.home-assistant.io, critical notifications). The channel alarm_stream sounds even when the phone is silent.
 */
const LOUDNESS = {
	silent: { channel: "Battery, silent", importance: "low", push: { sound: "none", "interruption-level": "passive" } },
	normal: { channel: "Battery", importance: "default", push: { "interruption-level": "active" } },
	high: { channel: "Battery, warnings", importance: "high", ttl: 0, priority: "high", push: { "interruption-level": "time-sensitive" } },
	critical: {
		channel: "alarm_stream",
		importance: "high",
		ttl: 0,
		priority: "high",
		push: { sound: { name: "default", critical: 1, volume: 1 }, "interruption-level": "critical" },
	},
} as const satisfies Record<Loudness, object>;

/** The data of a notify action. */
export function homeAssistantData(payload: NotificationPayload, target: string | null) {
	const { title, message, tag, actions } = payload;
	if (target?.startsWith("persistent_notification.")) return { title, message, notification_id: tag };
	const buttons = actions.length === 0 ? {} : { actions };
	return { title, message, data: { tag, group: "rack-battery", ...LOUDNESS[loudness(payload)], ...buttons } };
}

/** Messages for action nodes, one for each target; one without an action where the node names no target. */
export function homeAssistantMessages(payload: NotificationPayload, topic: string) {
	const common = { topic, simulated: payload.simulated, tag: payload.tag };
	if (payload.targets.length === 0) {
		const data = homeAssistantData(payload, null);
		return [{ ...common, payload: { data }, data }];
	}
	return payload.targets.map((target) => ({ ...common, payload: { action: target, data: homeAssistantData(payload, target) } }));
}
