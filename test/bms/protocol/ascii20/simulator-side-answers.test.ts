import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PackStatus, SparseTelemetry } from "../../../../src/bms/battery/readings.ts";
import { STATE_KEYS, type StateKey } from "../../../../src/bms/battery/states.ts";
import { checkFrame, textOf } from "../../../../src/bms/protocol/ascii/ascii-frame.ts";
import {
	readV20Request,
	v20Acknowledgement,
	v20ClockAnswer,
	v20Rejection,
	v20SerialAnswer,
	v20StatusAnswer,
	v20TelemetryAnswer,
	v20VersionAnswer,
} from "../../../../src/bms/protocol/ascii20/ascii20-answers.ts";
import { asciiV20 } from "../../../../src/bms/protocol/ascii20/ascii20-protocol.ts";
import { DIALECT_NAMES, type DialectName, V20_FAMILY } from "../../../../src/bms/protocol/ascii20/dialects.ts";
import { readStatus } from "../../../../src/bms/protocol/ascii20/status.ts";
import { readTelemetry } from "../../../../src/bms/protocol/ascii20/telemetry.ts";
import { decodeText } from "../../../../src/bms/protocol/decode-text.ts";
import { bytes, type Capture } from "../captures.ts";

const CAPTURES = JSON.parse(
	readFileSync(new URL("../../../fixtures/ascii-0x20/frames.json", import.meta.url), "utf8"),
) as readonly Capture[];
const frameOf = (text: string) => {
	const check = checkFrame(text.trim(), V20_FAMILY);
	if (!check.ok) throw check.error;
	return check.frame;
};
const genuine = (command: string) =>
	CAPTURES.filter(
		({ command: code, provenance, category, reply }) =>
			code === command && provenance.startsWith("capture") && category === "valid" && reply,
	)
		.map((capture) => ({ id: capture.id, frame: frameOf(capture.reply ?? "") }))
		.filter(({ frame }) => frame.code === 0);

/** INFO without its flag and second byte, as hexadecimal digits. */
const blockOf = (info: Uint8Array) => Buffer.from(info.subarray(2)).toString("hex").toUpperCase();

describe("answers of version 20h say what real batteries said", () => {
	const single = genuine("42").flatMap(({ id, frame }) => {
		const read = readTelemetry(frame.info, frame.address);
		const [pack] = read?.packs ?? [];
		return read?.packs.length === 1 && pack && !pack.block.absent ? [{ id, frame, dialect: read.dialect, value: pack.block.value }] : [];
	});

	it("in every dialect", () => {
		expect(new Set(single.map(({ dialect }) => dialect))).toEqual(new Set(DIALECT_NAMES));
		expect(single.length).toBeGreaterThan(20);
	});

	it.each(single.map((one) => [`${one.dialect} ${one.id}`, one] as const))("measurements %s", (_, { frame, dialect, value }) => {
		const answer = frameOf(textOf(v20TelemetryAnswer({ dialect, address: frame.address }, value)));
		expect(readTelemetry(answer.info, answer.address)).toMatchObject({ dialect, packs: [{ block: { value }, doubts: [] }] });
		// The others send fields that no reading has.
		if (dialect === "pylontech" || dialect === "pace") expect(blockOf(answer.info)).toBe(blockOf(frame.info));
	});

	it.each(genuine("44").map((one) => [one.id, one] as const))("alarms %s", (_, { frame }) => {
		const read = readStatus(frame.info, frame.address);
		const block = read?.packs[0]?.block;
		if (!read || !block || block.absent) throw new Error("no status");
		const answer = frameOf(textOf(v20StatusAnswer({ dialect: read.dialect, address: frame.address }, block.value, { current: 0 })));
		expect(readStatus(answer.info, answer.address)).toEqual(read);
		expect(answer.info.length).toBe(frame.info.length);
	});

	it("clock, version, serial number, done and no (EG4, Seplos, Pylontech)", () => {
		const eg4 = { dialect: "eg4", address: 1 } as const;
		const seplos = { dialect: "seplos", address: 0 } as const;
		const pylontech = { dialect: "pylontech", address: 2 } as const;
		const time = { year: 2024, month: 9, day: 17, hour: 11, minute: 59, second: 31 };
		expect(textOf(v20ClockAnswer(eg4, time))).toBe("~20014A00200E07E809110B3B1FFA84\r");
		const sofar = { name: "1101-SP15 ", major: 2, minor: 7, manufacturer: "CANProtocol:Sofar" };
		expect(textOf(v20VersionAnswer(seplos, sofar))).toBe(
			"~20004600C040313130312D5350313520020743414E50726F746F636F6C3A536F666172202020F046\r",
		);
		expect(textOf(v20SerialAnswer(pylontech, "HPTC05031711259"))).toContain("48505443303530333137313132353920");
		expect(textOf(v20Acknowledgement(seplos))).toBe("~200046000000FDB4\r");
		expect(textOf(v20Rejection(seplos, 4))).toBe("~200046040000FDB0\r");
	});
});

