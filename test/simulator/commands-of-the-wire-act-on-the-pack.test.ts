import { describe, expect, it } from "vitest";
import { PARAMETERS } from "../../src/bms/battery/parameters.ts";
import { asciiV25 } from "../../src/bms/protocol/ascii/ascii-protocol.ts";
import { asciiV20 } from "../../src/bms/protocol/ascii20/ascii20-protocol.ts";
import { DIALECT_NAMES } from "../../src/bms/protocol/ascii20/dialects.ts";
import { buildAdu, buildRead, buildWrite } from "../../src/bms/protocol/modbus/modbus-frame.ts";
import { modbusRtu } from "../../src/bms/protocol/modbus/modbus-protocol.ts";
import type { PackAccess } from "../../src/bms/protocol/protocol.ts";
import { PROTOCOLS } from "../../src/bms/protocol/protocols.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import type { SimulatedBank } from "../../src/simulator/simulated-bank.ts";
import { SIMULATED_PROTOCOLS } from "../../src/simulator/simulated-protocols.ts";
import { ask, bankWith, readingOf, text } from "./simulated.ts";

/** Requests and replies captured from a P16S100A-1812-1.00 with DIP 0 (rs232-v25 §§9-13), without their end marks. */
const READ_PARAMETERS = [
	["D1", "~250046D10000FD9A", "~25004600F010010E100E740D340AFA35"],
	["D5", "~250046D50000FD96", "~25004600F01001E100E740D2F00AFA24"],
	["D3", "~250046D30000FD98", "~25004600F010010AF009C40B540AFA24"],
	["D7", "~250046D70000FD94", "~25004600F01001AF009C40B5400AFA24"],
	["D9", "~250046D90000FD92", "~25004600400C010068006E0AFB1D"],
	["DB", "~250046DB0000FD89", "~25004600400C01FF97FF920AFAD3"],
	["E3", "~250046E30000FD97", "~25004600400C009604009604FB32"],
	["E5", "~250046E50000FD95", "~25004600E0020CFD25"],
	["DD", "~250046DD0000FD87", "~25004600501A010CA80CD00C9E0CDA0D020CD0F7BE"],
	["DF", "~250046DF0000FD85", "~25004600501A010AAA0A780AAA0A1409E20A14F7E5"],
	["E1", "~250046E10000FD99", "~25004600200E010E2E0EF60DFCFA5D"],
	["E7", "~250046E70000FD93", "~25004600501A0109E209B009E20D340D660D34F806"],
	["B6", "~250046B60000FD97", "~2500460080080D48001EFBE9"],
	["A0", "~250046A00000FD9E", "~2500460080080C1C0005FBF3"],
	["AF", "~250046AF0000FD88", "~25004600600ADAC007D005FB60"],
	["ED", "~250046ED0000FD86", "~25004600C0040064FCCE"],
] as const;
const access = asciiV25.access as Required<PackAccess>;
const DONE = "~250046000000FDAF";
const REFUSED = "~250046090000FDA6";

const captured = () => bankWith({ packs: 1, firmware: "old" }, { cabledAddress: 0 });

describe("the simulated pack and its parameters", () => {
	it.each(READ_PARAMETERS)("answers %s as captured", (_name, request, reply) => {
		expect(ask(captured().bank, request)).toBe(reply);
	});

	it("takes what the vendor's program wrote, and tells it when it is read", () => {
		const { bank } = captured();
		// D4 with 57.61 V; E2 in the short form, which leaves the charge current as it is; DA positive.
		for (const write of ["~250046D4F01001E10AE740D2F00AF9FB", "~250046E2A006009604FC4E", "~250046DA400C010069006E0AFAF7"]) {
			expect(ask(bank, write)).toBe(DONE);
		}
		expect(readingOf(bank, access.parameters(0, "packOvervoltage")).value.packOvervoltageAlarm).toBe(57.61);
		expect(ask(bank, "~250046E30000FD97")).toBe("~25004600400C009604009604FB32");
		expect(ask(bank, "~250046DB0000FD89")).toBe("~25004600400C01FF97FF920AFAD3");
	});

	it("refuses a write of a wrong length, and one whose on/off byte is neither, and keeps what it had", () => {
		const { bank } = captured();
		expect(ask(bank, "~250046A8400C0C1C00050000FB0F")?.slice(7, 9)).toMatch(/02|09/);
		const before = readingOf(bank, access.parameters(0, "chargeOvercurrent")).value;
		const wrong = access.setParameters(0, "chargeOvercurrent", { ...before, chargeOvercurrentEnabled: 2 });
		expect(text(bank.answer(wrong.request))).toBe(REFUSED);
		expect(readingOf(bank, access.parameters(0, "chargeOvercurrent")).value).toEqual(before);
	});

	it("protects by what was written: at the new level, not at the old one, and not at all when switched off", async () => {
		const { bank, control, clock } = captured();
		const values = { ...readingOf(bank, access.parameters(0, "cellOvervoltage")).value };
		const write = (change: object) => bank.answer(access.setParameters(0, "cellOvervoltage", { ...values, ...change }).request);
		const conditions = () => control.state().packs[0]?.conditions;
		control.setCell(0, 3, 3.5);
		await clock.advance(3000);
		expect(conditions()).toEqual([]);
		write({ cellOvervoltageAlarm: 3.4, cellOvervoltageProtection: 3.45, cellOvervoltageDelay: 5 });
		await clock.advance(4000);
		expect(conditions()).toEqual(["alarm.cell_overvoltage"]);
		await clock.advance(2000);
		expect(conditions()).toEqual(["alarm.cell_overvoltage", "protection.cell_overvoltage"]);
		write({ cellOvervoltageAlarm: 3.4, cellOvervoltageProtection: 3.45, cellOvervoltageEnabled: 0 });
		await clock.advance(1000);
		expect(conditions()).toEqual([]);
		// A4: everything as the maker delivers it.
		expect(text(bank.answer(access.restoreDefaults(0).request))).toBe(DONE);
		expect(readingOf(bank, access.parameters(0, "cellOvervoltage")).value.cellOvervoltageAlarm).toBe(
			PARAMETERS.cellOvervoltageAlarm.default,
		);
	});
});

