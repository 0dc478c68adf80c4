import type { BankSnapshot, BankTotals, EnergyCounters } from "../../../src/bms/battery/snapshot.ts";
import { openBank } from "../../../src/bms/open-bank.ts";
import { BANK_SETTINGS, type BankSettings } from "../../../src/bms/options.ts";
import type { Transport } from "../../../src/bms/transport/transport.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import type { SimulatorControl } from "../../../src/simulator/simulator-control.ts";

/** Packs of the batteries here; all that is measured of them is held, and differs from pack to pack. */
export const PACKS = [1, 2];
const CELLS = 16;
const PROBES = 6;

/** What is true of a pack at a step; only its first cell tells the steps apart. */
const firstCellMv = (pack: number, step: number) => 3300 + 20 * pack + step;
const otherCellMv = (pack: number) => 3310 + 20 * pack;
const temperature = (pack: number) => 15 + 5 * pack;
const current = (pack: number) => 4 * pack;
const voltage = (pack: number) => 52.8 + 0.4 * pack;
const fullCapacity = (pack: number) => 90 + 10 * pack;
/** %; the capacities agree with it, for some firmware does not send it. */
const stateOfCharge = (pack: number) => 40 + 10 * pack;
const remainingCapacity = (pack: number) => (fullCapacity(pack) * stateOfCharge(pack)) / 100;
const cycleCount = (pack: number) => 100 * pack;

/** Holds everything a battery measures at a step. */
export function holdAt(control: SimulatorControl, step: number): void {
	for (const pack of PACKS) {
		for (let cell = 1; cell <= CELLS; cell += 1) {
			control.setCell(pack, cell, (cell === 1 ? firstCellMv(pack, step) : otherCellMv(pack)) / 1000);
		}
		for (let probe = 1; probe <= PROBES; probe += 1) control.setProbe(pack, probe, temperature(pack));
		control.setReading(pack, {
			current: current(pack),
			voltage: voltage(pack),
			fullCapacity: fullCapacity(pack),
			remainingCapacity: remainingCapacity(pack),
			stateOfCharge: stateOfCharge(pack),
			cycleCount: cycleCount(pack),
		});
	}
}

/** One thing that was looked at: whether it can be true, and how to say that it is not. */
type Check = readonly [isTrue: boolean, words: string];

const isNear = (value: number | null, truth: number, tolerance: number) => value !== null && Math.abs(value - truth) <= tolerance;

/** Everything in a snapshot that was never true of this battery, in words. `step`: the latest that is true. `openedAt`: of the bank. */
export function falsehoods(snapshot: BankSnapshot, step: number, openedAt: number): readonly string[] {
	const { packs, totals, conditions, energy, at } = snapshot;
	const checks: readonly Check[] = [
		...packs.flatMap((pack) => packChecks(pack, step)),
		...packs.flatMap((pack) => energyChecks(`pack ${pack.address}`, pack.energy, power(pack.address), at - openedAt)),
		[(conditions ?? []).length === 0, `bank: ${JSON.stringify(conditions)}`],
		...(totals === null || totals.stale ? [] : totalsChecks(totals.value)),
		...energyChecks("bank", energy, sum(PACKS, power), at - openedAt),
	];
	return checks.flatMap(([isTrue, words]) => (isTrue ? [] : [words]));
}

function packChecks({ address, telemetry, conditions }: BankSnapshot["packs"][number], step: number): readonly Check[] {
	const known: readonly Check[] = [
		[PACKS.includes(address), `there is no pack ${address}`],
		[(conditions ?? []).length === 0, `pack ${address}: ${JSON.stringify(conditions)}`],
	];
	if (telemetry === null || telemetry.stale) return known;
	const { value } = telemetry;
	const [first = 0, ...others] = value.cellVoltages.map((volts) => Math.round(volts * 1000));
	const lag = firstCellMv(address, step) - first;
	return [
		...known,
		[lag >= 0 && lag <= step, `pack ${address}: first cell ${first} mV`],
		[others.length === CELLS - 1 && others.every((cell) => cell === otherCellMv(address)), `pack ${address}: cells ${others}`],
		[
			value.temperatures.length === PROBES && value.temperatures.every((degrees) => isNear(degrees, temperature(address), 0.11)),
			`pack ${address}: temperatures ${value.temperatures}`,
		],
		[isNear(value.current, current(address), 0.011), `pack ${address}: current ${value.current}`],
		[isNear(value.voltage, voltage(address), 0.011), `pack ${address}: voltage ${value.voltage}`],
		[isNear(value.fullCapacity, fullCapacity(address), 0.011), `pack ${address}: full capacity ${value.fullCapacity}`],
		[isNear(value.remainingCapacity, remainingCapacity(address), 0.011), `pack ${address}: remaining capacity ${value.remainingCapacity}`],
		[isNear(value.stateOfCharge, stateOfCharge(address), 0.51), `pack ${address}: state of charge ${value.stateOfCharge}`],
		[value.cycleCount === cycleCount(address), `pack ${address}: cycles ${value.cycleCount}`],
		[isNear(value.power, power(address), 1), `pack ${address}: power ${value.power}`],
	];
}

