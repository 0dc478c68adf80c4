import { BmsError, CommandError, DecodeError, messageOf, RejectedError } from "../../errors.ts";
import { PARAMETER_KEYS, type ParameterGroupKey, type ParameterKey, type ParameterValues, parameterOf } from "../battery/parameters.ts";
import type { Answered, Exchange } from "../protocol/protocol.ts";
import { serialsIfTold, serialsNow } from "./bms-serial.ts";
import type { ParameterSave } from "./command-store.ts";
import type { Handler, Outcome } from "./outcome.ts";
import {
	brokenOrders,
	changesIn,
	differences,
	groupsTouched,
	groupWords,
	isSameValue,
	measured,
	missingIn,
	ofGroup,
	picked,
} from "./parameter-rules.ts";
import type { Place } from "./place.ts";

const keysOf = (values: ParameterValues): readonly ParameterKey[] => PARAMETER_KEYS.filter((key) => values[key] !== undefined);

/** One group, as the pack has it now. */
const readGroup = (place: Place, group: ParameterGroupKey) => read(place, place.access.parameters(place.pack, group));

async function read(place: Place, exchange: Exchange<Answered<ParameterValues>>): Promise<ParameterValues> {
	const { repliedBy, value } = await place.ask(exchange);
	place.parts.apply({ kind: "parameters", repliedBy, values: value });
	return value;
}

/** Everything; groups this firmware does not know are left out. */
async function readAll(place: Place): Promise<ParameterValues> {
	const groups = place.access.parameterGroups;
	if (groups.length === 0) throw place.unsupported("its parameters");
	let values: ParameterValues = {};
	const apart = new Set(groups);
	for (const set of place.access.parameterSets ?? []) {
		try {
			values = { ...values, ...(await read(place, set.read(place.pack))) };
			for (const group of set.groups) apart.delete(group);
		} catch (error) {
			// One of its groups is what it cannot be read for: each by itself will show which.
			if (!(error instanceof RejectedError || error instanceof DecodeError)) throw error;
		}
		place.progress(groups.length - apart.size, groups.length);
	}
	values = { ...values, ...(await readApart(place, [...apart], groups.length)) };
	if (keysOf(values).length === 0) throw place.unsupported("its parameters: it refused every group of them");
	return values;
}

/** Groups one by one, the last of `total`; those this firmware does not know are left out. */
async function readApart(place: Place, groups: readonly ParameterGroupKey[], total = groups.length): Promise<ParameterValues> {
	let values: ParameterValues = {};
	for (const [index, group] of groups.entries()) {
		try {
			values = { ...values, ...(await readGroup(place, group)) };
		} catch (error) {
			if (!(error instanceof RejectedError)) throw error;
		}
		place.progress(total - groups.length + index + 1, total);
	}
	return values;
}

/** Where everything is read in so few requests, everything is saved before a change. */
const FEW_REQUESTS = 3;

/**
 * What a change may touch, and no more: one by one all groups take seconds, in which the change would wait. Its save
 * gives back just that.
 */
async function readTouched(place: Place, changes: ParameterValues): Promise<ParameterValues> {
	const { parameterGroups, parameterSets = [] } = place.access;
	const touched = groupsTouched(changes);
	const groups = parameterGroups.filter((group) => touched.has(group));
	const apart = parameterGroups.filter((group) => !parameterSets.some((set) => set.groups.includes(group)));
	const takes = parameterSets.length + apart.length;
	return groups.length === 0 || takes <= Math.max(groups.length, FEW_REQUESTS) ? readAll(place) : readApart(place, groups);
}

/** Keeps what the pack has, before anything changes it. Rejects as not-saved; then nothing may be written. */
async function keep(place: Place, values: ParameterValues): Promise<string> {
	const { store, snapshot, worldClock, command, pack } = place.parts;
	const serials = await serialsIfTold(place);
	try {
		return await store.saves.add({
			...place.parts.bank,
			pack,
			at: new Date(worldClock.now()).toISOString(),
			reason: command,
			firmware: snapshot()?.identity?.version ?? null,
			bmsSerial: serials?.bmsSerial ?? null,
			packSerial: serials?.packSerial ?? null,
			values,
		});
	} catch (error) {
		throw new CommandError("not-saved", `The present parameters cannot be saved, so nothing was written: ${messageOf(error)}`);
	}
}

export const readParameters: Handler = async (place) => {
	const value = await readAll(place);
	return { value, text: `${keysOf(value).length} parameters of pack ${place.pack}.` };
};

