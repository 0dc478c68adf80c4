import { afterEach, describe, expect, it } from "vitest";
import type { BankSettings } from "../../../src/bms/options.ts";
import { asciiV20 } from "../../../src/bms/protocol/ascii20/ascii20-protocol.ts";
import { exceptionAnswer, readModbusRequest, registersAnswer } from "../../../src/bms/protocol/modbus/modbus-answers.ts";
import { PROTOCOLS } from "../../../src/bms/protocol/protocols.ts";
import { type AddressedBank, openAddressedBank, type Responder } from "./addressed-line.ts";

/** The worked live block of modbus-rtu §10, V1: registers 0-36. */
const LIVE =
	"F6D214F0004C00631D6426AC2710008400000000000000000E000000000000000D180D160D170D150D180D170D160D190D140D170D180D160D150D170D0D0D1800FD00FB00F9FFDD0138010C";
const wordsOf = (hex: string) => (hex.match(/.{4}/g) ?? []).map((word) => Number.parseInt(word, 16));
const live = (changes: Readonly<Record<number, number>> = {}) => LIVE_WORDS.map((word, register) => changes[register] ?? word);
const LIVE_WORDS = [
	...wordsOf("F6D214F0004C00631D6426AC27100084"),
	...wordsOf("000000000000"),
	0x0e00,
	...wordsOf("000000000000"),
	...wordsOf(LIVE.slice(-88)),
];

const V6 =
	"E100E740D2F0000A0E100E740D34000AAF009C40B540000A0AF009C40B54000A0068006E000A0069006E000A0096000401FE022601F4023002580226" +
	"0000FFCE0000FF6AFF38FF6A0384044C0352028A02BC028AFF38FF06FF380D48001EDAC007D00C1C0005000C000500780004";

/** Packs over Modbus by address; what is not in `registers` is no register of theirs. */
const modbusPacks =
	(packs: () => Readonly<Record<number, readonly number[]>>, missing: readonly number[] = []): Responder =>
	(bytes) => {
		const request = readModbusRequest(bytes);
		const registers = request === null ? undefined : packs()[request.unit];
		if (request === null || registers === undefined) return null;
		if (request.kind !== "read") return exceptionAnswer(request.unit, 3, 1);
		const { unit, start, count } = request;
		const isThere = start + count <= registers.length && !missing.some((register) => register >= start && register < start + count);
		return isThere ? registersAnswer(unit, registers.slice(start, start + count)) : exceptionAnswer(unit, 3, 2);
	};

let open: AddressedBank | null = null;
afterEach(async () => {
	await open?.close();
	open = null;
});
function bankOn(settings: Partial<BankSettings>, answer: Responder): AddressedBank {
	open = openAddressedBank(settings, answer);
	return open;
}
const isLive = (line: AddressedBank, ...addresses: readonly number[]) => addresses.every((address) => line.presences()[address] === "live");
const unitsAsked = (line: AddressedBank) => line.requests.map(({ bytes }) => bytes[0] ?? -1);

