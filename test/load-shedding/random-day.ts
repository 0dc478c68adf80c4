import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { type Action, decide } from "../../src/load-shedding/decide.ts";
import type { ShedRules } from "../../src/load-shedding/options.ts";
import type { Order, ShedSettings } from "../../src/load-shedding/orders.ts";
import { outageOf } from "../../src/load-shedding/prepare.ts";
import { newState, type Position, readState, restarted, type ShedState, type StageState } from "../../src/load-shedding/shed-state.ts";
import { type Stage, stageWith } from "../../src/load-shedding/stages.ts";
import { look, offDelayMs, type Readings, TRIGGER_KINDS, uses } from "../../src/load-shedding/triggers.ts";

/** Random days for the shedding, and a witness that knows the rules and has seen only what came in and went out. */

const MINUTE = 60_000;
const START = Date.UTC(2026, 5, 1, 4);

/** A stretch of a day: what the battery does, and what somebody does at its beginning. */
interface Phase {
	readonly minutes: number;
	readonly stepS: number;
	readonly soc: number;
	readonly cell: number;
	readonly power: number;
	readonly runtime: number | null;
	readonly lowBattery: boolean | null;
	readonly fault: boolean | null;
	readonly importW: number | null;
	readonly isKnown: boolean;
	/** Off and on by turns, step by step. */
	readonly isFlickering: boolean;
	readonly event: PhaseEvent;
}

type PhaseEvent =
	| { readonly type: "none" }
	| { readonly type: "restart"; readonly awayS: number }
	| { readonly type: "order"; readonly order: Order };

export interface Day {
	readonly stages: readonly Stage[];
	readonly rules: ShedRules;
	readonly phases: readonly Phase[];
}

const KEYS = ["a", "b", "c", "d"] as const;

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 });

const stageArbitrary = (key: string): fc.Arbitrary<Stage> =>
	fc
		.record({
			enabled: fc.boolean().map((one) => one || key !== "b"),
			soc: maybe(fc.record({ off: fc.integer({ min: 10, max: 60 }), gap: fc.integer({ min: 1, max: 25 }) })),
			cell: maybe(fc.record({ off: fc.constantFrom(2.9, 3, 3.1), gap: fc.constantFrom(0.05, 0.2) })),
			runtime: fc.option(fc.record({ off: fc.integer({ min: 30, max: 240 }), gap: fc.integer({ min: 10, max: 240 }) }), { freq: 1 }),
			discharge: fc.option(fc.record({ off: fc.integer({ min: 2000, max: 5000 }), gap: fc.integer({ min: 100, max: 1500 }) }), { freq: 1 }),
			importing: fc.option(fc.record({ off: fc.integer({ min: 2000, max: 5000 }), gap: fc.integer({ min: 100, max: 1500 }) }), { freq: 1 }),
			lowBattery: fc.boolean(),
			fault: fc.boolean(),
			outage: fc.boolean(),
			minimumOffMinutes: fc.constantFrom(0, 1, 5, 10),
			minimumOnMinutes: fc.constantFrom(0, 1, 5, 10),
		})
		.map(({ soc, cell, runtime, discharge, importing, ...rest }) =>
			stageWith({
				key,
				name: key.toUpperCase(),
				...rest,
				...(soc ? { socOff: soc.off, socOn: soc.off + soc.gap } : {}),
				...(cell ? { cellOff: cell.off, cellOn: cell.off + cell.gap } : {}),
				...(runtime ? { runtimeOff: runtime.off, runtimeOn: runtime.off + runtime.gap } : {}),
				...(discharge ? { dischargeOff: discharge.off, dischargeOn: discharge.off - discharge.gap } : {}),
				...(importing ? { importOff: importing.off, importOn: importing.off - importing.gap } : {}),
			}),
		);

const stagesArbitrary = fc
	.tuple(fc.integer({ min: 1, max: 4 }), ...KEYS.map(stageArbitrary))
	.map(([count, ...stages]) => stages.slice(0, count));

