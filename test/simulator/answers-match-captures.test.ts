import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../support/manual-clock.ts";
import { ask, bankWith } from "./simulated.ts";

/** What real batteries sent (rs232-v25, sections by frame), without the end mark. The simulator must send the same. */
const onePack = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/replay/one-pack-p16s100a-1812.json"), "utf8")) as {
	records: { id: string; request: string; reply: string }[];
};
const captured = (id: string) => {
	const record = onePack.records.find((one) => one.id === id);
	if (record === undefined) throw new Error(`no capture ${id}`);
	return { request: record.request.trim(), reply: record.reply.trim() };
};

const millivolts = (list: string) => list.split(" ").map((value) => Number(value) / 1000);

/** rs232-v25 §5.2, single pack, P = 3, no tail: the values printed there. */
const OLD_PACK = {
	cellVoltages: millivolts("3271 3272 3271 3271 3271 3269 3270 3271 3271 3270 3271 3270 3270 3271 3270 3271"),
	temperatures: [24.1, 23.9, 23.9, 23.9, 26.5, 27.4],
	current: -2.25,
	voltage: 52.429,
	remainingCapacity: 48.19,
	fullCapacity: 103.46,
	designCapacity: 100,
	cycleCount: 140,
};

describe("the simulated bank sends what real batteries sent", () => {
	it("42h, old firmware: P16S100A-1812-1.00 (syssi/esphome-pace-bms pbmstools-communication)", () => {
		const { bank, control } = bankWith({ packs: 1, firmware: "old" });
		control.setReading(1, OLD_PACK);
		const { request, reply } = captured("v25-42-052");
		expect(ask(bank, request)).toBe(reply);
	});

	it("44h, old firmware, discharging: P16S100A-1812-1.00 (syssi/esphome-pace-bms pbmstools-communication)", () => {
		const { bank, control } = bankWith({ packs: 1, firmware: "old" });
		control.setReading(1, OLD_PACK);
		const { request, reply } = captured("v25-44-009");
		expect(ask(bank, request)).toBe(reply);
	});

	it("42h, new firmware with 14-byte tail: Easun (nkinnan/esphome-pace-bms #22)", () => {
		const { bank, control } = bankWith({ packs: 1, firmware: "new", capacityAh: 200 });
		control.setReading(1, {
			cellVoltages: [0x0d03, 0x0d03, 0x0d03, 0x0d02, 0x0d03, 0x0d03, 0x0d03, 0x0d04, 0x0d04]
				.concat(new Array<number>(7).fill(0x0d03))
				.map((value) => value / 1000),
			temperatures: [16, 16.2, 16.1, 16.1, 18.2, 17.3],
			current: -1.97,
			voltage: 53.297,
			remainingCapacity: 160.72,
			fullCapacity: 208.03,
			cycleCount: 5,
			stateOfCharge: (100 * 160.72) / 208.03,
			outputVoltage: 53.145,
			outputCurrent: 0,
		});
		expect(ask(bank, "~25014642E00201FD30")).toBe(
			"~2501460010960001100D030D030D030D020D030D030D030D040D040D030D030D030D030D030D030D03060B4A0B4C0B4B0B4B0B600B57FF3BD0313EC809514300054E204D4E204E204E204E2064CF990000DDA4",
		);
	});

	it("44h, new firmware with 1-byte tail: Easun (nkinnan/esphome-pace-bms, pace_bms_protocol_v25.h)", () => {
		const { bank, control } = bankWith({ packs: 1, firmware: "new" });
		control.setReading(1, { current: -1.97 });
		expect(ask(bank, "~25014644E00201FD2E")).toBe(
			"~25014600E04E000110000000000000000000000000000000000600000000000000000000000E00000000000000EEC3",
		);
	});

	it("44h, two full packs with alarms and Fully: the blocks of nkinnan/esphome-pace-bms #30", () => {
		const capture =
			"~25014600F09800021002020202020202000202020202020202060000000000000002000000060000000005000810020202000200020202020202020202020600000000000000020000800648000000050000E087";
		const { bank, control } = bankWith({ packs: 2, firmware: "old" });
		// The cells and the pack voltages of the analog frame that belongs to it (rs232-v25 §5.2).
		const first = millivolts("3613 3611 3613 3608 3604 3609 3603 3592 3608 3609 3608 3616 3616 3606 3615 3610");
		const second = millivolts("3601 3611 3613 3599 3601 3598 3601 3613 3609 3603 3606 3608 3607 3609 3611 3608");
		control.setReading(1, { cellVoltages: first, voltage: 57.741, current: 0 });
		control.setReading(2, { cellVoltages: second, voltage: 57.796, current: 0 });
		control.setCondition(2, "protection.fully", true);
		control.setCondition(2, "systemLock", true);
		control.setCondition(2, "limiterGearLow", true);
		const answer = ask(bank, "~25014644E002FFFD03");
		// Each captured block is 36 bytes and an opaque byte that this firmware does not send.
		const block = (frame: string | null, index: number, length: number) => frame?.slice(17 + index * length, 17 + index * length + 72);
		expect(block(answer, 0, 72)).toBe(block(capture, 0, 74));
		expect(block(answer, 1, 72)).toBe(block(capture, 1, 74));
		expect(answer?.slice(13, 17)).toBe("0002");
	});

	it("42h of a pack beyond 65.5 V sends it in 10 mV, as a 20-cell pack was seen to", () => {
		const capture =
			"~25014600D09A0001140D0A0D0A0D0B0D0B0D0B0D0B0D0C0D0B0D0B0D0A0D0C0D0C0D0C0D0C0D0C0D0C0D0C0D0C0D0C0D0C0A0B770B750B760B760B780B7A0B760B760B3C0B4000001A161EA504271000042710DBE5";
		const { bank, control } = bankWith({ packs: 1, cells: 20, probes: 10, firmware: "old" });
		const hexList = (from: number, count: number) =>
			Array.from({ length: count }, (_, index) => Number.parseInt(capture.slice(from + index * 4, from + index * 4 + 4), 16));
		control.setReading(1, {
			cellVoltages: hexList(19, 20).map((value) => value / 1000),
			temperatures: hexList(101, 10).map((value) => (value - 2730) / 10),
			current: 0,
			voltage: 66.78,
			remainingCapacity: 78.45,
		});
		// Up to P, in which that firmware differs from ours.
		const untilP = 13 + 2 * (2 + 1 + 40 + 1 + 20 + 2 + 2 + 2);
		expect(ask(bank, "~25014642E00201FD30")?.slice(13, untilP)).toBe(capture.slice(13, untilP));
	});

	it.each([
		["DIP 1 with two packs (nkinnan/esphome-pace-bms #24)", { packs: 2 }, 1, "~250146900000FDA5", "~25014600E00202FD35"],
		["DIP 2 (nkinnan/esphome-pace-bms #24)", { packs: 2 }, 2, "~250246900000FDA4", "~25024600E00201FD35"],
		["DIP 0 (stand-alone)", { packs: 1 }, 0, "~250046900000FDA6", "~25004600E00201FD37"],
		["five packs, asked with ADR and INFO FF (Jakiper, PylonToMQTT)", { packs: 5 }, 1, "~25FF4690E002FFFCD7", "~25014600E00205FD32"],
	] as const)("90h: %s", (_name, settings, cabledAddress, request, reply) => {
		expect(ask(bankWith(settings, { cabledAddress }).bank, request)).toBe(reply);
	});

	it("C1h: SOK P16S100A-1B470-3.01 (syssi/esphome-pace-bms #32)", () => {
		const { bank } = bankWith({}, { identity: { version: "P16S100A-1B470-3.01" } });
		expect(ask(bank, "~250146C10000FD9A")).toBe("~25014600602850313653313030412D31423437302D332E303120F585");
	});

	it("C2h: P16S100A-1812-1.00, no pack serial (syssi/esphome-pace-bms pbmstools-communication)", () => {
		const { bank } = bankWith({}, { identity: { bmsSerial: "1812101380309D", packSerial: "" } });
		const { request, reply } = captured("v25-c2-012");
		expect(ask(bank, request)).toBe(reply);
	});

	it("A6h: DIP 0 (nkinnan/esphome-pace-bms)", () => {
		const { bank, control } = bankWith({ packs: 1 }, { cabledAddress: 0 });
		control.setReading(0, { remainingCapacity: 62.04, fullCapacity: 103.46, designCapacity: 100 });
		const { request, reply } = captured("v25-a6-004");
		expect(ask(bank, request)).toBe(reply);
	});

	it("B1h: 2024-08-21 05:29:31 (nkinnan/esphome-pace-bms)", () => {
		const clock = new ManualClock(new Date(2024, 7, 21, 5, 29, 31).getTime());
		const { bank } = bankWith({ packs: 1 }, { cabledAddress: 0, clock });
		const { request, reply } = captured("v25-b1-001");
		expect(ask(bank, request)).toBe(reply);
	});
});

