import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PARAMETER_GROUP_KEYS, PARAMETERS, type ParameterKey, parametersOfGroup } from "../../../src/bms/battery/parameters.ts";
import { STATE_KEYS, type StateKey } from "../../../src/bms/battery/states.ts";
import type { StoredRecord } from "../../../src/bms/battery/stored-record.ts";
import { textOf } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import { acknowledgement, parametersAnswer, readPackRequest, recordAnswer } from "../../../src/bms/protocol/ascii/ascii-pack-answers.ts";
import { parametersOnTheWire, writeParameters } from "../../../src/bms/protocol/ascii/ascii-parameters.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import { decodeText } from "../../../src/bms/protocol/decode-text.ts";
import { block42, block44, cells, hex, received, reply } from "./build-replies.ts";
import { bytes } from "./captures.ts";

const { access } = asciiV25;
if (!access?.record || !access.setSwitch || !access.setClock || !access.inverterProtocol || !access.setInverterProtocol) {
	throw new Error("no access");
}
const { record, setSwitch, setClock, inverterProtocol, setInverterProtocol } = access;
const defaultOf = (key: ParameterKey) => PARAMETERS[key].default;
const defaults = (group: (typeof PARAMETER_GROUP_KEYS)[number]) =>
	Object.fromEntries(parametersOnTheWire(group).map((key) => [key, defaultOf(key)]));
const DONE = acknowledgement(1);

describe("parameters on the wire", () => {
	it("every parameter stands in the group it is told with, and in no third one", () => {
		for (const group of PARAMETER_GROUP_KEYS)
			expect(parametersOnTheWire(group)).toEqual(expect.arrayContaining([...parametersOfGroup(group)]));
		const placed = new Set(PARAMETER_GROUP_KEYS.flatMap((group) => [...parametersOnTheWire(group)]));
		expect(placed).toEqual(new Set(Object.keys(PARAMETERS)));
	});

	it.each(PARAMETER_GROUP_KEYS)("%s: any values of its steps come back as they were written", (group) => {
		const values = fc.record(
			Object.fromEntries(
				parametersOnTheWire(group).map((key) => {
					const { minimum, maximum, step } = PARAMETERS[key];
					const wire = key.endsWith("2Delay") || key === "shortCircuitDelay" ? 25 : step;
					return [key, fc.nat(Math.floor((maximum - minimum) / wire)).map((count) => Math.round((minimum + count * wire) * 1000) / 1000)];
				}),
			),
		);
		fc.assert(
			fc.property(values, (wanted) => {
				const accepted = access.parameters(1, group).accept(parametersAnswer(1, group, wanted));
				expect(accepted).toEqual({ kind: "reply", value: { repliedBy: 1, value: wanted } });
				const { request } = access.setParameters(1, group, wanted);
				const read = readPackRequest({ code: Number.parseInt(textOf(request).slice(7, 9), 16), info: writeParameters(group, wanted) });
				expect(read).toMatchObject({ kind: "writeParameters", values: wanted });
			}),
			{ numRuns: 40 },
		);
	});

	it("a firmware's shorter form leaves parameters out, and is written in the form it was read in", () => {
		const short = { fullChargeVoltage: 56, fullChargeCurrent: 2000 };
		const answer = received("DAC007D0");
		for (const group of ["fullCharge", "lowCharge"] as const) {
			expect(access.parameters(1, group).accept(answer)).toEqual({ kind: "reply", value: { repliedBy: 1, value: short } });
		}
		expect(textOf(access.setParameters(1, "fullCharge", short).request).slice(13, -5)).toBe("DAC007D0");
		expect(textOf(access.setParameters(1, "lowCharge", { ...short, lowChargeAlarm: 10 }).request).slice(13, -5)).toBe("DAC007D00A");
	});

	it("the on/off byte stays what it was read as", () => {
		const read = access.parameters(1, "cellOvervoltage").accept(received("000E100E740D340A"));
		if (read.kind !== "reply") throw new Error(read.kind);
		expect(textOf(access.setParameters(1, "cellOvervoltage", read.value.value).request).slice(13, -5)).toBe("000E100E740D340A");
	});

	it.each([
		["one of them alone", "lowCharge", { lowChargeAlarm: 10 }],
		["half a group", "chargeOvercurrent2", { chargeOvercurrent2Protection: 150, chargeOvercurrent2Delay: 100 }],
		["a parameter of another group", "sleep", { sleepVoltage: 3.1, sleepDelay: 5, lowChargeAlarm: 5 }],
		["a value between two steps", "shortCircuit", { shortCircuitDelay: 110 }],
		["a finer voltage than a millivolt", "sleep", { sleepVoltage: 3.1004, sleepDelay: 5 }],
		["more than the wire can carry", "sleep", { sleepVoltage: 70, sleepDelay: 5 }],
		["a negative one", "balancing", { balanceStartVoltage: 3.4, balanceStartDelta: -1 }],
		["no number", "currentLimiter", { limiterStartCurrent: Number.NaN }],
		["nothing", "sleep", {}],
	] as const)("%s is not sent", (_, group, values) => {
		expect(() => access.setParameters(1, group, values)).toThrow(RangeError);
	});

	it.each([
		["nothing but zeros", "0000000000000000", "implausible"],
		["a cell protected at 61 V", "01EE48EE48EE480A", "implausible"],
	])("%s are not believed", (_, info, code) => {
		expect(access.parameters(1, "cellOvervoltage").accept(received(info))).toMatchObject({ kind: "bad", error: { kind: "decode", code } });
		const decoded = decodeText(`> ~250146D10000FD99\n< ${reply(info)}`).at(-1);
		expect(decoded).toMatchObject({ command: "D1", error: { code } });
		expect(decoded?.parameters).toBeUndefined();
	});
});