/** The bank's values are those of the packs that are said to be in them. */
function totalsChecks(totals: BankTotals): readonly Check[] {
	const full = sum(totals.packs, fullCapacity);
	const charge = (100 * sum(totals.packs, remainingCapacity)) / full;
	return [
		[totals.packs.length > 0 && totals.packs.every((pack) => PACKS.includes(pack)), `bank of packs ${totals.packs}`],
		[isNear(totals.stateOfCharge, charge, 0.51), `bank: state of charge ${totals.stateOfCharge} of packs ${totals.packs}`],
		[isNear(totals.fullCapacity, full, 0.03), `bank: full capacity ${totals.fullCapacity} of packs ${totals.packs}`],
		[isNear(totals.current, sum(totals.packs, current), 0.03), `bank: current ${totals.current} of packs ${totals.packs}`],
		[isNear(totals.power, sum(totals.packs, power), 2), `bank: power ${totals.power} of packs ${totals.packs}`],
		[
			isNear(totals.voltage, sum(totals.packs, voltage) / totals.packs.length, 0.03),
			`bank: voltage ${totals.voltage} of packs ${totals.packs}`,
		],
	];
}

/** No more than can have flowed since the bank was opened, and nothing the other way. */
function energyChecks(whose: string, energy: EnergyCounters | null, watts: number, elapsedMs: number): readonly Check[] {
	if (energy === null) return [];
	const most = (watts * elapsedMs) / 3_600_000 / 1000;
	return [
		[energy.charged >= 0 && energy.charged <= most * 1.01, `${whose}: ${energy.charged} kWh charged where ${most} can be`],
		[energy.discharged === 0, `${whose}: ${energy.discharged} kWh discharged`],
	];
}

function power(pack: number): number {
	return voltage(pack) * current(pack);
}

function sum(packs: readonly number[], value: (pack: number) => number): number {
	return packs.reduce((total, pack) => total + value(pack), 0);
}

/** Everything is known, fresh, and of the step. */
export function isWhole({ link, packs, conditions }: BankSnapshot, step: number): boolean {
	return (
		link.state === "online" &&
		conditions !== null &&
		packs.length === PACKS.length &&
		packs.every(
			({ address, telemetry }) =>
				telemetry !== null && !telemetry.stale && Math.round((telemetry.value.cellVoltages[0] ?? 0) * 1000) === firstCellMv(address, step),
		)
	);
}

/** A bank read by the real driver in real time; every snapshot that it publishes is checked against what was true. */
export function openWatchedBank(settings: Partial<BankSettings>, transport?: Transport) {
	const openedAt = Date.now();
	const bank = openBank(
		{ ...defaultsOf(BANK_SETTINGS), firstByteTimeoutMs: 500, ...settings },
		{ origin: "simulated", logger: silentLogger, ...(transport ? { transport } : {}) },
	);
	const wrong = new Set<string>();
	const waiting = new Set<() => void>();
	let step = 0;
	let snapshots = 0;
	bank.subscribe((snapshot) => {
		snapshots += 1;
		for (const words of falsehoods(snapshot, step, openedAt)) wrong.add(words);
		for (const look of [...waiting]) look();
	});
	return {
		bank,
		wrong,
		get snapshots() {
			return snapshots;
		},
		/** The battery is at this step from now on. */
		reached(next: number) {
			step = next;
		},
		/** Resolves with how long it took, ms; rejects after `limitMs`. */
		until(what: string, holds: (snapshot: BankSnapshot) => boolean, limitMs: number): Promise<number> {
			const begin = performance.now();
			return new Promise((resolve, reject) => {
				const end = (settle: () => void) => {
					waiting.delete(look);
					clearTimeout(timer);
					settle();
				};
				const look = () => {
					if (holds(bank.snapshot)) end(() => resolve(performance.now() - begin));
				};
				const timer = setTimeout(() => {
					end(() => reject(new Error(`not within ${limitMs} ms: ${what}: ${JSON.stringify(bank.snapshot.link)}`)));
				}, limitMs);
				waiting.add(look);
				look();
			});
		},
	};
}

export type WatchedBank = ReturnType<typeof openWatchedBank>;