const rulesArbitrary: fc.Arbitrary<ShedRules> = fc.record({
	socOf: fc.constant("lowest" as const),
	levelDelayS: fc.constantFrom(0, 60, 300),
	contactDelayS: fc.constantFrom(0, 10, 60),
	powerDelayS: fc.constantFrom(0, 30),
	restoreDelayMinutes: fc.constantFrom(0, 1, 10),
	restoreGapMinutes: fc.constantFrom(0, 2, 5),
	lockMinutes: fc.constantFrom(0, 10, 30),
	outageRaisePercent: fc.constantFrom(0, 15),
	gridStableMinutes: fc.constantFrom(0, 5),
	overrideHours: fc.constantFrom(0.5, 4),
	oldestDataS: fc.constant(120),
	unknownAlarmMinutes: fc.constant(2),
	shedWhenBlind: fc.boolean(),
	blindMinutes: fc.constantFrom(3, 15),
	startDelayS: fc.constantFrom(0, 60),
	dryRun: fc.constant(false),
});

const position = fc.constantFrom<Position>("on", "off");
const someStage = fc.constantFrom(...KEYS);
const orderArbitrary: fc.Arbitrary<Order> = fc.oneof(
	{ arbitrary: fc.record({ type: fc.constant("grid" as const), present: fc.constantFrom(true, false, false) }), weight: 3 },
	{ arbitrary: fc.record({ type: fc.constant("hand" as const), stage: someStage, position, isReport: fc.boolean() }), weight: 3 },
	{ arbitrary: fc.record({ type: fc.constant("ask" as const), stage: fc.option(someStage), position }), weight: 2 },
	{ arbitrary: fc.record({ type: fc.constant("auto" as const), stage: someStage }), weight: 1 },
	{ arbitrary: fc.record({ type: fc.constant("acknowledge" as const) }), weight: 1 },
	{ arbitrary: fc.record({ type: fc.constant("dry-run" as const), isOn: fc.boolean() }), weight: 1 },
);

const phaseArbitrary: fc.Arbitrary<Phase> = fc.record({
	minutes: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 5, max: 30 }), fc.integer({ min: 30, max: 90 })),
	stepS: fc.constantFrom(5, 30, 60, 60, 100),
	soc: fc.integer({ min: 0, max: 100 }),
	cell: fc.constantFrom(2.85, 2.95, 3.02, 3.12, 3.2, 3.2, 3.3, 3.3),
	power: fc.integer({ min: -6000, max: 4000 }),
	runtime: maybe(fc.integer({ min: 0, max: 600 })),
	lowBattery: fc.constantFrom(false, false, false, false, true, null),
	fault: fc.constantFrom(false, false, false, false, true, null),
	importW: maybe(fc.integer({ min: 0, max: 6000 })),
	isKnown: fc.constantFrom(true, true, true, true, false),
	isFlickering: fc.constantFrom(false, false, false, true),
	event: fc.oneof(
		{ arbitrary: fc.constant({ type: "none" as const }), weight: 5 },
		{ arbitrary: orderArbitrary.map((order) => ({ type: "order" as const, order })), weight: 5 },
		{ arbitrary: fc.constantFrom(0, 5, 90, 600, 7200).map((awayS) => ({ type: "restart" as const, awayS })), weight: 1 },
	),
});

/** A day is about 24 hours long, and ends with calm hours in which all must come back. */
export const dayArbitrary: fc.Arbitrary<Day> = fc.record({
	stages: stagesArbitrary,
	rules: rulesArbitrary,
	phases: fc.array(phaseArbitrary, { minLength: 1, maxLength: 60, size: "max" }),
});

/** What the witness knows of one load. */
interface Known {
	/** Off, because it was switched off by the shedding. */
	ours: boolean;
	/** Off, because somebody's hand did it. */
	handOff: boolean;
	/** Left alone: what asked for off when the hand switched it on. */
	ignored: Set<string> | null;
	ignoredUntil: number;
	lastOn: number;
	lastOff: number;
	lastSwitch: number;
	askedOff: boolean;
	askedOn: boolean;
}

interface World {
	readonly loads: Map<string, Known>;
	lastRestore: number;
	lockedUntil: number;
}

const never = Number.NEGATIVE_INFINITY;
const newLoad = (): Known => ({
	ours: false,
	handOff: false,
	ignored: null,
	ignoredUntil: never,
	lastOn: never,
	lastOff: never,
	lastSwitch: never,
	askedOff: false,
	askedOn: false,
});
const copyOf = (world: World): World => ({
	...world,
	loads: new Map([...world.loads].map(([key, load]) => [key, { ...load, ignored: load.ignored && new Set(load.ignored) }])),
});