describe("requests that are not right", () => {
	// Built by hand from rs232-v25 §2: the reply has no INFO, LENGTH 0000, CHKSUM over the rest.
	it.each([
		["a command nobody has: RTN 04", "~250146FF0000FD82", "~250146040000FDAA"],
		["a wrong checksum: RTN 02", "~25014642E00201FD31", "~250146020000FDAC"],
		["a wrong length check digit: RTN 03", "~25014642F00201FD2F", "~250146030000FDAB"],
		["42h without a pack: refused, RTN 09", "~250146420000FDA8", "~250146090000FDA5"],
	])("%s", (_name, request, reply) => {
		expect(ask(bankWith().bank, request)).toBe(reply);
	});

	it.each([
		["another protocol version", "~20014642E00201FD35"],
		["another chemistry", "~25014A42E00201FD25"],
		["a cut-off frame", "~25014642E002"],
		["text", "hello"],
		["nothing", ""],
	])("%s: silence", (_name, request) => {
		expect(ask(bankWith().bank, request)).toBeNull();
	});

	it("accepts lower case, and any address", () => {
		const { bank } = bankWith({ packs: 2 });
		expect(ask(bank, "~25ff4642e002fffc3a")?.slice(0, 9)).toBe("~25014600");
		expect(ask(bank, "~250046900000FDA6")).toBe("~25014600E00202FD35");
	});
});
