import type { ConditionKey } from "./conditions.ts";
import type { PackBlock, PackStatus } from "./readings.ts";
import { STATE_KEYS, type StateKey } from "./states.ts";

/** The blocks of an all-packs status reply, in its order. They carry no pack numbers. */
export type StatusBlocks = readonly PackBlock<PackStatus>[];

/**
 * `empty`: nothing set and Indication 00, as of a pack that is away, or one whose MOSFETs are both off; the wire
 * does not tell them apart.
 */
export type BlockKind = "empty" | "telling";

export function kindOf(block: PackBlock<PackStatus>): BlockKind {
	const { indicationZero, conditions } = statusIn(block);
	return indicationZero && conditions.length === 0 ? "empty" : "telling";
}

/** What a block says, if it comes from a pack that is there. */
export function statusIn(block: PackBlock<PackStatus>): PackStatus {
	return block.absent ? EMPTY_STATUS : block.value;
}

const ALL_OFF = Object.fromEntries(STATE_KEYS.map((key) => [key, false])) as Record<StateKey, boolean>;

const EMPTY_STATUS: PackStatus = {
	conditions: [],
	states: ALL_OFF,
	cellCodes: [],
	probeCodes: [],
	chargeCurrentCode: 0,
	packVoltageCode: 0,
	dischargeCurrentCode: 0,
	balancingCells: [],
	unknownBits: [],
	indicationZero: true,
};

/** The conditions in an all-packs reply, whoever has them. */
export function conditionsShown(blocks: StatusBlocks | null): ReadonlySet<ConditionKey> {
	return new Set((blocks ?? []).flatMap((block) => statusIn(block).conditions));
}

/** What two alarm states must share to be taken for the same. */
export type Look = (status: PackStatus) => string;

/** What decides about conditions: two blocks with the same look say the same about them. */
export function conditionsLook({ conditions, unknownBits, indicationZero }: PackStatus): string {
	return JSON.stringify([sorted(conditions), sorted(unknownBits), indicationZero]);
}

/** Everything in it. */
export function contentLook(status: PackStatus): string {
	const { states, cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode, balancingCells } = status;
	const codes = [cellCodes, probeCodes, chargeCurrentCode, packVoltageCode, dischargeCurrentCode];
	const statesOn = sorted(Object.entries(states).flatMap(([state, on]) => (on ? [state] : [])));
	return JSON.stringify([conditionsLook(status), statesOn, codes, balancingCells]);
}

function sorted(items: readonly string[]): readonly string[] {
	return [...items].sort((a, b) => (a < b ? -1 : 1));
}