describe("Modbus packs", () => {
	it("are found at their addresses, gaps between them", async () => {
		const line = bankOn(
			{ protocol: "modbus-rtu" },
			modbusPacks(() => ({ 2: live(), 5: live(), 15: live() })),
		);
		await line.until(() => isLive(line, 2, 5, 15), 30_000);
		const { snapshot } = line.bank;
		expect(snapshot.packs.map(({ address }) => address)).toEqual([2, 5, 15]);
		expect(snapshot.cabledPack).toBeNull();
		expect(snapshot.totals?.value).toMatchObject({ current: -70.5, packs: [2, 5, 15], designCapacity: 300 });
		expect(snapshot.link.state).toBe("online");
		expect(snapshot.conditions).toEqual([]);
	});

	it("are asked once each cycle, absent addresses seldom", async () => {
		const line = bankOn(
			{ protocol: "modbus-rtu" },
			modbusPacks(() => ({ 2: live(), 5: live() })),
		);
		await line.until(() => isLive(line, 2, 5), 30_000);
		await line.clock.advance(30_000);
		const before = line.requests.length;
		await line.clock.advance(60_000);
		const asked = unitsAsked(line).slice(before);
		expect(asked.filter((unit) => unit !== 2 && unit !== 5).length).toBeLessThanOrEqual(3);
		expect(asked.filter((unit) => unit === 2).length).toBeGreaterThan(80);
	});

	it("that the settings name are the only ones asked, and shown as missing when they are", async () => {
		const line = bankOn(
			{ protocol: "modbus-rtu", addresses: "1, 3-4" },
			modbusPacks(() => ({ 3: live(), 4: live() })),
		);
		await line.until(() => isLive(line, 3, 4));
		await line.until(() => line.presences()[1] === "absent");
		expect(new Set(unitsAsked(line))).toEqual(new Set([1, 3, 4]));
	});

	it("rest for more than 100 ms between two messages, whatever the setting", async () => {
		const line = bankOn(
			{ protocol: "modbus-rtu", gapMs: 50, addresses: "1-2" },
			modbusPacks(() => ({ 1: live(), 2: live() })),
		);
		await line.until(() => isLive(line, 1, 2));
		await line.clock.advance(10_000);
		const gaps = line.requests.slice(1).map(({ at }, n) => at - (line.requests[n]?.at ?? 0));
		expect(Math.min(...gaps)).toBeGreaterThan(100 + 30);
	});

	it("take no longer for a cycle than 1.05 times what the line needs, gaps counted in", async () => {
		const packs = { 1: live(), 2: live(), 3: live(), 4: live() };
		const line = bankOn(
			{ protocol: "modbus-rtu", addresses: "1-4" },
			modbusPacks(() => packs),
		);
		// Identity and parameters are asked once in the beginning.
		await line.clock.advance(400_000);
		const before = line.requests.length;
		await line.clock.advance(60_000);
		// Here a request costs the answer's 30 ms and the gap.
		const limitMs = 4 * (30 + PROTOCOLS["modbus-rtu"].gapMs);
		const cycles = (line.requests.length - before) / 4;
		expect(60_000 / cycles).toBeLessThanOrEqual(1.05 * limitMs);
	});

	it("refuse a block over reserved registers and are read in two", async () => {
		const line = bankOn(
			{ protocol: "modbus-rtu", addresses: "1" },
			modbusPacks(() => ({ 1: live() }), [13, 14]),
		);
		await line.until(() => isLive(line, 1));
		expect(line.bank.snapshot.packs[0]?.telemetry?.value).toMatchObject({ voltage: 53.6, current: -23.5 });
		await line.until(() => line.bank.snapshot.conditions !== null);
		// The whole block is asked once more before it is left: another protocol might have been selected the first time.
		await line.clock.advance(2_000);
		const before = line.requests.length;
		await line.clock.advance(20_000);
		const blocks = new Set(line.requests.slice(before).map(({ bytes }) => `${bytes[3]}+${bytes[5]}`));
		expect([...blocks].filter((block) => block === "0+37")).toEqual([]);
		expect(blocks).toContain("0+13");
		expect(blocks).toContain("15+22");
	});

	it("tell their parameters in two requests, and older firmware those that it has", async () => {
		/** Registers 60-114 of modbus-rtu §10, V6, in their places. */
		const settings = wordsOf(V6);
		const upTo = (last: number) => [...live(), ...new Array<number>(23).fill(0), ...settings].slice(0, last + 1);
		const line = bankOn(
			{ protocol: "modbus-rtu", addresses: "1-2" },
			modbusPacks(() => ({ 1: upTo(114), 2: upTo(106) })),
		);
		await line.clock.advance(240_000);
		const [newer, older] = line.bank.snapshot.packs.map(({ parameters }) => Object.keys(parameters ?? {}));
		expect(newer).toHaveLength(55);
		expect(older).toHaveLength(47);
		expect(line.bank.snapshot.packs[1]?.parameters).toMatchObject({ cellOvervoltageProtection: 3.7, balanceStartDelta: 30 });
		const asked = line.requests
			.map(({ bytes }) => `${bytes[0]}: ${bytes[3]}+${bytes[5]}`)
			.filter((block) => /: (?:[6-9]\d|1[01]\d)\+/.test(block));
		expect(asked.filter((block) => block.startsWith("1"))).toEqual(["1: 60+47", "1: 107+8"]);
		expect(asked.filter((block) => block.startsWith("2")).slice(0, 2)).toEqual(["2: 60+47", "2: 107+8"]);
		// Each of the later groups by itself, once.
		expect(new Set(asked).size).toBe(asked.length);
	});

	it("with another map selected are recognised, and nothing of them is shown", async () => {
		// Growatt-like content with sound checksums (modbus-rtu §10, V10).
		const decoy = wordsOf("000006080BAF61FB00660000004A15400608000F27101D1D2710010100020000010000".padEnd(148, "0"));
		const line = bankOn(
			{ protocol: "modbus-rtu", addresses: "1" },
			modbusPacks(() => ({ 1: decoy })),
		);
		await line.clock.advance(20_000);
		expect(line.bank.snapshot.packs).toMatchObject([{ telemetry: null, status: null, conditions: null, identity: null }]);
		expect(line.bank.snapshot.link).toMatchObject({ state: "online", problem: { code: "foreign-map" } });
		expect(line.bank.snapshot.totals).toBeNull();
	});

	it("name their own alarms; the bank has the union", async () => {
		const packs: Record<number, readonly number[]> = { 1: live(), 2: live({ 9: 0x8000 }) };
		const line = bankOn(
			{ protocol: "modbus-rtu", addresses: "1-2" },
			modbusPacks(() => packs),
		);
		await line.until(() => line.bank.snapshot.conditions?.length === 1);
		expect(line.bank.snapshot.conditions).toMatchObject([{ key: "alarm.low_soc", pack: 2 }]);
		expect(line.bank.snapshot.packs[0]?.conditions).toEqual([]);
		packs[2] = live();
		await line.until(() => line.bank.snapshot.conditions?.length === 0, 5_000);
		expect(line.events.filter(({ type }) => type === "condition-cleared").length).toBe(2);
	});

	it("that stop answering are missing soon, keep what they had, and come back", async () => {
		const packs: Record<number, readonly number[] | undefined> = { 1: live(), 2: live({ 9: 0x8000 }) };
		const line = bankOn(
			{ protocol: "modbus-rtu" },
			modbusPacks(() => packs as Record<number, readonly number[]>),
		);
		await line.until(() => isLive(line, 1, 2) && line.bank.snapshot.conditions?.length === 1, 30_000);
		packs[2] = undefined;
		await line.until(() => line.presences()[2] === "absent", 10_000);
		await line.clock.advance(90_000);
		expect(line.presences()).toEqual({ 1: "live", 2: "absent" });
		// What it had is not cleared by its silence.
		expect(line.bank.snapshot.conditions).toMatchObject([{ key: "alarm.low_soc", pack: 2 }]);
		expect(line.bank.snapshot.link.state).toBe("online");
		packs[2] = live();
		await line.until(() => isLive(line, 2), 20_000);
		await line.until(() => line.bank.snapshot.conditions?.length === 0, 5_000);
	});

	it("that answer again are asked who they are: it may be another pack that stands there now", async () => {
		/** Registers 150-179: version, BMS and pack serial number. */
		const named = (serial: string) => {
			const texts = ["P16S100A-V1", `B${serial}`, serial].map((text) => wordsOf(Buffer.from(text.padEnd(20, " ")).toString("hex")));
			return [...live(), ...new Array<number>(150 - LIVE_WORDS.length).fill(0), ...texts.flat()];
		};
		const packs: Record<number, readonly number[] | undefined> = { 1: named("ONE"), 2: named("TWO") };
		const line = bankOn(
			{ protocol: "modbus-rtu", addresses: "1-2" },
			modbusPacks(() => packs as Record<number, readonly number[]>),
		);
		const serials = () => line.bank.snapshot.packs.map(({ identity }) => identity?.packSerial?.trim());
		await line.until(() => serials().join() === "ONE,TWO", 30_000);
		packs[2] = undefined;
		await line.until(() => line.presences()[2] === "absent", 10_000);
		packs[2] = named("THREE");
		await line.until(() => isLive(line, 2), 20_000);
		await line.until(() => serials().join() === "ONE,THREE", 10_000);
	});

	it("all silent make the line silent, and all come back", async () => {
		let isThere: boolean = true;
		const line = bankOn(
			{ protocol: "modbus-rtu" },
			modbusPacks(() => (isThere ? { 7: live() } : {})),
		);
		await line.until(() => isLive(line, 7), 30_000);
		isThere = false;
		await line.until(() => line.bank.snapshot.link.state === "silent", 15_000);
		expect(line.bank.snapshot.totals).toBeNull();
		expect(line.bank.snapshot.conditions).toBeNull();
		isThere = true;
		await line.until(() => isLive(line, 7), 60_000);
	});

	it("nobody there: silent after a round, found when it appears", async () => {
		let isThere: boolean = false;
		const line = bankOn(
			{ protocol: "modbus-rtu" },
			modbusPacks(() => (isThere ? { 12: live() } : {})),
		);
		await line.until(() => line.bank.snapshot.link.state === "silent", 40_000);
		isThere = true;
		await line.until(() => isLive(line, 12), 120_000);
	});
});

