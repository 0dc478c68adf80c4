import type { Node, NodeStatusFill, NodeStatusShape } from "node-red";
import type { BankOrigin, BankSnapshot, PublisherState } from "../../src/index.ts";

interface Badge {
	readonly fill: NodeStatusFill;
	readonly shape: NodeStatusShape;
	/** The text has a variant for simulated and for replayed banks. */
	readonly byOrigin?: true;
}

/**
 * TABLE of the badges. The text of a row is the catalogue entry `rack-battery.status.<key>` of each node, or
 * `rack-battery.status.<key>.<origin>`, which the editor translates for whoever looks.
 */
export const BADGES = {
	opening: { fill: "yellow", shape: "ring" },
	noBank: { fill: "red", shape: "ring" },
	noServer: { fill: "red", shape: "ring" },
	conflict: { fill: "red", shape: "ring" },
	settings: { fill: "red", shape: "ring" },
	failed: { fill: "red", shape: "ring" },
	input: { fill: "red", shape: "ring" },

	connecting: { fill: "yellow", shape: "ring", byOrigin: true },
	live: { fill: "green", shape: "dot", byOrigin: true },
	noPack: { fill: "yellow", shape: "ring", byOrigin: true },
	silent: { fill: "red", shape: "ring", byOrigin: true },
	lost: { fill: "red", shape: "ring", byOrigin: true },
	/** A serial port of this machine: never a simulated or replayed bank's. */
	portBusy: { fill: "red", shape: "ring" },
	portForbidden: { fill: "red", shape: "ring" },
	asleep: { fill: "blue", shape: "ring", byOrigin: true },

	clear: { fill: "green", shape: "dot", byOrigin: true },
	alarm: { fill: "yellow", shape: "dot", byOrigin: true },
	protection: { fill: "red", shape: "dot", byOrigin: true },
	fault: { fill: "red", shape: "dot", byOrigin: true },
	unknown: { fill: "grey", shape: "ring", byOrigin: true },

	contactOpen: { fill: "green", shape: "dot", byOrigin: true },
	contactClosed: { fill: "red", shape: "dot", byOrigin: true },
	/** Inverted contacts report trouble while they are open. */
	contactOpenActive: { fill: "red", shape: "dot", byOrigin: true },
	contactClosedIdle: { fill: "green", shape: "dot", byOrigin: true },
	contactMismatch: { fill: "yellow", shape: "dot", byOrigin: true },

	lasts: { fill: "green", shape: "dot", byOrigin: true },
	lastsNot: { fill: "red", shape: "dot", byOrigin: true },
	lastsUnsure: { fill: "yellow", shape: "dot", byOrigin: true },
	notDischarging: { fill: "green", shape: "ring", byOrigin: true },

	generatorIdle: { fill: "grey", shape: "ring", byOrigin: true },
	generatorArmed: { fill: "yellow", shape: "ring", byOrigin: true },
	generatorStarting: { fill: "yellow", shape: "dot", byOrigin: true },
	generatorRetrying: { fill: "yellow", shape: "ring", byOrigin: true },
	generatorWarming: { fill: "blue", shape: "dot", byOrigin: true },
	generatorRunning: { fill: "green", shape: "dot", byOrigin: true },
	generatorCooling: { fill: "blue", shape: "dot", byOrigin: true },
	generatorLockout: { fill: "grey", shape: "dot", byOrigin: true },
	generatorFault: { fill: "red", shape: "dot", byOrigin: true },

	shedStart: { fill: "yellow", shape: "ring", byOrigin: true },
	shedNone: { fill: "green", shape: "dot", byOrigin: true },
	shedOff: { fill: "yellow", shape: "dot", byOrigin: true },
	shedLocked: { fill: "yellow", shape: "dot", byOrigin: true },
	shedHold: { fill: "grey", shape: "ring", byOrigin: true },
	shedAlarm: { fill: "red", shape: "ring", byOrigin: true },
	shedDryRun: { fill: "blue", shape: "ring", byOrigin: true },

	brokerConnecting: { fill: "yellow", shape: "ring", byOrigin: true },
	published: { fill: "green", shape: "dot", byOrigin: true },
	brokerGone: { fill: "red", shape: "ring", byOrigin: true },
	brokerRefused: { fill: "red", shape: "ring", byOrigin: true },
	brokerMissing: { fill: "red", shape: "ring" },
	publishedTwice: { fill: "red", shape: "ring" },

	haConnecting: { fill: "yellow", shape: "ring" },
	haOnline: { fill: "green", shape: "dot" },
	haOffline: { fill: "red", shape: "ring" },
	haRefused: { fill: "red", shape: "ring" },
	haInvalid: { fill: "red", shape: "ring" },
	noHomeAssistant: { fill: "red", shape: "ring" },
	callFailed: { fill: "red", shape: "dot" },

	commandRunning: { fill: "blue", shape: "dot", byOrigin: true },
	commandArmed: { fill: "yellow", shape: "dot", byOrigin: true },
	commandFailed: { fill: "red", shape: "dot" },

	notifyNone: { fill: "green", shape: "dot", byOrigin: true },
	notifyCaution: { fill: "yellow", shape: "ring", byOrigin: true },
	notifyWarning: { fill: "yellow", shape: "dot", byOrigin: true },
	notifyCritical: { fill: "red", shape: "dot", byOrigin: true },
	notifyAcknowledged: { fill: "blue", shape: "dot", byOrigin: true },
} as const satisfies Record<string, Badge>;