describe("alarms in the dialects", () => {
	const quiet: PackStatus = {
		conditions: [],
		states: Object.fromEntries(STATE_KEYS.map((key) => [key, ["chargeMosfet", "dischargeMosfet"].includes(key)])) as Record<
			StateKey,
			boolean
		>,
		cellCodes: new Array<number>(16).fill(0),
		probeCodes: [0, 0, 0, 0, 0, 0],
		...{ chargeCurrentCode: 0, packVoltageCode: 0, dischargeCurrentCode: 0, balancingCells: [], unknownBits: [], indicationZero: false },
	};
	const toldBy = (dialect: DialectName, status: PackStatus) => {
		const accepted = asciiV20(dialect)
			.status(2)
			.accept(v20StatusAnswer({ dialect, address: 2 }, status, { current: 0 }));
		const block = accepted.kind === "reply" ? accepted.value.blocks[0] : undefined;
		if (!block || block.absent) throw new Error(accepted.kind);
		return block.value;
	};

	it.each(DIALECT_NAMES)("%s: a protection is told, an alarm where there is such a level", (dialect) => {
		const alarm = { ...quiet, conditions: ["alarm.cell_overvoltage" as const], cellCodes: quiet.cellCodes.with(3, 2) };
		const hasAlarms = dialect === "eg4" || dialect === "seplos";
		expect(toldBy(dialect, alarm).conditions).toEqual(hasAlarms ? ["alarm.cell_overvoltage"] : []);
		const both = { ...alarm, conditions: [...alarm.conditions, "protection.cell_overvoltage" as const] };
		expect(toldBy(dialect, both)).toMatchObject({
			conditions: expect.arrayContaining(["protection.cell_overvoltage"]) as unknown,
			cellCodes: both.cellCodes,
			states: { chargeMosfet: true, dischargeMosfet: true },
		});
	});
});

describe("requests of version 20h are understood", () => {
	it("with what they ask for", () => {
		const read = (text: string) => readV20Request(frameOf(text));
		expect(read("~20024642E00202FD33")).toEqual({ kind: "telemetry", selector: 2 });
		expect(read("~20024642E002FFFD09")).toEqual({ kind: "telemetry", selector: "all" });
		expect(read("~20014A440000FDA0")).toEqual({ kind: "status", selector: null });
		expect(read("~200246510000FDAC")).toEqual({ kind: "version" });
		expect(read("~20024693E00202FD2D")).toEqual({ kind: "serials" });
		expect(read("~20014A4D0000FD90")).toEqual({ kind: "clock" });
		expect(read("~200246470000FDA7")).toEqual({ kind: "unknown" });
		expect(readV20Request({ code: 0x42, info: Uint8Array.of(1, 2) })).toEqual({ kind: "malformed" });
		expect(readV20Request({ code: 0x4e, info: Uint8Array.of(1, 2) })).toEqual({ kind: "malformed" });
	});
});

describe("the clock of EG4 and Seplos", () => {
	const time = { year: 2024, month: 9, day: 17, hour: 12, minute: 4, second: 2 };
	const { access } = asciiV20("eg4");
	if (access?.setClock === undefined) throw new Error("no access");
	const exchange = access.setClock(1, time);

	it("is set byte for byte as a captured program set it, and acknowledged", () => {
		expect(textOf(exchange.request)).toBe("~20014A4E200E07E809110C0402FA90\r");
		expect(exchange.accept(bytes("~20014A000000FDA8\r"))).toEqual({ kind: "reply", value: { repliedBy: 1, value: null } });
		expect(exchange.accept(bytes("~20014A00200E07E809110B3B1FFA84"))).toMatchObject({ kind: "foreign" });
		expect(exchange.accept(bytes(textOf(v20Rejection({ dialect: "eg4", address: 1 }, 6))))).toMatchObject({ kind: "rejected" });
		expect(readV20Request(frameOf(textOf(exchange.request)))).toEqual({ kind: "setClock", time });
		const [asked, done] = decodeText(`> ${textOf(exchange.request).trim()}\n< ~20014A000000FDA8`);
		expect(asked).toMatchObject({ meaning: "setting the clock", localTime: "2024-09-17T12:04:02" });
		expect(done).toMatchObject({ command: "4E", acknowledged: true });
	});

	it("is set to no date that cannot be, and nothing else of these batteries is written", () => {
		expect(() => access.setClock?.(1, { ...time, month: 13 })).toThrow(RangeError);
		for (const dialect of ["eg4", "seplos"] as const) {
			const offered = asciiV20(dialect).access;
			expect(offered).toMatchObject({ parameterGroups: [], switches: [] });
			expect(() => offered?.parameters(1, "sleep")).toThrow(RangeError);
			expect(() => offered?.setParameters(1, "sleep", {})).toThrow(RangeError);
		}
		expect([asciiV20("pylontech").access, asciiV20("pace").access]).toEqual([undefined, undefined]);
	});
});

describe("measurements that no capture has", () => {
	const telemetry: SparseTelemetry = {
		cellVoltages: [3.3, 3.301, 3.302],
		temperatures: [20, null, 22, 23, 30, 25],
		...{ current: -5.2, voltage: 9.9, remainingCapacity: 60, fullCapacity: 64, designCapacity: 100, cycleCount: 7 },
		...{ stateOfCharge: 93.8, stateOfHealth: 100 },
	};
	it.each(["pylontech", "seplos"] as const)("%s: a probe that is not fitted, a capacity that needs the narrow fields", (dialect) => {
		const accepted = asciiV20(dialect)
			.telemetry(2)
			.accept(v20TelemetryAnswer({ dialect, address: 2 }, telemetry));
		const { cellVoltages, temperatures, current, fullCapacity } = telemetry;
		expect(accepted).toMatchObject({ value: { blocks: [{ value: { cellVoltages, temperatures, current, fullCapacity } }] } });
	});
});