describe("each question takes its own kind of answer", () => {
	const pack = block42({ cells: cells(16), tail: "37" });
	const READINGS = [
		received(`0001${pack}`),
		received(`0001${block44({ tail: "00" })}`),
		bytes("~25014600602850313653313030412D31423437302D312E303400F586"),
		bytes("~25014600B05031423437303130323137303939394420202020204D617220333020323032322C31383A31383A3136ED77"),
		bytes("~25004600400C183C286A2710FB0E"),
		bytes("~25004600400C180815051D1FFB10"),
	];
	const asked = [
		...PARAMETER_GROUP_KEYS.map((group) => access.parameters(1, group)),
		...PARAMETER_GROUP_KEYS.map((group) => access.setParameters(1, group, defaults(group) as Record<string, number>)),
		...access.switches.flatMap((key) => [setSwitch(1, key, true), setSwitch(1, key, false)]),
		record(1, 0),
		inverterProtocol(1),
		setInverterProtocol(1, { can: 1, rs485: 1, mode: "manual" }),
		setClock(1, { year: 2026, month: 11, day: 29, hour: 8, minute: 0, second: 0 }),
	].flatMap((exchange) => [exchange]);

	it.each(asked.map((exchange) => [exchange.label, exchange] as const))("%s: no late reading is taken for it", (_, exchange) => {
		for (const late of READINGS) expect(exchange.accept(late).kind, textOf(late)).toBe("foreign");
		expect(exchange.accept(exchange.request)).toEqual({ kind: "echo" });
		expect(exchange.accept(bytes("~25014609E00204FD2A"))).toMatchObject({ kind: "rejected", error: { code: "refused" } });
		expect(exchange.accept(bytes("~250146040000FDAA"))).toMatchObject({ kind: "rejected", error: { code: "unknown-command" } });
		expect(exchange.accept(bytes("~250146000000FDAF"))).toMatchObject({ kind: "bad", error: { code: "checksum" } });
	});

	it("an empty answer acknowledges writes and switches, ends the list of records, and answers no other question", () => {
		expect(access.setParameters(1, "sleep", { sleepVoltage: 3.1, sleepDelay: 5 }).accept(DONE)).toMatchObject({ kind: "reply" });
		expect(setSwitch(1, "buzzer", true).accept(DONE)).toMatchObject({ kind: "reply" });
		expect(record(1, 500).accept(DONE)).toEqual({ kind: "reply", value: { repliedBy: 1, value: null } });
		expect(access.parameters(1, "sleep").accept(DONE)).toMatchObject({ kind: "foreign" });
		expect(inverterProtocol(1).accept(DONE)).toMatchObject({ kind: "foreign" });
	});

	it("a switch takes no answer that echoes another code", () => {
		const on = bytes("~25004600C0040D01FCC3");
		expect(setSwitch(0, "buzzer", true).accept(on)).toMatchObject({ kind: "reply", value: { repliedBy: 0, value: null } });
		expect(setSwitch(0, "buzzer", false).accept(on)).toMatchObject({ kind: "foreign" });
		expect(setSwitch(0, "ledAlarm", true).accept(on)).toMatchObject({ kind: "foreign" });
		expect(setSwitch(0, "chargeMosfet", true).accept(on)).toMatchObject({ kind: "foreign" });
	});

	it("a way of finding inverter protocols that no document names is not believed", () => {
		expect(inverterProtocol(1).accept(received("040107"))).toMatchObject({ kind: "bad", error: { code: "implausible" } });
	});

	it("no date that cannot be is written", () => {
		expect(() => setClock(1, { year: 2026, month: 0, day: 1, hour: 0, minute: 0, second: 0 })).toThrow(RangeError);
		expect(() => setClock(1, { year: 1999, month: 1, day: 1, hour: 0, minute: 0, second: 0 })).toThrow(RangeError);
		expect(() => record(1, 65_536)).toThrow(RangeError);
	});
});