export type BadgeKey = keyof typeof BADGES;

/** Catalogue key of a badge's text. */
export function badgeText(key: BadgeKey, origin: BankOrigin | null): string {
	const row: Badge = BADGES[key];
	return row.byOrigin ? `rack-battery.status.${key}.${origin ?? "real"}` : `rack-battery.status.${key}`;
}

/** The badge of a node: what the bank does, covered by a problem until that is over. Sends changes only. */
export class StatusBadge {
	readonly #node: Pick<Node, "status">;
	#state: { key: BadgeKey; origin: BankOrigin | null } | null = null;
	#problem: BadgeKey | null = null;
	#shown = "";

	constructor(node: Pick<Node, "status">) {
		this.#node = node;
	}

	show(key: BadgeKey, origin: BankOrigin | null = null): void {
		this.#state = { key, origin };
		this.#draw();
	}

	/** Shown over the state until `mended`. */
	problem(key: BadgeKey): void {
		this.#problem = key;
		this.#draw();
	}

	mended(): void {
		this.#problem = null;
		this.#draw();
	}

	#draw(): void {
		const key = this.#problem ?? this.#state?.key;
		if (key === undefined) return;
		const text = badgeText(key, this.#state?.origin ?? null);
		if (text === this.#shown) return;
		this.#shown = text;
		const { fill, shape } = BADGES[key];
		this.#node.status({ fill, shape, text });
	}
}

/** TABLE of the reasons why a line is lost that have a badge of their own. */
const LOST_BADGES: Readonly<Partial<Record<string, BadgeKey>>> = { busy: "portBusy", "no-permission": "portForbidden" };

/** How the bank does: its line, and whether one of the packs that matter is live. */
export function bankBadge(snapshot: BankSnapshot, isOfInterest: (pack: number) => boolean = () => true): BadgeKey {
	const { state, problem } = snapshot.link;
	if (state === "lost" && problem?.kind === "transport") return LOST_BADGES[problem.code] ?? state;
	if (state === "lost" || state === "silent" || state === "asleep") return state;
	if (state !== "online") return "connecting";
	const isLive = snapshot.packs.some((pack) => pack.presence === "live" && isOfInterest(pack.address));
	return isLive ? "live" : "noPack";
}

/** How publishing does. */
export function publisherBadge(state: PublisherState["state"]): BadgeKey {
	return ({ connecting: "brokerConnecting", online: "published", offline: "brokerGone", refused: "brokerRefused" } as const)[state];
}