export const saveParameters: Handler = async (place) => {
	const values = await readAll(place);
	const id = await keep(place, values);
	return { value: { save: id, values }, text: `${keysOf(values).length} parameters of pack ${place.pack} are kept as ${id}.` };
};

export const listSaves: Handler = async (place) => {
	const saves = await place.parts.store.saves.list(place.pack);
	const value = saves.map(({ id, at, reason, firmware, bmsSerial, packSerial }) => ({ id, at, reason, firmware, bmsSerial, packSerial }));
	return { value, text: `${value.length} ${value.length === 1 ? "save" : "saves"} of the parameters of pack ${place.pack}.` };
};

/** The save meant: the named one, or the newest. */
async function saveOf(place: Place, id: string | undefined): Promise<ParameterSave> {
	const saves = await place.parts.store.saves.list(place.pack);
	const save = id === undefined ? saves[0] : saves.find((kept) => kept.id === id);
	if (save !== undefined) return save;
	const which = id === undefined ? "no save" : `no save ${id}`;
	throw new CommandError("bad-argument", `There is ${which} of the parameters of pack ${place.pack} on this machine.`);
}

export const compareParameters: Handler = async (place, { save: id }) => {
	const save = await saveOf(place, id);
	const now = await readTouched(place, save.values);
	// Nothing was kept of what a change did not touch.
	const kept = new Set(keysOf(save.values).map((key) => parameterOf(key).group));
	const value = differences(
		picked(now, (key) => kept.has(parameterOf(key).group)),
		save.values,
	);
	const words = value.map(
		({ key, now: a, saved: b }) => `${key} ${a === null ? "-" : measured(key, a)}, saved ${b === null ? "-" : measured(key, b)}`,
	);
	const text =
		words.length === 0
			? `Pack ${place.pack} has the parameters of ${save.id}.`
			: `Pack ${place.pack} against ${save.id}: ${words.join("; ")}.`;
	return { value: { save: save.id, differences: value }, text };
};

export const writeParameters: Handler = async (place, { values: wanted = {} }) => {
	const now = await readTouched(place, wanted);
	const missing = missingIn(now, wanted);
	if (missing.length > 0)
		throw new CommandError("unsupported", `Pack ${place.pack} does not have ${missing.join(", ")}. Nothing was written.`);
	const changes = changesIn(now, wanted);
	const broken = brokenOrders(now, changes);
	if (broken.length > 0) throw new CommandError("out-of-range", `This does not go together: ${broken.join("; ")}. Nothing was written.`);
	return change(place, now, wanted, changes);
};

/** The battery had these values before, so they are not held to the ranges of the vendor's program. */
export const restoreParameters: Handler = async (place, { save: id }) => {
	const save = await saveOf(place, id);
	const now = await readTouched(place, save.values);
	const serial = save.bmsSerial === null ? null : ((await serialsNow(place))?.bmsSerial ?? null);
	if (save.bmsSerial !== null && serial !== null && save.bmsSerial !== serial)
		throw new CommandError(
			"bad-argument",
			`${save.id} is of the BMS ${save.bmsSerial}, and pack ${place.pack} is ${serial} now. Nothing was written.`,
		);
	const wanted = picked(save.values, (key) => now[key] !== undefined);
	return change(place, now, wanted, changesIn(now, wanted));
};

/** Saves what is there, then writes the groups that differ, one after the other; the first that fails ends it. */
async function change(place: Place, now: ParameterValues, wanted: ParameterValues, changes: ParameterValues): Promise<Outcome> {
	const before = picked(now, (key) => wanted[key] !== undefined);
	place.parts.onBefore(before);
	const groups = place.access.parameterGroups.filter((group) => keysOf(ofGroup(changes, group)).length > 0);
	if (groups.length === 0)
		return { before, value: before, confirmed: true, text: `Pack ${place.pack} has these parameters already; nothing was written.` };
	for (const group of groups) checkSendable(place, group, { ...ofGroup(now, group), ...ofGroup(changes, group) });
	const save = await keep(place, now);
	const written: ParameterGroupKey[] = [];
	let after = now;
	for (const [index, group] of groups.entries()) {
		const left = groups.slice(index + 1);
		const sum = () => `Written: ${groupWords(written)}. Not written: ${groupWords(left)}. The parameters from before are kept as ${save}.`;
		if (place.isCancelled && written.length > 0) {
			const text = `Cancelled. Written: ${groupWords(written)}. Not written: ${groupWords(groups.slice(index))}. The parameters from before are kept as ${save}.`;
			return { before, value: picked(after, (key) => wanted[key] !== undefined), confirmed: false, text };
		}
		const step = await writeGroup(place, group, ofGroup(changes, group), sum);
		after = { ...after, ...step.after };
		if (step.trouble !== null) {
			const value = picked(after, (key) => wanted[key] !== undefined);
			return { before, value, confirmed: false, text: `${step.trouble} ${sum()}` };
		}
		written.push(group);
		place.progress(index + 1, groups.length);
	}
	const value = picked(after, (key) => wanted[key] !== undefined);
	const told = keysOf(changes).map((key) => `${parameterOf(key).label} ${measured(key, after[key] ?? Number.NaN)}`);
	return {
		before,
		value,
		confirmed: true,
		text: `Pack ${place.pack}: ${told.join(", ")}. The parameters from before are kept as ${save}.`,
	};
}

