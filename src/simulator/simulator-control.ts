import type { Clock } from "../clock.ts";
import { ConfigError } from "../errors.ts";
import { RANGES } from "./actions.ts";
import type { BankPack, LossForm } from "./bank-model.ts";
import { problemsWithBank, scenarioRefusal } from "./check-scenario.ts";
import { forcibleKey } from "./forcible-bits.ts";
import { LINE_FAULT_KINDS, type LineFaultKind, type LineFaults } from "./line-faults.ts";
import type { SimulatorSettings } from "./options.ts";
import { isStateKey, type PackMeasurements } from "./pack-model.ts";
import type { Scenario } from "./scenario.ts";
import { ScenarioPlayer } from "./scenario-player.ts";
import { type SignalControl, Signals } from "./signals.ts";
import type { SimulatedBank } from "./simulated-bank.ts";
import { packState, type SimulatorState } from "./simulator-state.ts";

export type { SimulatedPackState, SimulatorState } from "./simulator-state.ts";

/**
 * How the cable is pulled: `silent` at the battery (the port or gateway is still there, nobody answers), or
 * `dropped` at the computer (the connection breaks and new ones are refused).
 */
export type CablePull = "silent" | "dropped";

/** The cable between the battery and whoever asks. */
export interface CableControl {
	readonly cable: "plugged" | CablePull;
	pullCable(how?: CablePull): Promise<void>;
	plugCable(): Promise<void>;
	/** What is wrong with the line. */
	readonly faults: LineFaults;
}

/** What is wrong with the simulated battery, and what is not: for tests, command line and HTTP. */
export interface SimulatorControl extends CableControl, SignalControl {
	/**
	 * Sets a bit, or clears it: what was set by hand goes; what the battery's own rules hold set is held off
	 * until `release`. A set protection or fault switches its MOSFETs as a real one does.
	 */
	setCondition(pack: number, key: string, on: boolean): void;
	/** Ends everything done by hand to a pack, or one bit of it: the battery's own rules decide again. */
	release(pack: number, key?: string): void;
	/**
	 * Takes a pack away: the others move up in an all-packs answer (`shrinks`, the default), or its place stays
	 * with zeros (`placeholder`). Without pack 1, which has the cable, nobody answers.
	 */
	losePack(pack: number, form?: LossForm): void;
	/** Brings a lost or sleeping pack back. */
	returnPack(pack: number): void;
	/** Puts a pack to sleep. A request over its own cable wakes it within 3 s unless `staysAsleep`. */
	sleepPack(pack: number, staysAsleep?: boolean): void;
	/** Presses the key of a pack for 3 to 6 s: it falls asleep, or wakes (manual §5.2.5). */
	pressKey(pack: number): void;
	/** Connects a charger that gives so much, W, 0-20000, or takes it away (0); it wakes packs that sleep. */
	setCharger(watts: number): void;
	/** Changes the firmware of a pack: which form its answers have. */
	setFirmware(pack: number, firmware: SimulatorSettings["firmware"]): void;
	/** Changes the DIP switches of a pack, as they count after its reset: it answers at the other address, 0-15, from now on. */
	setAddress(pack: number, address: number): void;
	/** Selects what the inverter's RS485 port of a pack speaks, by the code of the vendor's list. */
	setInverterProtocol(pack: number, rs485: number): void;
	/** What the house draws on average, W, -20000 to 20000; negative charges. */
	setLoad(watts: number): void;
	/** State of charge, %, 0-100, of one pack or of all. */
	setStateOfCharge(percent: number, pack?: number): void;
	/** Holds a cell (from 1) at a voltage, 0-5 V; null lets it go. */
	setCell(pack: number, cell: number, volts: number | null): void;
	/** Holds a probe (from 1) at a temperature, -50 to 200 °C, or takes it away; null lets it go. */
	setProbe(pack: number, probe: number, value: number | "missing" | null): void;
	/** Holds measurements at given values (those of a real pack, say); null lets all go. */
	setReading(pack: number, reading: Partial<PackMeasurements> | null): void;
	/** Begins a scenario now, in place of one that runs. Its clock and its seed are of the bank's own beginning and do nothing here. */
	startScenario(scenario: Scenario): void;
	/** Ends the scenario that runs; what it has done stays. */
	stopScenario(): void;
	state(): SimulatorState;
}