describe("the simulated pack and its switches", () => {
	it("answers the captured sequence: control byte, indication byte, interlock", () => {
		const { bank, control } = captured();
		control.setCondition(0, "chargerPresent", true);
		expect(ask(bank, "~2500469AE00200FD1E")).toBe("~25004600E00226FD30");
		expect(ask(bank, "~2500469AE00201FD1D")).toBe("~25004600E00224FD32");
		expect(ask(bank, "~25004699E00206FD20")).toBe("~25004600C0040602FCD0");
		expect(ask(bank, "~25004699E00207FD1F")).toBe("~25004600C0040722FCCD");
		expect(ask(bank, "~25004699E0020AFD15")).toBe("~25004600C0040A22FCC3");
		expect(ask(bank, "~25004699E0020BFD14")).toBe("~25004600C0040B32FCC1");
		control.setCondition(0, "chargerPresent", false);
		control.release(0);
		expect(ask(bank, "~2500469BE00200FD1D")).toBe("~25004600E00204FD34");
		expect(ask(bank, "~2500469BE00201FD1C")).toBe("~25004609E00204FD2B");
		expect(ask(bank, "~2500469AE00200FD1E")).toBe("~25004600E00206FD32");
		expect(ask(bank, "~25004699E00208FD1E")).toBe("~25004600C0040830FCCD");
		expect(ask(bank, "~25004699E00209FD1D")).toBe("~25004600C0040938FCC4");
	});

	it("switches the buzzer as captured", () => {
		const { bank } = captured();
		expect(ask(bank, "~25004699E0020DFD12")).toBe("~25004600C0040D01FCC3");
		expect(ask(bank, "~25004699E0020CFD13")).toBe("~25004600C0040C00FCC5");
	});

	it("carries no current through a MOSFET that is switched off, and refuses to end charging while discharging", () => {
		const { bank, control } = bankWith({ packs: 1, loadW: -500 });
		const current = () => control.state().packs[0]?.measurements.current ?? 0;
		expect(current()).toBeGreaterThan(5);
		expect(text(bank.answer(access.setSwitch(1, "dischargeMosfet", false).request))?.slice(7, 9)).toBe("09");
		bank.answer(access.setSwitch(1, "chargeMosfet", false).request);
		expect(current()).toBe(0);
		bank.answer(access.setSwitch(1, "chargeMosfet", true).request);
		expect(current()).toBeGreaterThan(5);
		control.setLoad(500);
		expect(text(bank.answer(access.setSwitch(1, "chargeMosfet", false).request))?.slice(7, 9)).toBe("09");
	});
});