/** Genuine captures (rs485-v20 §§3.2-3.4), by request. */
const PACE_42 = "~20024642E00202FD33\r";
const PACE_REPLY =
	"~2002460070720002100E030E050E050DF00E070E060E050E070E060E070E060E070E070E050E050E05050C0C0C090C0B0C0A0C070000E02F270A02270D0197E563\r";
const US2000 = {
	"~20024642E00202FD33\r":
		"~20024600C06E10020F0C9A0C980C990C980C9A0C9A0C990C9B0C9C0C9A0C9B0C9B0C9B0C9B0C99050B740B550B570B530B630000BD06190F02C3500084E545\r",
	"~20024644E00202FD31\r": "~20024600A04210020F000000000000000000000000000000050000000000000000000E00000000F108\r",
	"~20024651000000FDAC\r": "",
	"~20024693E00202FD2D\r": "~20024600C0220248505443523033313731313132353930F6D2\r",
} as const;
const capturesOf =
	(replies: Readonly<Record<string, string>>): Responder =>
	(bytes) => {
		const reply = replies[String.fromCharCode(...bytes)];
		return reply ? Uint8Array.from(reply, (char) => char.charCodeAt(0)) : null;
	};

describe("ASCII 0x20 packs", () => {
	it("a genuine Pylontech is read: values, serial number, and what it cannot tell is unsupported", async () => {
		const line = bankOn({ protocol: "ascii-0x20-pylontech", addresses: "2" }, capturesOf(US2000));
		await line.until(() => isLive(line, 2) && line.bank.snapshot.conditions !== null, 20_000);
		await line.until(() => line.bank.snapshot.packs[0]?.identity?.packSerial === "HPTCR03171112590", 20_000);
		const [pack] = line.bank.snapshot.packs;
		expect(pack?.telemetry?.value).toMatchObject({
			voltage: 48.39,
			current: 0,
			remainingCapacity: 6.415,
			fullCapacity: 50,
			designCapacity: null,
		});
		expect(line.bank.snapshot.totals?.value.designCapacity).toBeNull();
		expect(line.bank.snapshot.unsupported).toContain("alarm.cell_overvoltage");
		expect(line.bank.snapshot.unsupported).not.toContain("protection.pack_overvoltage");
	});

	it("a PACE board in Pylon mode that knows no alarms is read; its alarms stay unknown", async () => {
		const refusal = "~200246040000FDAE\r";
		const line = bankOn({ protocol: "ascii-0x20-pace" }, (bytes) => {
			const text = String.fromCharCode(...bytes);
			return text === PACE_42
				? Uint8Array.from(PACE_REPLY, (char) => char.charCodeAt(0))
				: text.startsWith("~2002")
					? Uint8Array.from(refusal, (char) => char.charCodeAt(0))
					: null;
		});
		await line.until(() => isLive(line, 2), 60_000);
		await line.clock.advance(30_000);
		expect(line.bank.snapshot.packs).toMatchObject([
			{ address: 2, telemetry: { value: { voltage: 57.391, fullCapacity: 99.97 } }, status: null },
		]);
		expect(line.bank.snapshot.conditions).toBeNull();
	});

	it("are left 200 ms between two questions and 2 s for an answer", async () => {
		const line = bankOn({ protocol: "ascii-0x20-pylontech", addresses: "2-3" }, capturesOf(US2000));
		await line.until(() => isLive(line, 2), 20_000);
		await line.clock.advance(20_000);
		const gaps = line.requests.slice(1).map(({ at }, n) => ({ gap: at - (line.requests[n]?.at ?? 0), first: line.requests[n] }));
		expect(Math.min(...gaps.map(({ gap }) => gap))).toBeGreaterThanOrEqual(230);
		const unanswered = gaps.filter(({ first }) => String.fromCharCode(...(first?.bytes ?? [])).startsWith("~2003"));
		expect(Math.min(...unanswered.map(({ gap }) => gap))).toBeGreaterThanOrEqual(2_200);
	});

	it("asks the dialects as their battery wants it", () => {
		const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
		expect(text(asciiV20("pylontech").telemetry(2).request)).toBe(PACE_42);
	});
});