/** The control of a simulated bank and its cable. Every bad argument throws a ConfigError in words. */
export function createSimulatorControl(bank: SimulatedBank, cable: CableControl, clock: Clock): SimulatorControl {
	const signals = new Signals(() => clock.now());
	const player: ScenarioPlayer = new ScenarioPlayer(() => control, clock);
	const packOf = (address: number): BankPack => {
		const found = bank.model.packs.find((pack) => pack.address === address);
		if (found === undefined) throw new ConfigError("invalid", `There is no pack ${address}; this bank has ${packList(bank)}.`);
		return found;
	};
	/** Changes happen at the present moment and show at once. */
	const change = (apply: () => void) => {
		bank.advance();
		apply();
		bank.model.settle();
	};
	const control: SimulatorControl = {
		get cable() {
			return cable.cable;
		},
		pullCable: (how) => cable.pullCable(how),
		plugCable: () => cable.plugCable(),
		faults: cable.faults,
		setCondition(pack, key, on) {
			const { model } = packOf(pack);
			const bit = forcibleKey(key);
			change(() => {
				model.forced.delete(bit);
				const isSet = isStateKey(bit) ? model.status.states[bit] : model.conditions.has(bit);
				if (on || isSet) model.forced.set(bit, on);
			});
		},
		release(pack, key) {
			const { model } = packOf(pack);
			const bit = key === undefined ? null : forcibleKey(key);
			change(() => {
				if (bit !== null) {
					model.forced.delete(bit);
					return;
				}
				model.forced.clear();
				model.heldCells.clear();
				model.heldProbes.clear();
				model.held = {};
			});
		},
		losePack(pack, form = "shrinks") {
			const lost = packOf(pack);
			if (form !== "shrinks" && form !== "placeholder") {
				throw new ConfigError("invalid", `A lost pack leaves "shrinks" or "placeholder", not "${String(form)}".`);
			}
			change(() => {
				lost.presence = { state: "lost", form };
			});
		},
		returnPack(pack) {
			const found = packOf(pack);
			change(() => {
				if (found.presence.state !== "present") bank.model.wake(found);
			});
		},
		sleepPack(pack, staysAsleep = false) {
			const found = packOf(pack);
			change(() => {
				bank.model.fallAsleep(found, "hand");
				found.presence = { state: "asleep", wakesOnRequest: !staysAsleep };
			});
		},
		pressKey(pack) {
			const found = packOf(pack);
			if (found.presence.state === "lost") throw new ConfigError("conflict", `Pack ${pack} is away; nobody can press its key.`);
			change(() => bank.model.pressKey(found));
		},
		setCharger(watts) {
			const checked = checkedNumber(watts, RANGES.chargerW, "The charger");
			change(() => {
				bank.model.chargerW = checked;
			});
		},
		setFirmware(pack, firmware) {
			const found = packOf(pack);
			change(() => {
				found.firmware = firmware;
			});
		},
		setAddress(pack, address) {
			const moved = packOf(pack);
			const checked = checkedNumber(address, RANGES.address, "An address");
			if (checked !== pack && bank.model.packs.some((one) => one.address === checked)) {
				throw new ConfigError("conflict", `There is a pack ${checked} already; two packs must not have one address.`);
			}
			change(() => {
				moved.address = checked;
			});
		},
		setInverterProtocol(pack, rs485) {
			const { memory } = packOf(pack).model;
			change(() => memory.setInverter({ ...memory.inverter, rs485, mode: "manual" }));
		},
		setLoad(watts) {
			const checked = checkedNumber(watts, RANGES.loadW, "The load");
			change(() => {
				bank.model.loadW = checked;
			});
		},
		setStateOfCharge(percent, pack) {
			const checked = checkedNumber(percent, RANGES.stateOfCharge, "The state of charge");
			const packs = pack === undefined ? bank.model.packs : [packOf(pack)];
			change(() => {
				for (const { model } of packs) model.setStateOfCharge(checked);
			});
		},
		setCell(pack, cell, volts) {
			const { model } = packOf(pack);
			const number = checkedPlace(cell, model.cellCount, "cell");
			const checked = volts === null ? null : checkedNumber(volts, RANGES.cell, "A cell");
			change(() => hold(model.heldCells, number, checked ?? undefined));
		},
		setProbe(pack, probe, value) {
			const { model } = packOf(pack);
			const number = checkedPlace(probe, model.probeCount, "probe");
			const checked = value === null || value === "missing" ? value : checkedNumber(value, RANGES.probe, "A temperature");
			change(() => hold(model.heldProbes, number, checked === null ? undefined : checked === "missing" ? null : checked));
		},
		setReading(pack, reading) {
			const { model } = packOf(pack);
			change(() => {
				model.held = reading === null ? {} : { ...model.held, ...reading };
			});
		},
		setSignal: (name, value) => signals.setSignal(name, value),
		onSignal: (listener) => signals.onSignal(listener),
		startScenario(scenario) {
			checkScenarioFor(scenario, bank);
			player.start(scenario);
		},
		stopScenario: () => player.stop(),
		state() {
			bank.advance();
			return {
				at: clock.now(),
				cable: cable.cable,
				cabledPack: bank.cabledAddress,
				chargerW: bank.model.chargerW,
				loadW: bank.model.loadW,
				packs: bank.model.packs.map(packState),
				faults: cable.faults.active,
				signals: signals.values,
				scenario: player.state,
				replay: null,
			};
		},
	};
	return control;
}

