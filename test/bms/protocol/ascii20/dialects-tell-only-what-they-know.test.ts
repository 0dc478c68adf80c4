import { describe, expect, it } from "vitest";
import { CONDITION_KEYS } from "../../../../src/bms/battery/conditions.ts";
import { buildFrame } from "../../../../src/bms/protocol/ascii/ascii-frame.ts";
import { asciiV20 } from "../../../../src/bms/protocol/ascii20/ascii20-protocol.ts";
import { cells, hex } from "../build-replies.ts";
import { bytes } from "../captures.ts";

/** Frames written by hand from rs485-v20; only length field and checksum are computed. */
const frame = (info: string, { address = 2, chemistry = 0x46, code = 0 } = {}) =>
	buildFrame({
		version: 0x20,
		chemistry,
		address,
		code,
		info: Uint8Array.from(info.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
	});

const pylontech = asciiV20("pylontech");

interface Py42 {
	readonly count?: number;
	readonly current?: number;
	readonly remaining?: number;
	readonly full?: number;
	readonly wide?: string;
}
const py42 = ({ count = 16, current = 0, remaining = 25_000, full = 50_000, wide }: Py42) =>
	`0002${hex(count, 1)}${cells(count)
		.map((cell) => hex(cell))
		.join(
			"",
		)}05${hex(2981).repeat(5)}${hex(current)}${hex(3300 * count)}${hex(remaining)}${wide ? "04" : "02"}${hex(full)}0007${wide ?? ""}`;

function telemetryOf(info: string, protocol = pylontech) {
	const acceptance = protocol.telemetry(2).accept(frame(info, { chemistry: protocol === pylontech ? 0x46 : 0x4a }));
	if (acceptance.kind !== "reply") throw new Error(JSON.stringify(acceptance));
	const [block] = acceptance.value.blocks;
	if (!block || block.absent) throw new Error("absent");
	return block.value;
}

function statusOf(info: string, protocol = pylontech) {
	const acceptance = protocol.status(2).accept(frame(info));
	if (acceptance.kind !== "reply") throw new Error(JSON.stringify(acceptance));
	const [block] = acceptance.value.blocks;
	if (!block || block.absent) throw new Error("absent");
	return block.value;
}

describe("a PACE board in Pylon mode", () => {
	it("counts capacity in 10 mAh, where Pylontech counts in 1 mAh", () => {
		expect(telemetryOf(py42({ remaining: 9994, full: 9997 }))).toMatchObject({
			remainingCapacity: 99.94,
			fullCapacity: 99.97,
			stateOfCharge: 100,
		});
		expect(telemetryOf(py42({ remaining: 14_000, full: 28_000 }))).toMatchObject({
			remainingCapacity: 140,
			fullCapacity: 280,
			stateOfCharge: 50,
		});
		expect(telemetryOf(py42({ count: 15, remaining: 25_000, full: 50_000 }))).toMatchObject({ remainingCapacity: 25, fullCapacity: 50 });
	});

	it("has no current, as no source settles its unit; none is none in any unit", () => {
		expect(telemetryOf(py42({ remaining: 9994, full: 9997, current: -250 })).current).toBeNull();
		expect(telemetryOf(py42({ remaining: 9994, full: 9997, current: 0 })).current).toBe(0);
		expect(telemetryOf(py42({ count: 15, current: -250 })).current).toBe(-25);
	});

	it("has no design capacity and no state of health", () => {
		expect(telemetryOf(py42({ remaining: 9994, full: 9997 }))).toMatchObject({ designCapacity: null, stateOfHealth: null });
	});
});

describe("Pylontech", () => {
	it("uses the wide capacities whenever they are there (captured: remaining not FFFF beside them)", () => {
		expect(telemetryOf(py42({ remaining: 0x6e04, full: 0xffff, wide: "042E6E042E6E" }))).toMatchObject({
			remainingCapacity: 274.03,
			fullCapacity: 274.03,
		});
	});

	it("has no capacity without them when the narrow ones are full", () => {
		expect(pylontech.telemetry(2).accept(frame(py42({ remaining: 0xffff, full: 0xffff })))).toMatchObject({
			kind: "bad",
			error: { code: "no-layout-fits" },
		});
	});

	const py44 = ({ cell = "00", status = "000E000000", surplus = "00" } = {}) =>
		`00020F${cell}${"00".repeat(14)}0500000000${"00"}000000${status}${surplus}`;

	it("cannot report alarms, PCB and the others it has no bit for: unsupported, not off", () => {
		const { unsupported = [], conditions } = statusOf(py44());
		expect(conditions).toEqual([]);
		expect(CONDITION_KEYS.filter((key) => key.startsWith("alarm.") && !unsupported.includes(key))).toEqual([]);
		expect(unsupported).toEqual(expect.arrayContaining(["protection.short_circuit", "fault.temperature_sensor", "currentLimiting"]));
		expect(unsupported).not.toEqual(expect.arrayContaining(["protection.cell_overvoltage"]));
		expect(unsupported).not.toContain("fault.cell");
		expect(unsupported).not.toContain("chargeMosfet");
	});

	it.each([
		["a cell above its limit", py44({ cell: "02" }), ["protection.cell_overvoltage"]],
		["a cell below its limit", py44({ cell: "01" }), ["protection.cell_undervoltage"]],
		[
			"pack under-voltage and discharge over-current",
			py44({ status: "9000000000" }),
			["protection.discharge_overcurrent", "protection.pack_undervoltage"],
		],
		["full", py44({ status: "000E080000" }), ["protection.fully"]],
		["cell 9 out of range", py44({ status: "000E000001" }), ["fault.cell"]],
	])("%s", (_, info, conditions) => {
		expect(statusOf(info).conditions).toEqual(conditions);
	});

	it("is read with and without the byte that genuine packs send too many", () => {
		for (const surplus of ["", "00", "0000"]) expect(statusOf(py44({ surplus })).states.chargeMosfet).toBe(true);
		expect(pylontech.status(2).accept(frame(py44({ surplus: "000000" })))).toMatchObject({ kind: "bad" });
	});
});

describe("EG4 and Seplos", () => {
	const EG4 =
		"~20014A00A0CA1001100D2F0D2C0D2C0D2D0D2D0D2F0D2F0D2F0D2C0D2D0D2D0D2F0D300D2C0D300D2C040B9B0BA50B9B0B9B0BB90BAF029D151521A9268400540F005700620D300D2C00040BA50B9B000ADAC0000A54550005D473000570A600000680000004CA56897E24D1A5";

	it("have the MOSFET's probe where six probes have it, though they send it last", () => {
		// Captured: ambient 27.0 °C, then MOSFET 26.0 °C.
		const acceptance = asciiV20("eg4").telemetry(1).accept(bytes(EG4));
		if (acceptance.kind !== "reply") throw new Error(acceptance.kind);
		const [block] = acceptance.value.blocks;
		expect(block && !block.absent && block.value.temperatures).toEqual([24, 25, 24, 24, 26, 27]);
	});

	const seplos = (events: string) =>
		`000010${"00".repeat(16)}06${"00".repeat(6)}000014${events}03000002000000000000000000000000`.slice(0, 98);

	it("tell alarm and protection apart by pairs of bits", () => {
		const { conditions, unsupported = [] } = statusOf(seplos("100340010004"));
		expect(conditions).toEqual([
			"fault.cell",
			"alarm.cell_overvoltage",
			"protection.cell_overvoltage",
			"alarm.discharge_low_temperature",
			"alarm.ambient_high_temperature",
			"alarm.low_soc",
		]);
		expect(unsupported).toEqual(
			expect.arrayContaining(["protection.fully", "alarm.mosfet_overtemperature", "protection.mosfet_overtemperature"]),
		);
	});

	it("do not settle which of two bits is the power stage's alarm: each alone is told as a bit, both together are both", () => {
		expect(statusOf(seplos("000000100000"))).toMatchObject({ conditions: [], unknownBits: ["E4.4 (power stage over-temperature)"] });
		expect(statusOf(seplos("000000300000")).conditions).toEqual(["alarm.mosfet_overtemperature", "protection.mosfet_overtemperature"]);
	});
});

describe("an exchange of version 20h", () => {
	const answer = frame(py42({ count: 15 }));
	it("takes no answer of another pack, no late answer and no other version", () => {
		expect(pylontech.telemetry(3).accept(answer)).toMatchObject({ kind: "foreign" });
		expect(pylontech.status(2).accept(answer)).toMatchObject({ kind: "foreign" });
		expect(pylontech.version?.(2).accept(answer)).toMatchObject({ kind: "foreign" });
		expect(pylontech.telemetry(2).accept(bytes("~25024600E00202FD34"))).toMatchObject({ kind: "bad" });
		expect(pylontech.telemetry(2).accept(frame("02", { code: 0x44 }))).toMatchObject({ kind: "foreign" });
	});

	it("knows its echo, and what a refusal means", () => {
		const exchange = pylontech.telemetry(2);
		expect(exchange.accept(exchange.request)).toEqual({ kind: "echo" });
		expect(exchange.accept(frame("", { code: 0x02 }))).toMatchObject({
			kind: "rejected",
			error: { code: "checksum-refused", context: { rtn: 2 } },
		});
		expect(exchange.accept(frame("", { code: 0xe4 }))).toMatchObject({ kind: "rejected", error: { code: "refused" } });
	});

	it("takes nothing whose cells do not add up for another dialect", () => {
		const wrong = py42({ count: 15 }).replace(hex(49_500), hex(20_000));
		const acceptance = pylontech.telemetry(2).accept(frame(wrong));
		// The plausibility gate of the store drops it; the exchange tells it as sent.
		expect(acceptance).toMatchObject({ kind: "reply", value: { blocks: [{ absent: false, value: { voltage: 20 } }] } });
	});
});