/** What the wire cannot carry is told before anything is written: else the groups before it would be changed already. */
function checkSendable({ access, pack }: Place, group: ParameterGroupKey, values: ParameterValues): void {
	try {
		access.setParameters(pack, group, values);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new CommandError("out-of-range", `${groupWords([group])} cannot be sent: ${error.message} Nothing was written.`, {}, error);
	}
}

interface GroupStep {
	readonly after: ParameterValues;
	/** In words; null when the battery has what was wanted. */
	readonly trouble: string | null;
}

async function writeGroup(place: Place, group: ParameterGroupKey, changes: ParameterValues, sum: () => string): Promise<GroupStep> {
	const name = groupWords([group]);
	try {
		const fresh = await readGroup(place, group);
		const lost = await place.write(place.access.setParameters(place.pack, group, { ...fresh, ...changes }));
		const isDone = (found: ParameterValues) => wrongIn(found, changes).length === 0;
		const after = await place.settled(() => readGroup(place, group), isDone);
		const wrong = wrongIn(after, changes).map((key) => `${key} ${after[key] === undefined ? "nothing" : measured(key, after[key])}`);
		if (wrong.length === 0) return { after, trouble: null };
		const heard = lost === null ? "was accepted" : "was not answered";
		return { after, trouble: `${name} ${heard}, but the battery says: ${wrong.join(", ")}. It was sent once and is not repeated.` };
	} catch (error) {
		throw stopped(name, error, sum);
	}
}

/** The error that ended the writing, with what was written until then. */
function stopped(name: string, error: unknown, sum: () => string): unknown {
	if (error instanceof RangeError) return new CommandError("out-of-range", `${name} cannot be sent: ${error.message} ${sum()}`, {}, error);
	if (error instanceof RejectedError) {
		const words = `${name}: the battery refused these values: it may be locked, or busy charging. ${sum()}`;
		return new RejectedError(error.code, words, error.context, error);
	}
	if (!(error instanceof BmsError)) return error;
	const code = error instanceof CommandError ? error.code : "not-confirmed";
	return new CommandError(code, `${name}: ${error.message} ${sum()}`, error.context, error);
}

function wrongIn(found: ParameterValues, wanted: ParameterValues): readonly ParameterKey[] {
	return keysOf(wanted).filter((key) => {
		const [is, should] = [found[key], wanted[key]];
		return is === undefined || should === undefined || !isSameValue(key, is, should);
	});
}

export const restoreDefaults: Handler = async (place) => {
	const { access, pack } = place;
	const [first] = access.parameterGroups;
	if (!access.restoreDefaults || first === undefined) throw place.unsupported("its maker's parameters");
	const before = await readAll(place);
	place.parts.onBefore(before);
	const save = await keep(place, before);
	await place.ask(place.parts.line.status(pack));
	let lost: string | null;
	try {
		lost = await place.write(access.restoreDefaults(pack));
	} catch (error) {
		throw error instanceof RejectedError
			? stopped(`Defaults of pack ${pack}`, error, () => `Nothing was changed; ${save} is kept.`)
			: error;
	}
	const value = await place.settled(
		() => readAll(place),
		() => true,
	);
	const changed = differences(value, before);
	const isAsKnown = keysOf(value).every((key) => {
		const [known, is] = [parameterOf(key).default, value[key]];
		return known !== null && is !== undefined && isSameValue(key, is, known);
	});
	const heard = lost === null ? "The battery accepted it" : "The battery did not answer";
	const words = isAsKnown ? "it has the maker's parameters" : "which are its maker's nobody else knows";
	return {
		before,
		value,
		confirmed: isAsKnown ? true : lost === null ? null : changed.length > 0 ? null : false,
		text: `Defaults of pack ${pack}: ${heard}; ${changed.length} parameters changed, ${words}. Those from before are kept as ${save}.`,
	};
};
