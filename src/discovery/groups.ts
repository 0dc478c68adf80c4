/**
 * TABLE of the topic groups: values that change at one pace travel together, because Home Assistant renders
 * every entity of a topic for each message on it (home-assistant.md §1.5).
 */
export const GROUPS = {
	/** Measurements that move all the time. */
	live: { qos: 0, expires: true, minIntervalMs: 1000 },
	/** Every cell. */
	cells: { qos: 0, expires: true, minIntervalMs: 5000 },
	/** Alarms, protections, faults and switches: sent at once, at any difference. */
	status: { qos: 1, expires: false, minIntervalMs: 0 },
	/** What commands change: switches, parameters, and what became of the last command. */
	settings: { qos: 1, expires: false, minIntervalMs: 0 },
	/** Energy counters. */
	energy: { qos: 1, expires: false, minIntervalMs: 10_000 },
	/** What hardly ever changes: capacities, cycles, versions. */
	info: { qos: 1, expires: false, minIntervalMs: 0 },
} as const satisfies Record<string, GroupRow>;

interface GroupRow {
	readonly qos: 0 | 1;
	/**
	 * Worth nothing when old: Home Assistant drops it after three heartbeats, and it is retained only where the
	 * broker forgets it after the same time (MQTT 5); else a restart would revive an old value (§2). All other
	 * groups are retained.
	 */
	readonly expires: boolean;
	/** Least time between two messages of one topic that only carry other numbers, in ms. */
	readonly minIntervalMs: number;
}

export type Group = keyof typeof GROUPS;

/** Life of an expiring value: three heartbeats, in seconds. */
export function expirySeconds(heartbeatSeconds: number): number {
	return 3 * heartbeatSeconds;
}