/** Begins a fault of the line, or ends it (share 0, %), or all ("none"). Throws a ConfigError in words. */
export function setLineFault(faults: LineFaults, kind: string, share: number | undefined): void {
	if (kind === "none") {
		faults.clear();
		return;
	}
	const found = LINE_FAULT_KINDS.find((name): name is LineFaultKind => name === kind);
	if (found === undefined) throw new ConfigError("invalid", `There is no fault "${kind}"; there are ${LINE_FAULT_KINDS.join(", ")}.`);
	faults.set(found, share === undefined ? undefined : checkedNumber(share, RANGES.share, "The share"));
}

/** Throws a ConfigError that lists what of a scenario this bank cannot do. */
export function checkScenarioFor(scenario: Scenario, { model: { packs } }: SimulatedBank): void {
	const { cellCount = 0, probeCount = 0 } = packs[0]?.model ?? {};
	const problems = problemsWithBank(scenario, { packs: packs.map(({ address }) => address), cells: cellCount, probes: probeCount });
	if (problems.length > 0) throw scenarioRefusal(scenario.name, problems);
}

function hold<T>(held: Map<number, T>, place: number, value: T | undefined): void {
	if (value === undefined) held.delete(place);
	else held.set(place, value);
}

function packList(bank: SimulatedBank): string {
	const addresses = bank.model.packs.map((pack) => pack.address);
	return addresses.length === 1 ? `pack ${addresses[0]} only` : `packs ${addresses[0]} to ${addresses[addresses.length - 1]}`;
}

function checkedNumber(value: number, { minimum, maximum, unit }: (typeof RANGES)[keyof typeof RANGES], what: string): number {
	if (Number.isFinite(value) && value >= minimum && value <= maximum) return value;
	throw new ConfigError("invalid", `${what} must be a number from ${minimum} to ${maximum} ${unit}.`);
}

function checkedPlace(place: number, count: number, what: "cell" | "probe"): number {
	if (Number.isInteger(place) && place >= 1 && place <= count) return place;
	throw new ConfigError(
		"invalid",
		count === 0 ? `This pack has no ${what}s.` : `There is no ${what} ${place}; this pack has ${what}s 1 to ${count}.`,
	);
}
