import type { AlarmChange } from "./alarm-state.ts";
import { heardAllPacks, heardPack, packLocated, packSeenLive } from "./alarm-truth.ts";
import { type BankState, knownPacks, packAt, type StateChange, type StoreSettings, withPack, withPresence } from "./bank-state.ts";
import { completeTelemetry } from "./derive.ts";
import { addEnergy, energyBetween, NO_ENERGY } from "./energy.ts";
import type { ParameterValues } from "./parameters.ts";
import { blocksProblem, checkPackTelemetry, statusProblem, telemetryProblem } from "./plausibility.ts";
import type { AnyReading, PackSelector, ReadingOf, SparseReading, SparseTelemetry } from "./readings.ts";
import type { PackIdentity } from "./snapshot.ts";
import { statusIn } from "./status-blocks.ts";

export interface ReadingApplied extends StateChange {
	/** Why the reading was refused as a whole, in words; null when it was taken over. */
	readonly problem: string | null;
}

/**
 * A reading into the state. A reading that fails the plausibility gate changes nothing but the counter of such
 * readings, the link's problem and what the gate remembers.
 */
export function applyReading(state: BankState, reading: AnyReading, at: number, settings: StoreSettings): ReadingApplied {
	const result = takeReading(state.isAddressed ? state : { ...state, cabledPack: reading.repliedBy }, reading, at, settings);
	const label = `${reading.kind} ${"blocks" in reading ? sourceOf(state, reading) : reading.repliedBy}`;
	const implausible = new Map(state.implausible);
	if (result.problem === null) {
		implausible.delete(label);
		return { ...result, state: { ...result.state, implausible } };
	}
	const who = "blocks" in reading ? describeSource(sourceOf(state, reading)) : describeSource(reading.repliedBy);
	const message = `Values ${who} cannot be right and were ignored: ${result.problem}.`;
	implausible.set(label, { kind: "decode", code: "implausible", message, at });
	const implausibleReadings = state.implausibleReadings + 1;
	return { state: { ...result.state, implausible, implausibleReadings }, events: [], problem: message };
}

type BlocksReading = SparseReading | ReadingOf<"status">;

function takeReading(state: BankState, reading: AnyReading, at: number, settings: StoreSettings): ReadingApplied {
	switch (reading.kind) {
		case "telemetry":
			return takeTelemetry(state, reading, at, settings);
		case "status":
			return takeStatus(state, reading, at);
		case "version":
			return accepted(withIdentity(state, reading.repliedBy, { version: reading.version }));
		case "serials":
			return accepted(withIdentity(state, reading.repliedBy, { bmsSerial: reading.bmsSerial, packSerial: reading.packSerial }));
		case "parameters":
			return accepted(withParameters(state, reading.repliedBy, reading.values));
		case "packCount":
		case "capacity":
		case "clock":
			return accepted(state);
	}
}

/**
 * Which pack a reply speaks for. A cabled pack with another address than 1 knows only itself, whatever was
 * asked, so its own address counts (rs232-v25 §4). Otherwise the asked number; "all" carries no numbers.
 */
function sourceOf(state: BankState, reading: BlocksReading): PackSelector {
	const { asked, repliedBy, blocks } = reading;
	if (blocks.length !== 1) return asked;
	if (repliedBy !== 1) return repliedBy;
	// The only block of the only pack is that pack's own; an alarm is still named by a reply that asked for it alone.
	const alone = [...state.packs.keys()].every((address) => address === repliedBy);
	return asked === "all" && alone && reading.kind === "telemetry" ? repliedBy : asked;
}

/** A pack of a stack asked through a pack that knows only itself: its zero block says nothing about anybody. */
function isWrongDoor({ asked, repliedBy, blocks }: BlocksReading): boolean {
	return repliedBy !== 1 && asked !== "all" && asked !== 1 && asked !== repliedBy && blocks[0]?.absent === true;
}

function takeTelemetry(state: BankState, reading: SparseReading, at: number, settings: StoreSettings): ReadingApplied {
	const source = sourceOf(state, reading);
	const problem = wrongDoorProblem(reading) ?? blocksProblem(reading.blocks, source === "all", telemetryProblem);
	if (problem !== null) return refused(state, problem);
	// The blocks of several packs carry no number and shift when a pack drops out: they refresh nobody.
	const block = source === "all" ? undefined : reading.blocks[0];
	if (block === undefined || source === "all") return accepted(state);
	if (!block.absent) return takePackTelemetry(state, source, block.value, at, settings);
	return { ...withPackMissing(state, source, at), problem: null };
}