describe("ASCII 0x25 on the link sockets", () => {
	/** The captured pair of rs232-v25 §15, [NK #50], and the status of [GB #8] for address 2. */
	const LINK = {
		"~25024642E00202FD2E\r":
			"~25024600D07C0002100D330D360D3C0D300D3A0D360D3C0D350D3E0D3B0D3D0D380D370D370D360D34060BA60BA20BA30BA60B9D0BAC096CD3B21A680226AC03B826AC44E232\r",
		"~25024644E00202FD2C\r": "~25024600E04E000210000000000000000000000000000000000600000000000000000000000600000000000000EED0\r",
	};

	it("a captured pack is read at its own address", async () => {
		const line = bankOn({ protocol: "ascii-0x25-rs485", addresses: "2" }, capturesOf(LINK));
		await line.until(() => isLive(line, 2) && line.bank.snapshot.conditions !== null, 20_000);
		expect(line.bank.snapshot.packs).toMatchObject([
			{ address: 2, telemetry: { value: { voltage: 54.194, current: 24.12, cycleCount: 952 } } },
		]);
		expect(line.bank.snapshot.cabledPack).toBeNull();
	});

	it("an answer of another pack is nobody's", async () => {
		const line = bankOn({ protocol: "ascii-0x25-rs485", addresses: "3" }, () =>
			Uint8Array.from(LINK["~25024642E00202FD2E\r"], (char) => char.charCodeAt(0)),
		);
		await line.clock.advance(15_000);
		expect(line.bank.snapshot.packs).toMatchObject([{ address: 3, telemetry: null }]);
	});
});
