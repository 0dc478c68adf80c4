import {
	type Action,
	type Autonomy,
	type AutonomySettings,
	addPower,
	type Bank,
	type BankSnapshot,
	type ContactSource,
	type ContactState,
	contactOf,
	decide,
	estimateAutonomy,
	explainOverall,
	explainStages,
	newState,
	type Order,
	type Overall,
	type Readings,
	type ReasonCode,
	restarted,
	type ShedSettings,
	type ShedState,
	type SmoothedPower,
	type StageStatus,
	shedReadings,
} from "../../src/index.ts";

/** Everything there is to tell after a decision. */
export interface ShedView {
	readonly snapshot: BankSnapshot;
	readonly state: ShedState;
	readonly readings: Readings | null;
	readonly stages: readonly StageStatus[];
	readonly overall: Overall;
	readonly autonomy: Autonomy;
	readonly actions: readonly Action[];
	readonly at: number;
}

export interface ShedRunDeps {
	readonly bank: Bank;
	/** The bank's dry contacts; null when there are none to ask: then they are modelled from its alarm state. */
	readonly contacts: ContactSource | null;
	readonly settings: ShedSettings;
	readonly autonomy: AutonomySettings;
	/** State from before a restart; null for none. */
	readonly kept: ShedState | null;
	/** Called after every decision; `isNews` when something changed that is worth telling. */
	decided(view: ShedView, isNews: boolean): void;
	/** Told when there is something new to keep. */
	keep(state: ShedState): void;
}

/** How often waiting times are looked after while nothing else happens, ms. */
const TICK_MS = 5000;
/** Timers alone are kept this often, ms: a memory card does not like a write a second. */
const KEEP_TIMERS_MS = 60_000;
const MINUTE_MS = 60_000;

/** What a message has told of a contact, and what the bank's own says: closed when either does; what is known stands for what is not. */
function either(told: boolean | null | undefined, own: boolean | null | undefined): boolean | null | undefined {
	if (told === undefined || own === undefined) return told ?? own;
	return told === true || own === true ? true : (told ?? own);
}

/** The battery has no word for what closes it, and no wire tells it. */
function isContactUntold({ active, wired, stale, unsupported }: ContactState, { conditions }: BankSnapshot): boolean {
	return active === null && wired === null && !stale && conditions !== null && unsupported.length > 0;
}

/** What matters of the state, without its timers. */
const switchedPart = ({ stages, live, dryRun, lastRestoreAt, lockedUntil, grid, isOutage }: ShedState) =>
	JSON.stringify([stages, live, dryRun, lastRestoreAt, lockedUntil, grid, isOutage]);

/** Reasons that come and go with every wavering value: among each other they are no news. */
const WAVERING: readonly (readonly ReasonCode[])[] = [
	["calm", "asking"],
	["off-asks-for-off", "off-not-calm", "off-unknown", "off-calm-too-short"],
];
const newsOf = (code: ReasonCode) => WAVERING.find((codes) => codes.includes(code))?.[0] ?? code;

/** What the report tells as news. */
function newsPart({ state, stages, overall }: ShedView): string {
	const ofStages = stages.map(({ position, by, code }) => [position, by, newsOf(code)]);
	return JSON.stringify([ofStages, overall.code, overall.isAlarm, state.dryRun.isOn, state.isOutage, state.grid?.present]);
}

/** Decides with every snapshot, contact, message and every few seconds; carries the state. */
export class ShedRun {
	readonly #deps: ShedRunDeps;
	readonly #stopListening: () => void;
	readonly #stopContacts: () => void;
	#state: ShedState;
	#power: SmoothedPower | null = null;
	#told: { fault?: boolean | null; lowBattery?: boolean | null; importPower?: { watts: number; at: number } } = {};
	#news = "";
	#kept = "";
	#keptAt: number;
	#cancel: () => void = () => {};

