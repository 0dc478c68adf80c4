import { CommandError, RejectedError } from "../../errors.ts";
import type { PackStatus, ReadingOf } from "../battery/readings.ts";
import type { StateKey } from "../battery/states.ts";
import { SWITCH_KEYS, type SwitchKey, switchOf } from "../battery/switches.ts";
import { serialsIfTold } from "./bms-serial.ts";
import { confirmedName, type SwitchPolarity } from "./command-store.ts";
import { type Handler, refusal, writtenWords } from "./outcome.ts";
import type { Place } from "./place.ts";

/**
 * TABLE of why a pack refuses a switch (rs232-v25 §9.2): charge cannot be switched off while discharge is off or the
 * pack discharges, and the other way round; one of the two stays on.
 */
const INTERLOCKS: Partial<Record<SwitchKey, string>> = {
	chargeMosfet:
		"The charge MOSFET cannot be switched off while the discharge MOSFET is off or the pack discharges: one of the two always stays on.",
	dischargeMosfet:
		"The discharge MOSFET cannot be switched off while the charge MOSFET is off or the pack charges: one of the two always stays on.",
};

/** Entries of the audit log that are looked through for a switch to confirm. */
const LOOKED_THROUGH = 200;

/** Whether it was switched and nobody has said yet what came of it: said twice, one look would count as two. The log outlives a program that is called anew. */
async function isOpen(place: Place, key: SwitchKey): Promise<boolean> {
	const entries = await place.parts.store.audit.last(LOOKED_THROUGH);
	const last = entries.find(
		({ command, phase, pack, arguments: given }) =>
			(command === "switch" || command === "confirm-switch") && phase === "ended" && pack === place.pack && given.switch === key,
	);
	// Not one that the read-back shows undone: there was nothing to see.
	return last?.command === "switch" && last.confirmed !== false;
}

/** Which way round an unverified switch works; null while nobody has looked. A verified one is always normal. */
async function polarityOf(place: Place, key: SwitchKey): Promise<SwitchPolarity | null> {
	if (switchOf(key).unverified !== true) return "normal";
	const kept = (await place.parts.store.confirmed.load())[confirmedName(place.pack, key)];
	if (kept === undefined) return null;
	// What was seen on one battery says nothing about another that has its place now.
	const now = kept.serial === null ? null : ((await serialsIfTold(place))?.bmsSerial ?? null);
	return kept.serial === null || now === null || kept.serial === now ? kept.polarity : null;
}

/** The state bits of the pack meant. A block that is all zero is this pack's with everything off: it has just answered. */
async function readStates(place: Place): Promise<Readonly<Record<StateKey, boolean | null>>> {
	const reading = await place.ask(place.parts.line.status(place.pack));
	place.parts.apply(reading);
	return statesIn(reading);
}

function statesIn({ blocks }: ReadingOf<"status">): Readonly<Record<StateKey, boolean | null>> {
	const block = blocks[0];
	const status: Pick<PackStatus, "states" | "unsupported"> | null = block === undefined || block.absent ? null : block.value;
	const lacking: readonly string[] = status?.unsupported ?? [];
	const keys = SWITCH_KEYS.map((key) => switchOf(key).state);
	const entries = keys.map((state) => [state, lacking.includes(state) ? null : (status?.states[state] ?? false)] as const);
	return Object.fromEntries(entries) as Record<StateKey, boolean | null>;
}

/** Whether it is on; null when nobody knows. */
function isOn(states: Readonly<Record<StateKey, boolean | null>>, key: SwitchKey, polarity: SwitchPolarity | null): boolean | null {
	const { state, onWhen } = switchOf(key);
	const bit = states[state];
	if (bit === null || bit === undefined || polarity === null) return null;
	return (bit === onWhen) === (polarity === "normal");
}

export const readSwitches: Handler = async (place) => {
	const states = await readStates(place);
	const entries: (readonly [SwitchKey, boolean | null])[] = [];
	for (const key of SWITCH_KEYS) entries.push([key, isOn(states, key, await polarityOf(place, key))]);
	const words = entries.map(([key, on]) => `${switchOf(key).label} ${on === null ? "not known for certain" : onOff(on)}`);
	return { value: Object.fromEntries(entries), text: `Pack ${place.pack}: ${words.join(", ")}.` };
};

export const setSwitch: Handler = async (place, given) => {
	const key = switchIn(given.switch);
	const on = given.on === true;
	const { label, state, onWhen } = switchOf(key);
	const { access } = place;
	if (!access.setSwitch || !access.switches.includes(key)) throw place.unsupported(`the ${label}`);
	const polarity = await polarityOf(place, key);
	// Reversed: what the battery calls on is what its owner saw go off.
	const asked = polarity === "reversed" ? !on : on;
	const what = `${label} of pack ${place.pack} ${onOff(on)}`;
	const before = await readStates(place);
	place.parts.onBefore(isOn(before, key, polarity));
	let lost: string | null;
	try {
		lost = await place.write(access.setSwitch(place.pack, key, asked));
	} catch (error) {
		if (!(error instanceof RejectedError)) throw error;
		throw refusal(what, error, INTERLOCKS[key] ?? "This pack may not have that switch, or does not allow it now.");
	}
	const bit = asked === onWhen;
	const after = await place.settled(
		() => readStates(place),
		(states) => states[state] === bit,
	);
	const shown = { before: isOn(before, key, polarity), value: isOn(after, key, polarity) };
	if (after[state] === bit && polarity === null) {
		return { ...shown, confirmed: null, text: `${what}: sent. ${LOOK}` };
	}
	const confirmed = after[state] === bit;
	return { ...shown, confirmed, text: writtenWords(what, confirmed, lost, stateWords(label, shown.value)) };
};

/** Keeps what the user saw. It is the next switch's polarity, and what a read-back then means. */
export const confirmSwitch: Handler = async (place, given) => {
	const key = switchIn(given.switch);
	const { label } = switchOf(key);
	const name = confirmedName(place.pack, key);
	const kept = await place.parts.store.confirmed.load();
	const before = await polarityOf(place, key);
	if (!(await isOpen(place, key)))
		throw new CommandError("bad-argument", `Switch the ${label} of pack ${place.pack} first, look what the battery does, then confirm it.`);
	const polarity: SwitchPolarity = (given.did === "as-asked") === (before !== "reversed") ? "normal" : "reversed";
	const serial = (await serialsIfTold(place))?.bmsSerial ?? null;
	await place.parts.store.confirmed.save({ ...kept, [name]: { polarity, serial } });
	const how = polarity === "normal" ? "as the PACE documents say" : "the other way round than the PACE documents say";
	return {
		before,
		value: polarity,
		confirmed: true,
		text: `The ${label} of pack ${place.pack} works ${how}: kept, and no longer unverified.`,
	};
};

const LOOK =
	"The sources contradict each other about which way round this works, so no read-back can settle it: look at the battery, then confirm what it did.";

const onOff = (on: boolean) => (on ? "on" : "off");

function stateWords(label: string, on: boolean | null): string {
	return on === null ? `nothing certain about the ${label}` : `${label} ${onOff(on)}`;
}

function switchIn(name: string | undefined): SwitchKey {
	const key = SWITCH_KEYS.find((known) => known === name);
	if (key === undefined) throw new CommandError("bad-argument", "Which switch is not said.");
	return key;
}