describe("the simulated pack's memory", () => {
	it("keeps the inverter protocol as captured, and automatic keeps the codes", () => {
		const { bank } = captured();
		expect(ask(bank, "~250046ECA006131400FC47")).toBe(DONE);
		expect(ask(bank, "~250046EB0000FD88")).toBe("~25004600A006131400FC6F");
		expect(ask(bank, "~250046ECA006FFFF00FBF8")).toBe(DONE);
		expect(ask(bank, "~250046EB0000FD88")).toBe("~25004600A006131400FC6F");
	});

	it("sets its clock, which goes on from there", async () => {
		const { bank, clock } = captured();
		expect(ask(bank, "~250046B2400C1808140E0F25FAFC")).toBe(DONE);
		await clock.advance(15 * 3600_000 + 13 * 60_000 + 54_000);
		expect(ask(bank, "~250046B10000FD9C")).toBe("~25004600400C180815051D1FFB10");
	});

	it("writes a record at power-on and at every change, newest first, and ends with an empty answer", async () => {
		const { bank, control, clock } = bankWith({ packs: 1 });
		const record = (index: number) => readingOf(bank, access.record(1, index)).value;
		expect(record(0)).toMatchObject({ isPowerOn: true, conditions: [] });
		expect(record(1)).toBeNull();
		control.setCell(1, 4, 3.75);
		await clock.advance(3000);
		control.setCell(1, 4, null);
		await clock.advance(3000);
		const [newest, , raised] = [record(0), record(1), record(2)];
		expect(newest).toMatchObject({ isPowerOn: false, conditions: [] });
		expect(raised?.conditions).toEqual(["alarm.cell_overvoltage"]);
		expect(raised?.cellVoltages[3]).toBe(3.75);
		bank.answer(access.clearRecords(1).request);
		expect(record(0)).toBeNull();
	});

	it("keeps 400 records", () => {
		const { control, bank } = bankWith({ packs: 1 });
		for (let n = 0; n < 450; n += 1) control.setCondition(1, "alarm.low_soc", n % 2 === 0);
		expect(control.state().packs[0]?.records).toBe(400);
		const past = access.record(1, 400);
		expect(readingOf(bank, past).value).toBeNull();
	});
});

describe("the simulated pack on Modbus", () => {
	const modbus = (packs = 2) => bankWith({ packs, protocol: "modbus-rtu" });

	it("answers for itself at its own address, and what it tells is what the model has", () => {
		const { bank, control } = modbus();
		for (const pack of control.state().packs) {
			const { blocks } = readingOf(bank, modbusRtu.telemetry(pack.address));
			const block = blocks[0];
			if (block === undefined || block.absent) throw new Error("the pack is absent");
			expect(block.value.cellVoltages?.[0]).toBeCloseTo(pack.measurements.cellVoltages[0] ?? 0, 2);
		}
		expect(bank.answer(modbusRtu.telemetry(3).request)).toBeNull();
	});

	it("another selection of the inverter port answers with another map, of which nothing is shown; Pylontech not at all", () => {
		const { bank, control } = modbus();
		control.setInverterProtocol(1, 2);
		const { request, accept } = modbusRtu.telemetry(1);
		const answer = bank.answer(request);
		expect(answer === null ? null : accept(answer).kind).toBe("rejected");
		control.setInverterProtocol(1, 1);
		expect(bank.answer(request)).toBeNull();
		expect(bank.answer(modbusRtu.telemetry(2).request)).not.toBeNull();
	});

	const modbusAccess = modbusRtu.access;
	const group = (bank: SimulatedBank, pack: number) => readingOf(bank, modbusAccess.parameters(pack, "cellOvervoltage")).value;
	const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString("hex"));

	it("takes a group of parameters that is written, answers where and how many, and lives by them; the other pack keeps its own", async () => {
		const { bank, control, clock } = modbus();
		const before = group(bank, 2);
		const wanted = { cellOvervoltageAlarm: 3.45, cellOvervoltageProtection: 3.6, cellOvervoltageRelease: 3.4, cellOvervoltageDelay: 1 };
		const write = modbusAccess.setParameters(1, "cellOvervoltage", wanted);
		const answer = bank.answer(write.request);
		expect(hex(answer)?.slice(0, 12)).toBe("011000400004");
		expect(answer === null ? null : write.accept(answer)).toEqual({ kind: "reply", value: { repliedBy: 1, value: null } });
		expect(group(bank, 1)).toEqual(wanted);
		expect(group(bank, 2)).toEqual(before);
		for (const pack of [1, 2]) control.setCell(pack, 3, 3.5);
		await clock.advance(5_000);
		const alarmed = [1, 2].filter((pack) => {
			const [block] = readingOf(bank, modbusRtu.status(pack)).blocks;
			return block !== undefined && !block.absent && block.value.conditions.includes("alarm.cell_overvoltage");
		});
		expect(alarmed).toEqual([1]);
	});

	/** Exception 2: no register at this address (modbus-rtu §3). */
	it.each([
		["reads reserved registers behind the live ones", buildRead(1, 30, 8)],
		["reads behind the last parameter", buildRead(1, 114, 2)],
		["reads far out", buildRead(1, 0xfffe, 1)],
		["writes what is measured", buildWrite(1, 2, Uint8Array.of(0, 50))],
		["writes the serial number", buildWrite(1, 160, Uint8Array.of(0x41, 0x41))],
		["writes on beyond the last parameter", buildWrite(1, 113, Uint8Array.of(0, 60, 0, 4, 0, 1))],
	])("refuses a request that %s, and is as it was", (_what, request) => {
		const { bank } = modbus(1);
		const before = [buildRead(1, 0, 37), buildRead(1, 60, 55), buildRead(1, 150, 30)].map((read) => hex(bank.answer(read)));
		const code = (request[1] ?? 0) | 0x80;
		expect(hex(bank.answer(request))).toBe(hex(buildAdu(1, code, Uint8Array.of(2))));
		expect([buildRead(1, 0, 37), buildRead(1, 60, 55), buildRead(1, 150, 30)].map((read) => hex(bank.answer(read)))).toEqual(before);
	});

	it.each([
		["one register by the code for one", buildAdu(1, 0x06, Uint8Array.of(0, 112, 0, 10)), 1],
		["input registers", buildAdu(1, 0x04, Uint8Array.of(0, 0, 0, 37)), 1],
		["no register at all", buildAdu(1, 0x03, Uint8Array.of(0, 0, 0, 0)), 3],
		["more than a request may ask for", buildAdu(1, 0x03, Uint8Array.of(0, 0, 0, 126)), 3],
	])("says no to %s", (_what, request, exception) => {
		const { bank } = modbus(1);
		expect(hex(bank.answer(request))).toBe(hex(buildAdu(1, (request[1] ?? 0) | 0x80, Uint8Array.of(exception))));
	});

	it("is silent for a damaged write, one that is too short and one to a pack that is not there, and takes none", () => {
		const { bank } = modbus(1);
		const before = group(bank, 1);
		const { request } = modbusAccess.setParameters(1, "cellOvervoltage", { ...before, cellOvervoltageDelay: 2 });
		const damaged = request.map((byte, index) => (index === 8 ? byte ^ 1 : byte));
		const { request: elsewhere } = modbusAccess.setParameters(2, "cellOvervoltage", { ...before, cellOvervoltageDelay: 2 });
		const short = buildAdu(1, 0x10, Uint8Array.of(0, 112, 0, 2, 4, 0, 10));
		expect([damaged, elsewhere, short].map((message) => bank.answer(message))).toEqual([null, null, null]);
		expect(group(bank, 1)).toEqual(before);
	});

	it("writes nothing to a pack whose port was set to another maker's map: the write is refused like the reading", () => {
		const { bank, control } = modbus(1);
		const before = group(bank, 1);
		const write = modbusAccess.setParameters(1, "cellOvervoltage", { ...before, cellOvervoltageDelay: 2 });
		control.setInverterProtocol(1, 2);
		const answer = bank.answer(write.request);
		expect(answer === null ? null : write.accept(answer)).toMatchObject({ kind: "rejected", error: { code: "unknown-command" } });
		control.setInverterProtocol(1, 0);
		expect(group(bank, 1)).toEqual(before);
	});
});

