import { CONDITION_KEYS } from "../bms/battery/conditions.ts";
import { LINK_NOTE_KEYS } from "../bms/battery/link-notes.ts";
import { PARAMETER_KEYS, parameterOf } from "../bms/battery/parameters.ts";
import { STATE_KEYS } from "../bms/battery/states.ts";

type Schema = Readonly<Record<string, unknown>>;

const described = (schema: Schema, description: string): Schema => ({ ...schema, description });
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const oneOf = (...values: readonly string[]): Schema => ({ enum: values });
const list = (items: Schema): Schema => ({ type: "array", items });
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

/** An object whose properties are all there but the optional ones, and no others. */
const record = (properties: Readonly<Record<string, Schema>>, description?: string, optional: readonly string[] = []): Schema => ({
	type: "object",
	...(description === undefined ? {} : { description }),
	properties,
	required: Object.keys(properties).filter((name) => !optional.includes(name)),
	additionalProperties: false,
});

const part = (value: Schema, description: string): Schema =>
	record(
		{ value, at: ref("time"), stale: described({ type: "boolean" }, "Too old to be shown as live; value and time are kept.") },
		description,
	);

const number = (description: string): Schema => ({ type: "number", description });
const numberOrNull = (description: string): Schema => described(orNull({ type: "number" }), description);
const boolean: Schema = { type: "boolean" };
const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };
const percentOrNull = (description: string): Schema => described(orNull({ type: "number", minimum: 0, maximum: 100 }), description);
const activity = oneOf("charging", "discharging", "idle");
const address: Schema = { type: "integer", minimum: 0, maximum: 15 };

const shared = {
	current: numberOrNull("A; + = charging; null where it is not told."),
	power: numberOrNull("W; + = charging; null where the current is not told."),
	voltage: number("V."),
	remainingCapacity: number("Ah."),
	fullCapacity: number("Ah."),
	designCapacity: numberOrNull("Ah; null where it is not told."),
	stateOfCharge: percentOrNull("%; null when not known."),
	stateOfHealth: percentOrNull("%; null when the firmware does not send it."),
	cellVoltageMin: number("V."),
	cellVoltageMax: number("V."),
	cellVoltageDelta: number("mV."),
	activity: orNull(activity),
};

const telemetry = record({
	...shared,
	cellVoltages: described(list({ type: "number" }), "V, cell 1 first."),
	temperatures: described(list(orNull({ type: "number" })), "°C, probe 1 first; null where no probe is fitted."),
	cycleCount: count,
	lowestCell: described(count, "Number of the cell, from 1."),
	highestCell: described(count, "Number of the cell, from 1."),
});

const unsupportedList = described(list(text), "Conditions and states that this protocol cannot report: neither set nor clear.");

const status = record(
	{
		conditions: list(ref("conditionKey")),
		states: record(Object.fromEntries(STATE_KEYS.map((key) => [key, boolean]))),
		cellCodes: list(count),
		probeCodes: list(count),
		chargeCurrentCode: count,
		packVoltageCode: count,
		dischargeCurrentCode: count,
		balancingCells: described(orNull(list(count)), "Numbers from 1; unverified. null where the protocol does not tell."),
		unknownBits: described(list(text), 'Set bits no source names, as "W1.7".'),
		indicationZero: boolean,
		unsupported: unsupportedList,
	},
	undefined,
	["unsupported"],
);

const link = record({
	state: described(
		oneOf("closed", "connecting", "online", "silent", "lost", "asleep"),
		"asleep: nobody answers, as expected near the sleep voltage; it is left alone.",
	),
	port: text,
	problem: orNull(record({ kind: text, code: text, message: text, at: ref("time") }, "The last error, in words.")),
	onlineSince: orNull(ref("time")),
	reconnects: count,
	replies: count,
	failures: record({ timeout: count, frame: count, rejected: count, decode: count, implausible: count }),
	junkBytes: count,
	answerTimeMs: orNull({ type: "number" }),
	echoes: described(count, "Questions of ours that came back."),
	foreign: described(count, "Sound frames that answer nothing we asked."),
	notes: described(list(record({ key: oneOf(...LINK_NOTE_KEYS), message: text })), "Noticed now without being a fault."),
	packs: list(
		record({
			address,
			replies: count,
			failures: record({ timeout: count, frame: count, rejected: count, decode: count }),
			answerTimeMs: orNull({ type: "number" }),
			lastGoodAt: orNull(ref("time")),
		}),
	),
});

const pack = record({
	address: described(address, "1 is the main pack, 0 a pack that stands alone."),
	presence: described(oneOf("live", "absent", "unknown"), "absent: it was asked and is away; unknown: no fresh word about it."),
	telemetry: orNull(part(ref("telemetry"), "Measurements.")),
	status: orNull(part(ref("status"), "Alarm state as this pack itself sent it.")),
	conditions: described(orNull(list(ref("condition"))), "What is set at this pack; null while unknown."),
	energy: orNull(ref("energy")),
	identity: orNull(record({ version: orNull(text), bmsSerial: orNull(text), packSerial: orNull(text) }, "Known for the cabled pack only.")),
	parameters: described(orNull(ref("parameters")), "The pack's own limits and settings as last read; a group never read is left out."),
});

const condition = record({
	key: ref("conditionKey"),
	since: ref("time"),
	pack: described(orNull(address), "The pack that itself reported it; null while only an all-packs reply has shown it."),
	cell: orNull(count),
	probe: orNull(count),
	value: orNull({ type: "number" }),
	unit: orNull(text),
	limit: described(
		orNull({ type: "number" }),
		"The level at which it is set, from the pack's own parameters; null while they are not known.",
	),
});

const parameters: Schema = {
	type: "object",
	properties: Object.fromEntries(PARAMETER_KEYS.map((key) => [key, number(`${parameterOf(key).label}, ${parameterOf(key).unit}.`)])),
	additionalProperties: false,
};

const totals = record({ ...shared, packs: described(list(address), "The packs that are in these values.") });

/** JSON Schema of the answer of `GET /api/bank`. */
export const BANK_SCHEMA: Schema = {
	$schema: "https://json-schema.org/draft/2020-12/schema",
	title: "Rack Battery: the whole truth about a bank now",
	description: "What is not known is null, never 0. Units: V, A (+ = charging), W, Ah, kWh, °C, %.",
	...record({
		id: text,
		name: text,
		origin: described(oneOf("real", "simulated", "replayed"), "Where the bytes come from."),
		at: ref("time"),
		revision: described(count, "Rises by one with every snapshot."),
		link: ref("link"),
		cabledPack: described(orNull(address), "The pack the cable is plugged into."),
		packs: list(ref("pack")),
		totals: described(orNull(part(ref("totals"), "Values of the live packs.")), "null while no pack is live."),
		conditions: described(orNull(list(ref("condition"))), "What is set anywhere in the bank; null while the alarm state is unknown."),
		statusAt: described(orNull(ref("time")), "When all packs' alarm state was last read."),
		unsupported: described(list(text), "What no live pack can report over this protocol."),
		energy: orNull(ref("energy")),
	}),
	$defs: {
		time: { type: "number", description: "Milliseconds since 1970-01-01 UTC." },
		conditionKey: { enum: CONDITION_KEYS, description: "class.slug, as GET /api/vocabulary explains." },
		condition,
		energy: record({ charged: number("kWh."), discharged: number("kWh.") }, "Counters; they never go backwards."),
		link,
		pack,
		parameters,
		status,
		telemetry,
		totals,
	},
};