describe("stored records", () => {
	const written: StoredRecord = {
		index: 7,
		localTime: "2024-02-29T02:00:56",
		cellVoltages: cells(15).map((millivolts) => millivolts / 1000),
		temperatures: [20.2, null, 20.5, -4],
		...{ current: -1.46, voltage: 49.5, remainingCapacity: 3.46, fullCapacity: 103.46, cycleCount: 67 },
		conditions: ["protection.cell_undervoltage", "fault.cell", "alarm.low_soc", "alarm.mosfet_overtemperature"],
		states: ["dischargeMosfet", "packSupplying"],
		unknownBits: [],
		isPowerOn: true,
	};
	const readBack = (info: string) => {
		const accepted = record(1, 7).accept(received(info));
		return accepted.kind === "reply" ? accepted.value.value : accepted;
	};
	const answered = textOf(recordAnswer(1, written)).slice(13, -5);
	/** Status bytes of newer firmware: fault status 8 and 10, and the record's own word. */
	const TAIL_DIGITS = 8;
	const base = answered.slice(0, -TAIL_DIGITS);

	it("come back as they were written, with other counts of cells and probes", () => {
		const told = readBack(answered) as StoredRecord;
		expect({ ...told, conditions: new Set(told.conditions) }).toEqual({ ...written, conditions: new Set(written.conditions) });
	});

	it("are read without the newer bytes, with some of them, and with more than are known", () => {
		expect(readBack(base)).toMatchObject({ isPowerOn: null, cycleCount: 67, unknownBits: [] });
		expect(readBack(`${base}04`)).toMatchObject({ isPowerOn: null, unknownBits: ["F8.2"] });
		expect(readBack(`${base}FFFF`)).toMatchObject({ isPowerOn: null, unknownBits: [] });
		expect(readBack(`${base}00010002`)).toMatchObject({ isPowerOn: false, unknownBits: ["F10.0", "SR.1"] });
		expect(readBack(`${base}0000${"0001"}0000`)).toMatchObject({ isPowerOn: true });
		expect(readBack(`${base}${"00".repeat(17)}`)).toMatchObject({ kind: "bad", error: { code: "no-layout-fits" } });
	});

	it("have no time when their clock showed no date", () => {
		expect(readBack(`000000000000${answered.slice(12)}`)).toMatchObject({ localTime: null, voltage: 49.5 });
		expect(textOf(recordAnswer(1, { ...written, localTime: null })).slice(13, 25)).toBe("000000000000");
	});

	it("are none when they are cut off, count impossibly, or have no cells", () => {
		expect(readBack(base.slice(0, -4))).toMatchObject({ kind: "bad", error: { code: "too-short" } });
		expect(readBack(`${base.slice(0, 12)}FF${base.slice(14)}`)).toMatchObject({ kind: "bad", error: { code: "wrong-shape" } });
		expect(readBack(`${base.slice(0, 14)}${hex(0).repeat(15)}${base.slice(74)}`)).toMatchObject({
			kind: "bad",
			error: { code: "no-layout-fits" },
		});
	});

	it("are told by decode with their cause, also without the request", () => {
		const [decoded] = decodeText(`< ${reply(answered)}`);
		expect(decoded).toMatchObject({
			...{ command: "A1", inferred: true, meaning: "stored record" },
			record: {
				...{ index: null, localTime: written.localTime, isPowerOn: true },
				protections: [{ slug: "cell_undervoltage" }],
				faults: [{ slug: "cell" }],
				alarms: [{ slug: "low_soc" }, { slug: "mosfet_overtemperature" }],
			},
		});
	});
});

describe("what cannot be read by decode is named, and no value is told", () => {
	it("an answer of another length, and a request that none looks like", () => {
		expect(decodeText(`> ~250146D10000FD99\n< ${reply("0102")}`).at(-1)).toMatchObject({
			command: "D1",
			error: { code: "no-layout-fits" },
		});
		expect(decodeText("~250046D0C0040102FCCB")[0]).toMatchObject({ kind: "request", command: "D0" });
		const late = decodeText(`> ~250146D10000FD99\n< ${reply(`0001${block42({ cells: cells(16) })}`)}`).at(-1);
		expect(late).toMatchObject({ command: "42", inferred: true, packs: [{ absent: false }] });
	});
});

/** The states of the battery are all known by name: the answer of a switch tells each. */
it("a switch's answer tells every state of its byte", () => {
	const decoded = decodeText("> ~25004699E0020DFD12\n< ~25004600C0040D01FCC3").at(-1);
	const told = Object.keys(decoded?.states as Record<StateKey, boolean>);
	expect(told).toHaveLength(8);
	expect(told.every((key) => STATE_KEYS.some((known) => known === key))).toBe(true);
	expect(decoded?.unverified).toEqual(expect.arrayContaining(["states.ledAlarmDisabled", "states.currentLimiterDisabled"]));
});
