import type { BankSnapshot, PackLink, PackSnapshot } from "../../../src/bms/battery/snapshot.ts";

/** What Home Assistant must show for one entity, from the server's own snapshot. */
export interface ExpectedState {
	readonly shown: (state: string) => boolean;
	readonly words: string;
}

export type ExpectedStates = Readonly<Record<string, ExpectedState>>;

/**
 * How far a shown value may be from the newest reading: the setting's dead band. What follows others (power,
 * differences) may be off by what the dead bands of those make of it.
 */
const WITHIN = {
	soc: 0.1,
	soh: 0,
	voltage: 0.02,
	current: 0.1,
	power: 15,
	capacity: 0.1,
	cell: 0.002,
	delta: 4,
	temperature: 0.5,
	energy: 0.01,
} as const;

/** Last digits of floating-point arithmetic. */
const NOISE = 1e-6;

function near(value: number | null, within: number): ExpectedState {
	if (value === null) return exactly("unknown");
	return { shown: (state) => state !== "" && Math.abs(Number(state) - value) <= within + NOISE, words: `${value} ± ${within}` };
}

function exactly(state: string): ExpectedState {
	return { shown: (shown) => shown === state, words: state };
}

const onOff = (on: boolean | null) => exactly(on === null ? "unknown" : on ? "on" : "off");

/** A cell that is the lowest or highest, or nearly so: which of equal ones it is changes with every reading. */
function cellNear(cells: readonly (number | null)[], extreme: number | null): ExpectedState {
	if (extreme === null) return exactly("unknown");
	const shown = (state: string) => Math.abs((cells[Number(state) - 1] ?? Number.NaN) - extreme) <= 2 * WITHIN.cell + NOISE;
	return { shown, words: `a cell near ${extreme} V` };
}

/** Alarms, protections and faults: every one the vocabulary knows is off unless the snapshot has it. */
function conditions(active: BankSnapshot["conditions"], known: readonly string[]): ExpectedStates {
	const keys = active?.map(({ key }): string => key) ?? null;
	const isProblem = (key: string, kind: string) => key.startsWith(`${kind}.`) && key !== "protection.fully";
	return Object.fromEntries([
		...known.map((key) => [key.replace(".", "_"), onOff(keys === null ? null : keys.includes(key))] as const),
		...["alarm", "protection", "fault"].map(
			(kind) => [`${kind}_active`, onOff(keys === null ? null : keys.some((key) => isProblem(key, kind)))] as const,
		),
		// The contacts, as the manual says what closes them (user manual V1.1 §2.2).
		["fault_contact", onOff(keys === null ? null : keys.some((key) => isProblem(key, "protection") || isProblem(key, "fault")))],
		["low_battery_contact", onOff(keys === null ? null : keys.includes("alarm.low_soc"))],
	]);
}

const energy = (counters: BankSnapshot["energy"]): ExpectedStates => ({
	energy_charged: near(counters?.charged ?? null, WITHIN.energy),
	energy_discharged: near(counters?.discharged ?? null, WITHIN.energy),
});

/** The bank's entities by the last part of their ids. `known` are the keys of the conditions. */
export function expectedBank(snapshot: BankSnapshot, known: readonly string[], version: string): ExpectedStates {
	const totals = snapshot.totals === null || snapshot.totals.stale ? null : snapshot.totals.value;
	return {
		soc: near(totals?.stateOfCharge ?? null, WITHIN.soc),
		soh: near(totals?.stateOfHealth ?? null, WITHIN.soh),
		voltage: near(totals?.voltage ?? null, WITHIN.voltage),
		current: near(totals?.current ?? null, WITHIN.current),
		power: near(totals?.power ?? null, WITHIN.power),
		remaining_capacity: near(totals?.remainingCapacity ?? null, WITHIN.capacity),
		full_capacity: near(totals?.fullCapacity ?? null, WITHIN.capacity),
		design_capacity: near(totals?.designCapacity ?? null, WITHIN.capacity),
		cell_voltage_min: near(totals?.cellVoltageMin ?? null, WITHIN.cell),
		cell_voltage_max: near(totals?.cellVoltageMax ?? null, WITHIN.cell),
		cell_voltage_delta: near(totals?.cellVoltageDelta ?? null, WITHIN.delta),
		packs_online: near(snapshot.packs.filter(({ presence }) => presence === "live").length, 0),
		packs_expected: near(snapshot.packs.length, 0),
		charging: onOff(totals && totals.activity === "charging"),
		discharging: onOff(totals && totals.activity === "discharging"),
		link: onOff(snapshot.link.state === "online"),
		bridge: onOff(true),
		server_version: exactly(version),
		...energy(snapshot.energy),
		...conditions(snapshot.conditions, known),
		...linkStates(snapshot.link),
	};
}

/** The same for a live pack. */
export function expectedPack(pack: PackSnapshot, known: readonly string[], link: PackLink | undefined): ExpectedStates {
	const value = pack.telemetry === null || pack.telemetry.stale ? null : pack.telemetry.value;
	const status = pack.status === null || pack.status.stale ? null : pack.status.value;
	const cells = value?.cellVoltages ?? [];
	const states = Object.entries(status?.states ?? {}).map(
		([name, on]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), onOff(on)] as const,
	);
	return {
		soc: near(value?.stateOfCharge ?? null, WITHIN.soc),
		soh: near(value?.stateOfHealth ?? null, WITHIN.soh),
		voltage: near(value?.voltage ?? null, WITHIN.voltage),
		current: near(value?.current ?? null, WITHIN.current),
		power: near(value?.power ?? null, WITHIN.power),
		remaining_capacity: near(value?.remainingCapacity ?? null, WITHIN.capacity),
		full_capacity: near(value?.fullCapacity ?? null, WITHIN.capacity),
		design_capacity: near(value?.designCapacity ?? null, WITHIN.capacity),
		cycles: near(value?.cycleCount ?? null, 0),
		cell_voltage_min: near(value?.cellVoltageMin ?? null, WITHIN.cell),
		cell_voltage_max: near(value?.cellVoltageMax ?? null, WITHIN.cell),
		cell_voltage_delta: near(value?.cellVoltageDelta ?? null, WITHIN.delta),
		lowest_cell: cellNear(cells, value?.cellVoltageMin ?? null),
		highest_cell: cellNear(cells, value?.cellVoltageMax ?? null),
		...Object.fromEntries(cells.map((cell, index) => [`cell_${index + 1}`, near(cell, WITHIN.cell)])),
		...Object.fromEntries((value?.temperatures ?? []).map((probe, index) => [`temperature_${index + 1}`, near(probe, WITHIN.temperature)])),
		charging: onOff(value && value.activity === "charging"),
		discharging: onOff(value && value.activity === "discharging"),
		balancing: onOff(status?.balancingCells ? status.balancingCells.length > 0 : null),
		online: onOff(pack.presence === "live"),
		...Object.fromEntries(states),
		...energy(pack.energy),
		...conditions(pack.conditions, known),
		...linkStates(link),
	};
}

/** These ride along with the measurements and send no message of their own: they may lag, but never lead. */
function linkStates(link: Pick<PackLink, "replies" | "failures"> | undefined): ExpectedStates {
	return {
		link_answers: upTo(link?.replies),
		link_failures: upTo(link && Object.values(link.failures).reduce((sum, count) => sum + count, 0)),
		link_answer_time: upTo(10_000),
	};
}

function upTo(most: number | undefined): ExpectedState {
	return { shown: (state) => /^\d+$/.test(state) && Number(state) <= (most ?? -1), words: `a count up to ${most}` };
}