describe("packs on the link sockets", () => {
	it("each answers at its own address, nobody for another", () => {
		const { bank } = bankWith({ packs: 2, protocol: "ascii-0x25-rs485" });
		expect(ask(bank, "~250246900000FDA4")).toBe("~25024600E00201FD35");
		expect(ask(bank, "~25024642E00202FD2E")?.slice(0, 17)).toMatch(/^~25024600/);
		expect(ask(bank, "~250346900000FDA3")).toBeNull();
	});
});

describe("packs that speak version 20h", () => {
	it.each(DIALECT_NAMES)("%s: each answers for itself, and what is read is what the model has", (dialect) => {
		const { bank, control } = bankWith({ packs: 2, loadW: 800, protocol: `ascii-0x20-${dialect}` });
		const protocol = asciiV20(dialect);
		for (const { address, measurements } of control.state().packs) {
			const read = readingOf(bank, protocol.telemetry(address));
			const [block] = read.blocks;
			if (block === undefined || block.absent) throw new Error("the pack is absent");
			expect(read.repliedBy).toBe(address);
			expect(block.value.voltage).toBeCloseTo(measurements.voltage, 1);
			// A board in Pylon mode leaves the scale of its current open: then nothing is read.
			if (dialect === "pace") expect(block.value.current ?? null).toBeNull();
			else expect(block.value.current).toBeCloseTo(measurements.current, 0);
			expect(readingOf(bank, protocol.status(address)).blocks).toHaveLength(1);
		}
		expect(bank.answer(protocol.telemetry(3).request)).toBeNull();
	});
});

it("every protocol that can be read can be simulated", () => {
	expect(new Set(Object.keys(SIMULATED_PROTOCOLS))).toEqual(new Set(Object.keys(PROTOCOLS)));
	expect(new Set<string>(SIMULATOR_SETTINGS.protocol.choices)).toEqual(new Set(Object.keys(PROTOCOLS)));
});
