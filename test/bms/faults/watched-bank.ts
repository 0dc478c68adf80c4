import type { BankSnapshot } from "../../../src/bms/battery/snapshot.ts";
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

/** Holds everything a battery measures at a step. */
export function holdAt(control: SimulatorControl, step: number): void {
	for (const pack of PACKS) {
		for (let cell = 1; cell <= CELLS; cell += 1) {
			control.setCell(pack, cell, (cell === 1 ? firstCellMv(pack, step) : otherCellMv(pack)) / 1000);
		}
		for (let probe = 1; probe <= PROBES; probe += 1) control.setProbe(pack, probe, temperature(pack));
		control.setReading(pack, { current: current(pack) });
	}
}

/** Everything in a snapshot that was never true of this battery, in words. `step`: the latest that is true. */
export function falsehoods(snapshot: BankSnapshot, step: number): readonly string[] {
	const wrong: string[] = [];
	const check = (isTrue: boolean, words: string) => {
		if (!isTrue) wrong.push(words);
	};
	for (const { address, telemetry, conditions } of snapshot.packs) {
		check(PACKS.includes(address), `there is no pack ${address}`);
		check((conditions ?? []).length === 0, `pack ${address}: ${JSON.stringify(conditions)}`);
		if (telemetry === null || telemetry.stale) continue;
		const { cellVoltages, temperatures, current: amperes } = telemetry.value;
		const [first = 0, ...others] = cellVoltages.map((volts) => Math.round(volts * 1000));
		const lag = firstCellMv(address, step) - first;
		check(lag >= 0 && lag <= step, `pack ${address}: first cell ${first} mV`);
		check(others.length === CELLS - 1 && others.every((cell) => cell === otherCellMv(address)), `pack ${address}: cells ${others}`);
		check(
			temperatures.length === PROBES && temperatures.every((degrees) => Math.abs((degrees ?? 0) - temperature(address)) < 0.11),
			`pack ${address}: temperatures ${temperatures}`,
		);
		check(Math.abs((amperes ?? 0) - current(address)) < 0.011, `pack ${address}: current ${amperes}`);
	}
	check((snapshot.conditions ?? []).length === 0, `bank: ${JSON.stringify(snapshot.conditions)}`);
	return wrong;
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
		for (const words of falsehoods(snapshot, step)) wrong.add(words);
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