	constructor(deps: ShedRunDeps) {
		this.#deps = deps;
		const { bank, kept, settings, contacts } = deps;
		const now = bank.clock.now();
		this.#state = kept === null ? newState(now, settings.rules.dryRun) : restarted(kept, now);
		this.#kept = switchedPart(this.#state);
		this.#keptAt = now;
		this.#stopListening = bank.subscribe(() => this.decide([]));
		this.#stopContacts = contacts?.subscribe(() => this.decide([])) ?? (() => {});
		this.#tick();
	}

	/** Takes what a message tells. */
	tell(told: { fault?: boolean | null | undefined; lowBattery?: boolean | null | undefined; importW?: number | undefined }): void {
		const { fault, lowBattery, importW } = told;
		if (fault !== undefined) this.#told.fault = fault;
		if (lowBattery !== undefined) this.#told.lowBattery = lowBattery;
		if (importW !== undefined) this.#told.importPower = { watts: Math.max(0, importW), at: this.#deps.bank.clock.now() };
	}

	/** Decides now, with these orders; the view is also handed to `decided`. */
	decide(orders: readonly Order[]): ShedView {
		const { bank, settings } = this.#deps;
		const { snapshot } = bank;
		const now = bank.clock.now();
		const autonomy = this.#autonomy(snapshot, now);
		const readings = this.#readings(snapshot, autonomy, now);
		const { state, actions } = decide(this.#state, { readings, orders }, settings, now);
		this.#state = state;
		const stages = explainStages(state, readings, settings, now);
		const view: ShedView = { snapshot, state, readings, stages, overall: explainOverall(state, settings, now), autonomy, actions, at: now };
		this.#keep(now);
		const news = newsPart(view);
		const isNews = actions.length > 0 || news !== this.#news;
		this.#news = news;
		this.#deps.decided(view, isNews);
		return view;
	}

	stop(): void {
		this.#stopListening();
		this.#stopContacts();
		this.#cancel();
		this.#deps.keep(this.#state);
	}

	#tick(): void {
		this.decide([]);
		this.#cancel = this.#deps.bank.clock.after(TICK_MS, () => this.#tick());
	}

	#autonomy(snapshot: BankSnapshot, now: number): Autonomy {
		const { autonomy } = this.#deps;
		const { totals } = snapshot;
		const watts = totals === null || totals.stale ? null : totals.value.power;
		if (totals !== null && watts !== null) {
			this.#power = addPower(this.#power, watts, totals.at, autonomy.smoothingMinutes * MINUTE_MS);
		}
		return estimateAutonomy(snapshot, this.#power, autonomy, null, now);
	}

	#readings(snapshot: BankSnapshot, { lasts, minutesLeft }: Autonomy, now: number): Readings | null {
		const states = this.#deps.contacts?.states;
		const [ownFault, ownLowBattery] = (["fault", "low-battery"] as const).map((contact) => states && contactOf(states, contact, null));
		const runtimeMinutes = lasts === "charging" ? Number.POSITIVE_INFINITY : (minutesLeft?.best ?? null);
		const modelled = shedReadings(
			snapshot,
			{ importPower: this.#told.importPower ?? null, runtimeMinutes },
			this.#deps.settings.rules,
			now,
		);
		if (modelled === null) return null;
		const fault = either(this.#told.fault, ownFault ? ownFault.active : modelled.fault);
		const lowBattery = either(this.#told.lowBattery, ownLowBattery ? ownLowBattery.active : modelled.lowBattery);
		const isUntold = (kind: "fault" | "lowBattery", own: ContactState | null | undefined) =>
			this.#told[kind] === undefined && (own ? isContactUntold(own, snapshot) : modelled.untold.includes(kind));
		const untold = [
			...(isUntold("fault", ownFault) ? (["fault"] as const) : []),
			...(isUntold("lowBattery", ownLowBattery) ? (["lowBattery"] as const) : []),
		];
		return { ...modelled, fault: fault ?? null, lowBattery: lowBattery ?? null, untold };
	}

	#keep(now: number): void {
		const part = switchedPart(this.#state);
		if (part === this.#kept && now - this.#keptAt < KEEP_TIMERS_MS) return;
		this.#kept = part;
		this.#keptAt = now;
		this.#deps.keep(this.#state);
	}
}