/** A pack is away: it said so by an empty block, or it does not answer where every pack answers for itself. */
export function withPackMissing(state: BankState, address: number, at: number): StateChange {
	const away = withPack(state, { ...packAt(state, address), lastPower: null, absentAt: at });
	return located(withPresence(away, address, "absent", at), at);
}

function takePackTelemetry(
	state: BankState,
	address: number,
	telemetry: SparseTelemetry,
	at: number,
	settings: StoreSettings,
): ReadingApplied {
	const pack = packAt(state, address);
	const { memory, problem } = checkPackTelemetry(pack.gate, telemetry, at);
	if (problem !== null) return refused(withPack(state, { ...pack, gate: memory }), problem);
	const value = completeTelemetry(structuredClone(telemetry), settings.currentDeadBandA);
	// What flowed while the current is not known is not guessed.
	const lastPower = telemetry.current === null ? null : { at, power: telemetry.voltage * telemetry.current };
	const flown = pack.lastPower === null || lastPower === null ? NO_ENERGY : energyBetween(pack.lastPower, lastPower);
	const counted = state.energy.get(address) ?? (lastPower === null ? null : NO_ENERGY);
	const energy = counted === null ? state.energy : new Map(state.energy).set(address, addEnergy(counted, flown));
	const updated = withPack(
		{ ...state, energy },
		{
			...pack,
			gate: memory,
			lastPower,
			isUnmetered: pack.isUnmetered || lastPower === null,
			telemetry: { value, at },
			absentAt: null,
			seen: true,
		},
	);
	const present = withPresence(updated, address, "live", at);
	const alarms = withAlarms(present.state, packSeenLive(present.state.alarms, address, at, knownPacks(present.state)), at);
	return { ...located({ state: alarms.state, events: [...present.events, ...alarms.events] }, at), problem: null };
}

/** A pack has just been found live or away: the alarm rules work out who is in the all-packs replies. */
function located({ state, events }: StateChange, at: number): StateChange {
	const after = withAlarms(state, packLocated(state.alarms, at, knownPacks(state)), at);
	return { state: after.state, events: [...events, ...after.events] };
}

function takeStatus(state: BankState, reading: ReadingOf<"status">, at: number): ReadingApplied {
	const source = sourceOf(state, reading);
	const problem = wrongDoorProblem(reading) ?? blocksProblem(reading.blocks, source === "all", statusProblem);
	if (problem !== null) return refused(state, problem);
	const blocks = structuredClone(reading.blocks);
	if (source === "all") {
		return { ...withAlarms(state, heardAllPacks(state.alarms, blocks, at, knownPacks(state)), at), problem: null };
	}
	const block = blocks[0];
	// An empty block may be a pack whose MOSFETs are both off, but it does not make a pack.
	if (block === undefined || (block.absent && !state.packs.has(source))) return accepted(state);
	const pack = packAt(state, source);
	const known = withPack(state, { ...pack, seen: pack.seen || !block.absent });
	return { ...withAlarms(known, heardPack(known.alarms, source, statusIn(block), at, knownPacks(known)), at), problem: null };
}

function withAlarms(state: BankState, change: AlarmChange, at: number): StateChange {
	return { state: { ...state, alarms: change.state }, events: change.events.map((event) => ({ ...event, at })) };
}

function withIdentity(state: BankState, address: number, said: Partial<PackIdentity>): BankState {
	const pack = packAt(state, address);
	const old = pack.identity ?? { version: null, bmsSerial: null, packSerial: null };
	const identity: PackIdentity = {
		version: said.version ?? old.version,
		bmsSerial: said.bmsSerial ?? old.bmsSerial,
		packSerial: said.packSerial ?? old.packSerial,
	};
	return withPack(state, { ...pack, identity, seen: true });
}

function withParameters(state: BankState, address: number, values: ParameterValues): BankState {
	const pack = packAt(state, address);
	return withPack(state, { ...pack, parameters: { ...pack.parameters, ...values }, seen: true });
}

function wrongDoorProblem(reading: BlocksReading): string | null {
	if (!isWrongDoor(reading)) return null;
	return `pack ${reading.asked} was asked for through pack ${reading.repliedBy}, which knows only itself`;
}

function describeSource(source: PackSelector): string {
	return source === "all" ? "in the answer of all packs" : `from pack ${source}`;
}

function accepted(state: BankState): ReadingApplied {
	return { state, events: [], problem: null };
}

function refused(state: BankState, problem: string): ReadingApplied {
	return { state, events: [], problem };
}