/** Runs a day and throws at the first rule that is broken. Returns what happened, so that a test can see that something did. */
export class Witness {
	readonly #settings: ShedSettings;
	readonly #enabled: readonly Stage[];
	#world: World = { loads: new Map(), lastRestore: never, lockedUntil: never };
	/** The real loads while a dry run plays. */
	#real: World | null = null;
	#state: ShedState;
	#now = START;
	#startedAt = START;
	#firstValuesAt: number | null = null;
	#gridAwaySince: number | null = null;
	#unknownSince: number | null = START;
	/** Zones as last seen, by stage and trigger, and since when they were seen there without a gap. */
	readonly #zones = new Map<string, { zone: string; since: number; seen: number }>();
	readonly counts = { off: 0, on: 0, locked: 0, blind: 0, asked: 0, restarts: 0 };

	constructor(settings: ShedSettings) {
		this.#settings = settings;
		this.#enabled = settings.stages.filter(({ enabled }) => enabled);
		this.#state = newState(START, settings.rules.dryRun);
	}

	get state(): ShedState {
		return this.#state;
	}

	#load(key: string, world = this.#world): Known {
		const load = world.loads.get(key) ?? newLoad();
		world.loads.set(key, load);
		return load;
	}

	#fail(rule: string, what: unknown): never {
		throw new Error(`${rule} at ${new Date(this.#now).toISOString()}: ${JSON.stringify(what)}`);
	}

	pass(ms: number): void {
		this.#now += ms;
	}

	restart(awayMs: number): void {
		this.#now += awayMs;
		this.#startedAt = this.#now;
		this.#firstValuesAt = null;
		this.#unknownSince = this.#now;
		this.#state = restarted(readState(JSON.parse(JSON.stringify(this.#state))), this.#now);
		this.counts.restarts += 1;
	}

	step(readings: Readings | null, orders: readonly Order[]): void {
		const now = this.#now;
		const inputs = { readings, orders };
		const before = this.#state;
		const { state, actions } = decide(before, inputs, this.#settings, now);
		if (orders.length > 0) {
			const again = decide(readState(JSON.parse(JSON.stringify(before))), inputs, this.#settings, now);
			if (!isDeepStrictEqual(again, { state, actions })) this.#fail("kept over a restart", again.actions);
		}
		this.#state = state;
		if (readings === null) this.#unknownSince ??= now;
		else {
			this.#unknownSince = null;
			this.#firstValuesAt ??= now;
		}
		for (const order of orders) this.#hear(order);
		this.#see(readings);
		const offs = actions.filter(({ to }) => to === "off");
		const ons = actions.filter(({ to }) => to === "on");
		if (actions.length > 0) this.#mayActAtAll(actions);
		if (ons.length > 1) this.#fail("two came back at once", actions);
		if (ons.length > 0 && offs.length > 0) this.#fail("off and on in one decision", actions);
		for (const action of offs) this.#mayGoOff(action, readings);
		if (offs.some(({ cause }) => cause.kind !== "asked") && now - this.#world.lastRestore < this.#settings.rules.lockMinutes * MINUTE) {
			this.#world.lockedUntil = now + this.#settings.rules.lockMinutes * MINUTE;
			this.counts.locked += 1;
		}
		for (const action of ons) this.#mayComeBack(action, readings);
		this.#mustHaveGoneOff(readings);
		this.#agrees(state.stages);
		this.#leavesAloneNoLonger(readings, state.stages);
	}

	#mayActAtAll(actions: readonly Action[]): void {
		const isStarting = this.#firstValuesAt === null || this.#now - this.#startedAt < this.#settings.rules.startDelayS * 1000;
		if (isStarting) this.#fail("acted during the start", actions);
		for (const { isDryRun } of actions) if (isDryRun !== (this.#real !== null)) this.#fail("dry run not marked", actions);
	}

	#stage(key: string): Stage {
		return this.#enabled.find((stage) => stage.key === key) ?? this.#fail("a stage that is not in use", key);
	}

	#mayGoOff(action: Action, readings: Readings | null): void {
		const { rules } = this.#settings;
		const stage = this.#stage(action.stage);
		const load = this.#load(stage.key);
		if (load.ours || load.handOff) this.#fail("switched off twice", action);
		for (const earlier of this.#enabled.slice(0, this.#enabled.indexOf(stage))) {
			const { ours, handOff, ignored } = this.#load(earlier.key);
			const isLeftAlone = ignored !== null || this.#state.stages[earlier.key]?.hand !== null;
			if (!ours && !handOff && !isLeftAlone) this.#fail(`off before ${earlier.key}`, action);
		}
		if (this.#now - load.lastSwitch < stage.minimumOnMinutes * MINUTE) this.#fail("minimum on time", action);
		const isAsked = this.#enabled.slice(this.#enabled.indexOf(stage)).some(({ key }) => this.#load(key).askedOff);
		if (action.cause.kind === "asked") {
			if (!isAsked) this.#fail("off though nobody asked", action);
			this.counts.asked += 1;
		} else if (readings === null) {
			const isBlind =
				rules.shedWhenBlind &&
				stage === this.#enabled[0] &&
				this.#gridAwaySince !== null &&
				this.#unknownSince !== null &&
				this.#now - this.#unknownSince >= rules.blindMinutes * MINUTE;
			if (!isBlind) this.#fail("acted on stale data", action);
			this.counts.blind += 1;
		} else {
			if (load.ignored !== null && !isAsked && this.#now < load.ignoredUntil) this.#fail("fought a hand", action);
			this.#isGrounded(action, stage);
		}
		Object.assign(load, { ours: true, lastOff: this.#now, lastSwitch: this.#now, askedOff: false, ignored: null });
		this.counts.off += 1;
	}

	/** The cause it gives has been there, seen, for its delay. */
	#isGrounded(action: Action, stage: Stage): void {
		const { kind, forStage } = action.cause;
		if (kind === "asked" || kind === "blind") this.#fail("no such cause", action);
		const owner = this.#stage(forStage ?? stage.key);
		if (this.#enabled.indexOf(owner) < this.#enabled.indexOf(stage)) this.#fail("for the sake of an earlier stage", action);
		const zone = this.#zones.get(`${owner.key}:${kind}`);
		if (zone?.zone !== "off" || zone.seen !== this.#now) this.#fail("off without its cause", action);
		if (this.#now - zone.since < offDelayMs(kind, this.#settings.rules)) this.#fail("off before its delay", action);
	}

	#mayComeBack(action: Action, readings: Readings | null): void {
		const { rules } = this.#settings;
		const stage = this.#stage(action.stage);
		const load = this.#load(stage.key);
		if (!load.ours) this.#fail("restored what it did not shed", action);
		if (readings === null) this.#fail("came back on stale data", action);
		if (this.#enabled.slice(this.#enabled.indexOf(stage) + 1).some(({ key }) => this.#load(key).ours))
			this.#fail("came back out of order", action);
		if (this.#now - load.lastOff < stage.minimumOffMinutes * MINUTE) this.#fail("minimum off time", action);
		if (this.#now - this.#world.lastRestore < rules.restoreGapMinutes * MINUTE) this.#fail("gap between two", action);
		if (!load.askedOn) {
			if (this.#now < this.#world.lockedUntil) this.#fail("came back while locked", action);
			if (this.#now - load.lastOff < rules.restoreDelayMinutes * MINUTE) this.#fail("came back too soon", action);
			for (const kind of TRIGGER_KINDS.filter((one) => uses(stage, one))) {
				const zone = this.#zones.get(`${stage.key}:${kind}`);
				if (zone?.zone !== "on" || zone.seen !== this.#now) this.#fail(`came back in spite of ${kind}`, action);
				const calmMs = kind === "outage" ? 0 : rules.restoreDelayMinutes * MINUTE;
				if (this.#now - zone.since < calmMs) this.#fail(`came back though ${kind} was calm too short`, action);
			}
		}
		const ignored = load.askedOn ? this.#ignoredFor(stage) : null;
		Object.assign(load, { ours: false, lastOn: this.#now, lastSwitch: this.#now, askedOn: false, askedOff: false });
		this.#leaveAlone(load, ignored);
		this.#world.lastRestore = this.#now;
		this.counts.on += 1;
	}

	#leaveAlone(load: Known, ignored: Set<string> | null): void {
		load.ignored = ignored && ignored.size > 0 ? ignored : null;
		load.ignoredUntil = this.#now + this.#settings.rules.overrideHours * 60 * MINUTE;
	}

	/** Its own triggers that are not calm, and those after it that ask for off. */
	#ignoredFor(stage: Stage): Set<string> {
		const isOwn = (name: string) => name.startsWith(`${stage.key}:`) && stage.enabled;
		return new Set([...this.#asking(stage)].filter((name) => isOwn(name) || this.#zones.get(name)?.zone === "off"));
	}

	/** Triggers of a stage and those after it that are not calm, as last seen. */
	#asking(stage: Stage): Set<string> {
		const from = this.#settings.stages.indexOf(stage);
		const names = this.#settings.stages
			.slice(from)
			.flatMap(({ key, enabled }) => (enabled ? TRIGGER_KINDS.map((kind) => `${key}:${kind}`) : []));
		return new Set(names.filter((name) => (this.#zones.get(name)?.zone ?? "on") !== "on"));
	}

	/** A machine that does nothing breaks no rule: what is due, allowed and first in order must be off now. */
	#mustHaveGoneOff(readings: Readings | null): void {
		const isStarting = this.#firstValuesAt === null || this.#now - this.#startedAt < this.#settings.rules.startDelayS * 1000;
		if (readings === null || isStarting) return;
		for (const stage of this.#enabled) {
			const load = this.#load(stage.key);
			if (load.ours || load.handOff) continue;
			if (this.#state.stages[stage.key]?.hand) continue;
			if (this.#now - load.lastSwitch < stage.minimumOnMinutes * MINUTE) return;
			const due = TRIGGER_KINDS.find((kind) => {
				const zone = this.#zones.get(`${stage.key}:${kind}`);
				return (
					uses(stage, kind) &&
					zone?.zone === "off" &&
					zone.seen === this.#now &&
					this.#now - zone.since >= offDelayMs(kind, this.#settings.rules)
				);
			});
			if (due !== undefined) this.#fail("should be off", { stage: stage.key, due });
		}
	}

	#hear(order: Order): void {
		const stage = "stage" in order ? this.#settings.stages.find(({ key }) => key === order.stage) : undefined;
		if (order.type === "grid") {
			this.#gridAwaySince = order.present ? null : (this.#gridAwaySince ?? this.#now);
		} else if (order.type === "hand" && stage) {
			const load = this.#load(stage.key, this.#real ?? this.#world);
			if (load.ours || load.handOff ? order.position === "off" : order.position === "on") return;
			if (order.isReport && this.#now - load.lastSwitch < 10_000) return;
			const isOff = order.position === "off";
			Object.assign(load, { ours: false, handOff: isOff, lastSwitch: this.#now, askedOff: false, askedOn: false });
			this.#leaveAlone(load, isOff ? null : this.#ignoredFor(stage));
		} else if (order.type === "auto" && stage) {
			Object.assign(this.#load(stage.key), { handOff: false, ignored: null, askedOff: false, askedOn: false });
		} else if (order.type === "ask") this.#hearAsk(order);
		else if (order.type === "acknowledge") this.#world.lockedUntil = never;
		else if (order.type === "dry-run" && order.isOn !== (this.#real !== null)) {
			if (order.isOn) {
				this.#real = this.#world;
				this.#world = copyOf(this.#world);
			} else {
				this.#world = this.#real ?? this.#world;
				this.#real = null;
			}
		}
	}

	#hearAsk(order: Extract<Order, { type: "ask" }>): void {
		const { position: to } = order;
		const candidates = this.#enabled.filter(({ key }) => {
			const load = this.#load(key);
			return to === "off" ? !load.ours && !load.handOff : load.ours;
		});
		const meant =
			order.stage === null ? (to === "off" ? candidates[0] : candidates.at(-1)) : this.#enabled.find(({ key }) => key === order.stage);
		if (!meant) return;
		const place = this.#enabled.indexOf(meant);
		this.#enabled.forEach(({ key }, index) => {
			const load = this.#load(key);
			if (to === "off" && index <= place) Object.assign(load, { askedOn: false, askedOff: !load.ours && !load.handOff, ignored: null });
			if (to === "on" && index >= place) Object.assign(load, { askedOn: load.ours, askedOff: false });
		});
	}

	#see(readings: Readings | null): void {
		if (readings === null) return;
		for (const stage of this.#enabled) {
			for (const kind of TRIGGER_KINDS.filter((one) => uses(stage, one))) {
				const seen = look(kind, stage, readings, outageOf(this.#state), this.#settings.rules);
				if (seen === null) continue;
				const name = `${stage.key}:${kind}`;
				const before = this.#zones.get(name);
				const goesOn = before?.zone === seen.zone && this.#now - before.seen <= 120_000;
				this.#zones.set(name, { zone: seen.zone, since: goesOn ? before.since : this.#now, seen: this.#now });
			}
		}
		// Something new asks, or all is calm: from here on the load need not be left alone any more.
		for (const [key, load] of this.#world.loads) {
			const stage = this.#enabled.find((one) => one.key === key);
			if (load.ignored === null || !stage) continue;
			const asking = this.#asking(stage);
			for (const name of [...load.ignored]) if (!asking.has(name)) load.ignored.delete(name);
			const isNew = [...asking].some((name) => this.#zones.get(name)?.zone === "off" && !load.ignored?.has(name));
			if (isNew || load.ignored.size === 0) load.ignored = null;
		}
	}

	#leavesAloneNoLonger(readings: Readings | null, stages: Readonly<Record<string, StageState>>): void {
		const longestMs = this.#settings.rules.overrideHours * 60 * MINUTE;
		for (const { key } of this.#enabled) {
			const hand = stages[key]?.hand;
			if (readings !== null && hand?.position === "on" && this.#now - hand.since >= longestMs) this.#fail("left alone for too long", key);
		}
	}

	/** What the shedding believes to be its own is what it has switched. */
	#agrees(stages: Readonly<Record<string, StageState>>): void {
		for (const { key } of this.#enabled) {
			const isOurs = (stages[key]?.shed ?? null) !== null;
			if (isOurs !== this.#load(key).ours) this.#fail("believes it owns what it does not", { key, isOurs });
		}
	}

	get shedNow(): readonly string[] {
		return [...this.#world.loads].filter(([, load]) => load.ours).map(([key]) => key);
	}
}

const CALM: Readings = {
	stateOfCharge: 100,
	lowestCellVoltage: 3.35,
	lowBattery: false,
	fault: false,
	runtimeMinutes: Number.POSITIVE_INFINITY,
	dischargeW: 0,
	importW: 0,
	untold: [],
};

function readingsOf(phase: Phase, share: number, before: Phase | undefined, step: number): Readings | null {
	if (!phase.isKnown || (phase.isFlickering && step % 7 === 3)) return null;
	const between = (from: number | undefined, to: number) => (from ?? to) + (to - (from ?? to)) * share;
	const noise = phase.isFlickering ? (step % 2) * 3 : 0;
	return {
		stateOfCharge: Math.round((between(before?.soc, phase.soc) + noise) * 10) / 10,
		lowestCellVoltage: Math.round((phase.cell + noise / 100) * 1000) / 1000,
		lowBattery: phase.isFlickering && step % 5 === 0 && phase.lowBattery !== null ? !phase.lowBattery : phase.lowBattery,
		fault: phase.fault,
		runtimeMinutes: phase.power >= 0 ? Number.POSITIVE_INFINITY : phase.runtime,
		dischargeW: Math.max(0, -phase.power),
		importW: phase.importW,
		untold: [],
	};
}

/** Lives a day; throws when a rule is broken. */
export function liveThrough({ stages, rules, phases }: Day): Witness {
	const witness = new Witness({ stages, rules });
	phases.forEach((phase, index) => {
		if (phase.event.type === "restart") witness.restart(phase.event.awayS * 1000);
		const steps = Math.max(1, Math.round((phase.minutes * 60) / phase.stepS));
		for (let step = 0; step < steps; step += 1) {
			const orders = step === 0 && phase.event.type === "order" ? [phase.event.order] : [];
			witness.step(readingsOf(phase, (step + 1) / steps, phases[index - 1], step), orders);
			witness.pass(phase.stepS * 1000);
		}
	});
	witness.step(CALM, [
		{ type: "grid", present: true },
		{ type: "dry-run", isOn: false },
	]);
	for (let minute = 0; minute < 150; minute += 1) {
		witness.pass(MINUTE);
		witness.step(CALM, []);
	}
	if (witness.shedNow.length > 0) throw new Error(`never came back: ${witness.shedNow.join(", ")}`);
	return witness;
}
