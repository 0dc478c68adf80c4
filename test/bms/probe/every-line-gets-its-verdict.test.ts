import { describe, expect, it } from "vitest";
import { planFor } from "../../../src/bms/probe/auto-protocol.ts";
import { settingOf } from "../../../src/bms/probe/plan.ts";
import { verdictOf } from "../../../src/bms/probe/verdict.ts";
import { VERDICTS, verdictWords } from "../../../src/bms/probe/verdict-words.ts";
import { buildFrame, checkFrame } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import { buildAdu } from "../../../src/bms/protocol/modbus/modbus-frame.ts";
import { type ErrorCodes, TransportError } from "../../../src/errors.ts";
import { LANGUAGES } from "../../../src/languages.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../../../src/simulator/options.ts";
import { SimulatedBank } from "../../../src/simulator/simulated-bank.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { bytesOf, probeScript, type Script, textOf } from "./scripted-line.ts";

const hex = (text: string) => Uint8Array.from(text.replace(/\s/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Registers 0-36 of modbus-rtu §10, V1, without unit, function code and CRC. */
const REGISTERS =
	"4A F6 D2 14 F0 00 4C 00 63 1D 64 26 AC 27 10 00 84 00 00 00 00 00 00 0E 00 00 00 00 00 00 00 0D 18 0D 16 0D 17 0D 15 0D 18 0D 17 0D 16 0D 19 0D 14 0D 17 0D 18 0D 16 0D 15 0D 17 0D 0D 0D 18 00 FD 00 FB 00 F9 FF DD 01 38 01 0C";
/** A US2000 at address 2 (rs485-v20 §3.2). */
const US2000 =
	"~20024600C06E10020F0C9A0C980C990C980C9A0C9A0C990C9B0C9C0C9A0C9B0C9B0C9B0C9B0C99050B740B550B570B530B630000BD06190F02C3500084E545\r";
/** rs485-v20 §3.4. */
const PACE_AS_PYLON =
	"~2002460070720002100E030E050E050DF00E070E060E050E070E060E070E060E070E070E050E050E05050C0C0C090C0B0C0A0C070000E02F270A02270D0197E563\r";
/** Captures v20-42-021 and v20-42-014 of test/fixtures/ascii-0x20. */
const EG4 =
	"~20014A00A0CA1001100D2F0D2C0D2C0D2D0D2D0D2F0D2F0D2F0D2C0D2D0D2D0D2F0D300D2C0D300D2C040B9B0BA50B9B0B9B0BB90BAF029D151521A9268400540F005700620D300D2C00040BA50B9B000ADAC0000A54550005D473000570A600000680000004CA56897E24D1A5\r";
const SEPLOS =
	"~2001460010960001100CC80CC70CC60CC40CC40CC30CC30CC30CC30CC40CC30CC50CC50CC40CC70CC8060BAA0BA80BB60BAC0BD90BC1F586146E4CAB0A7530028E7530001103E81470FFE7000009080839DC4E\r";
/** Pack 2 asked by the main pack on the link sockets, and its answer (rs232-v25 §15). */
const LINK_TALK =
	"~25024642E00202FD2E\r~25024600D07C0002100D330D360D3C0D300D3A0D360D3C0D350D3E0D3B0D3D0D380D370D370D360D34060BA60BA20BA30BA60B9D0BAC096CD3B21A680226AC03B826AC44E232\r";

const bank = (cabledAddress: number, packs = 2) =>
	new SimulatedBank({ ...defaultsOf(SIMULATOR_SETTINGS), packs }, { clock: new ManualClock(), cabledAddress });

/** Answers at one speed; at any other the same bytes are garbage. */
const at =
	(speed: number, answer: (request: Uint8Array) => Uint8Array | null): NonNullable<Script["answer"]> =>
	(request, baudRate) => {
		if (baudRate === speed) return answer(request);
		return answer(request) === null ? null : hex("00 80 F8 00 80 78 F8 00");
	};

/** `deaf`: a pack that questions do not reach. */
const rs232 = (cabledAddress: number, packs?: number, deaf?: number): Script => {
	const battery = bank(cabledAddress, packs);
	const isForDeaf = (request: Uint8Array) => deaf !== undefined && textOf(request).slice(7).startsWith(`42E0020${deaf}`);
	return { answer: at(9600, (request) => (isForDeaf(request) ? null : battery.answer(request))) };
};

/** Packs on the link sockets: each looks at its own address only, and is asked for itself by it (rs232-v25 §15). */
const link = (...addresses: readonly number[]): Script => {
	const packs = new Map(addresses.map((address) => [address, bank(address, 1)]));
	return {
		answer: at(9600, (request) => {
			const check = checkFrame(request);
			if (!check.ok) return null;
			const { address, code, info } = check.frame;
			const own = info[0] === address ? buildFrame({ address, code, info: Uint8Array.of(1) }) : request;
			return packs.get(address)?.answer(own) ?? null;
		}),
	};
};

const modbus = (speed: number, ...units: readonly number[]): Script => ({
	answer: at(speed, (request) => {
		const [unit = 0, code, , start, , count] = request;
		if (!units.includes(unit) || code !== 3) return null;
		return start === 0 && count === 37 ? buildAdu(unit, 3, hex(REGISTERS)) : buildAdu(unit, 0x83, Uint8Array.of(2));
	}),
});

/** Packs on the inverter socket, one of whose reserved registers is missing, or with another maker's protocol selected. */
const simulatedModbus = (rs485: number, missing: readonly number[] = []): Script => {
	const battery = new SimulatedBank(
		{ ...defaultsOf(SIMULATOR_SETTINGS), packs: 2, protocol: "modbus-rtu" },
		{ clock: new ManualClock(), cabledAddress: 1 },
	);
	for (const { model } of battery.model.packs) model.memory.setInverter({ ...model.memory.inverter, rs485 });
	return {
		answer: at(9600, (request) => {
			const [unit = 0, code, , start = 0, , count = 0] = request;
			const isRefused = code === 3 && missing.some((register) => register >= start && register < start + count);
			return isRefused ? buildAdu(unit, 0x83, Uint8Array.of(2)) : battery.answer(request);
		}),
	};
};

const refusing = (code: ErrorCodes["transport"]): Script => ({
	open: () => {
		throw new TransportError(code, `the words of ${code}`);
	},
});
const greets = (bytes: Uint8Array): Script => ({ greeting: () => bytes });

interface Row {
	readonly name: string;
	readonly script: Script;
	readonly port?: string;
	readonly listenOnly?: true;
	readonly code: keyof typeof VERDICTS;
	/** In the summary or the advice. */
	readonly says: RegExp;
	readonly packs?: readonly number[];
	readonly protocol?: string;
	readonly baudRate?: number;
	/** Nothing may be sent. */
	readonly silent?: true;
}

const ROWS: readonly Row[] = [
	{
		...{ name: "the main pack on RS232, with two more", script: rs232(1, 3), code: "found-main-pack", says: /3 pack/ },
		...{ packs: [1, 2, 3], protocol: "ascii-0x25", baudRate: 9600 },
	},
	{
		...{ name: "the main pack on RS232, a third one counted that does not answer", script: rs232(1, 3, 3), code: "found-fewer-packs" },
		...{ says: /counts 3 packs, 2 of them answered/, packs: [1, 2], protocol: "ascii-0x25" },
	},
	{
		...{ name: "the cable in pack 3", script: rs232(3), code: "found-other-pack", says: /not number 1: the others cannot be seen/ },
		packs: [3],
	},
	{ name: "a pack with DIP 0 alone", script: rs232(0, 1), code: "found-standing-alone", says: /□□□□/, packs: [0] },
	{
		...{ name: "the link sockets", script: link(0), code: "found-on-link-socket", says: /RS232 socket/, packs: [0] },
		protocol: "ascii-0x25-rs485",
	},
	{ name: "packs 2 and 5 on the link without main pack", script: link(2, 5), code: "found-on-link-socket", says: /RS485/, packs: [2, 5] },
	{
		...{ name: "Modbus on the inverter socket, addresses with gaps", script: modbus(9600, 2, 4), code: "found-on-inverter-socket" },
		...{ says: /Modbus/, packs: [2, 4], protocol: "modbus-rtu", baudRate: 9600 },
	},
	{
		...{ name: "Modbus at another speed", script: modbus(19200, 1), code: "found-on-inverter-socket", says: /19200 baud/ },
		...{ packs: [1], baudRate: 19200 },
	},
	{
		name: "Pylontech at 115200 baud",
		script: { answer: at(115200, (request) => (textOf(request).startsWith("~20024642") ? bytesOf(US2000) : null)) },
		...{ code: "found-on-inverter-socket", says: /Pylontech/, packs: [2], protocol: "ascii-0x20-pylontech", baudRate: 115200 },
	},
	{
		name: "a PACE board in Pylon mode",
		script: { answer: at(9600, (request) => (textOf(request).startsWith("~20024642") ? bytesOf(PACE_AS_PYLON) : null)) },
		...{ code: "found-on-inverter-socket", says: /0x20/, packs: [2], protocol: "ascii-0x20-pace", baudRate: 9600 },
	},
	{
		name: "EG4 at address 1",
		script: { answer: at(9600, (request) => (textOf(request).startsWith("~20014A42") ? bytesOf(EG4) : null)) },
		...{ code: "found-on-inverter-socket", says: /EG4/, packs: [1], protocol: "ascii-0x20-eg4", baudRate: 9600 },
	},
	{
		name: "Seplos, which is asked like Pylontech",
		script: { answer: at(9600, (request) => (textOf(request).startsWith("~20014642") ? bytesOf(SEPLOS) : null)) },
		...{ code: "found-on-inverter-socket", says: /0x20/, packs: [1], protocol: "ascii-0x20-seplos", baudRate: 9600 },
	},
	{ name: "nothing at all", script: {}, code: "silent-port", says: /RS485 does not wake/ },
	{ name: "nothing behind a gateway", script: {}, port: "tcp://192.0.2.7:8899", code: "silent-gateway", says: /raw \(transparent\)/ },
	{ name: "a loop-back plug", script: { answer: (request) => request }, code: "echo", says: /A and B/ },
	{ name: "swapped wires", script: { answer: () => hex("00 FE 80 7F 00 FF 81") }, code: "garbage", says: /A and B swapped/ },
	{ name: "noise without end", script: { ...greets(hex("F8 00 80 78 F8 00 80 78")), answer: () => null }, code: "garbage", says: /speed/ },
	{
		name: "Modbus of another brand",
		script: {
			answer: at(9600, ([unit = 0, code, , , , count = 0]) =>
				code === 3 ? buildAdu(unit, 3, Uint8Array.of(2 * count, ...new Uint8Array(2 * count).fill(0xff))) : null,
			),
		},
		...{ code: "foreign-map", says: /PACE_MODBUS/ },
	},
	{
		name: "Modbus with another inverter protocol selected, which refuses",
		script: simulatedModbus(2),
		code: "foreign-map",
		says: /PACE_MODBUS/,
	},
	{
		...{ name: "Modbus of firmware without reserved registers", script: simulatedModbus(0, [13]), code: "found-on-inverter-socket" },
		...{ says: /Modbus/, packs: [1, 2], protocol: "modbus-rtu", baudRate: 9600 },
	},
	{
		name: "a board that refuses everything",
		script: {
			answer: at(9600, (request) => (textOf(request).startsWith("~25") ? buildFrame({ address: 1, code: 0x09 }) : null)),
		},
		...{ code: "unreadable", says: /rack-battery support/ },
	},
	{ name: "packs that talk among themselves", script: greets(bytesOf(LINK_TALK)), code: "other-master", says: /addresses 2/, silent: true },
	{
		...{ name: "an inverter that asks", script: greets(hex("01 03 00 00 00 25 84 11")), code: "other-master" },
		...{ says: /Modbus/, silent: true },
	},
	{ name: "a console", script: greets(bytesOf("OpenWrt 23.05 router login: ")), code: "console", says: /OpenWrt/, silent: true },
	{
		...{ name: "a Telnet server", script: greets(hex("FF FB 01 FF FD 03")), port: "tcp://192.0.2.7:23", code: "gateway-mode" },
		...{ says: /no Telnet/, silent: true },
	},
	{
		name: "a web server",
		script: { answer: () => bytesOf("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n") },
		...{ port: "tcp://192.0.2.7:80", code: "gateway-mode", says: /web server/ },
	},
	{
		name: "silence that is only listened to",
		script: rs232(1),
		listenOnly: true,
		code: "nothing-heard",
		says: /wakes a sleeping pack/,
		silent: true,
	},
	{ name: "a port in use", script: refusing("busy"), code: "port-busy", says: /minicom \(4711\)/ },
	{ name: "a port of others", script: refusing("no-permission"), code: "no-permission", says: /usermod -aG uucp \$USER/ },
	{ name: "a port that is not there", script: refusing("not-found"), code: "port-missing", says: /by-id/ },
	{ name: "no native module", script: refusing("serial-unavailable"), code: "serial-unavailable", says: /npm install serialport/ },
	{
		name: "a gateway that refuses",
		script: refusing("refused"),
		port: "tcp://192.0.2.7:1",
		code: "gateway-refused",
		says: /one connection/,
	},
	{
		name: "a gateway that is away",
		script: refusing("unreachable"),
		port: "tcp://192.0.2.7:1",
		code: "gateway-unreachable",
		says: /powered/,
	},
	{ name: "a name nobody knows", script: refusing("not-found"), port: "tcp://nobody:1", code: "gateway-unknown", says: /IP address/ },
	{ name: "a line that breaks", script: refusing("closed"), port: "tcp://192.0.2.7:1", code: "line-lost", says: /the words of closed/ },
];

describe("a probe", () => {
	it.each(ROWS)("says what it is: $name", async ({ script, port = "/dev/ttyUSB0", listenOnly = false, code, says, silent, ...wanted }) => {
		const { state, sent, clock } = await probeScript(script, { port, plan: planFor(port, 9600, { listenOnly }) });
		const verdict = verdictOf(state, { port, group: "uucp", user: "minicom (4711)" });
		const words = verdictWords(verdict, "en-US", false);
		expect({ code: verdict.code, words: [words.summary, ...words.advice].join(" ") }).toEqual({ code, words: expect.stringMatching(says) });
		if (wanted.packs) expect(state.found?.packs.map(({ address }) => address)).toEqual(wanted.packs);
		if (wanted.protocol) expect(state.found && settingOf(state.found)).toBe(wanted.protocol);
		if (wanted.baudRate) expect(state.found?.baudRate).toBe(wanted.baudRate);
		if (silent) expect(sent).toEqual([]);
		expect(clock.pending).toBe(0);
	});

	it("has a row here for every verdict but the end by the user", () => {
		const tested = new Set<string>(ROWS.map(({ code }) => code));
		expect(Object.keys(VERDICTS).filter((code) => !tested.has(code))).toEqual(["cancelled"]);
	});

	it("shows values as a proof, with version and serial number", async () => {
		const { state } = await probeScript(rs232(1, 1));
		expect(state.found).toMatchObject({ socket: "rs232", count: 1, packs: [{ address: 1, cells: 16, version: "P16S100A-SIM-1.00" }] });
		expect(state.found?.packs[0]?.voltage).toBeGreaterThan(40);
		expect(state.found?.packs[0]?.stateOfCharge).toBeCloseTo(72, 0);
		expect(state.found?.packs[0]?.serial).toBe("SIMULATED-PACK-1");
	});

	it("finds the main pack within seconds, and is bounded when nobody answers", async () => {
		expect((await probeScript(rs232(1, 2))).seconds).toBeLessThan(8);
		const all = await probeScript({});
		expect(all.state.ended).toBeNull();
		expect(all.seconds).toBeLessThan(110);
		const short = await probeScript({}, { limitMs: 10_000 });
		expect(short.state.ended).toBe("time-up");
		expect(short.seconds).toBeLessThanOrEqual(13);
	});

	it("listens before it sends", async () => {
		let openedAt = 0;
		const clocks: number[] = [];
		const { clock } = await probeScript(
			{},
			{ onTraffic: ({ at: moment }) => clocks.push(moment), onStep: (step) => step.kind === "listen" && openedAt++ },
		);
		expect(openedAt).toBe(1);
		expect(clocks[0]).toBeGreaterThanOrEqual(1_000_000 + 2_000);
		expect(clock.now()).toBeGreaterThan(1_000_000);
	});

	it("only ever asks what reads", async () => {
		const { sent } = await probeScript({});
		for (const { bytes } of sent) {
			const isRead = bytes[0] === 0x7e ? /^~2[05]..4[6A]4290?|^~2[05]..4[6A]42/.test(textOf(bytes)) : bytes[1] === 3;
			expect(isRead, textOf(bytes)).toBe(true);
		}
		expect(sent.length).toBeGreaterThan(50);
	});

	it("ends when it is told to, and closes the line", async () => {
		const end = new AbortController();
		const { state, clock } = await probeScript({}, { signal: end.signal, onProgress: ({ done }) => done === 3 && end.abort() });
		expect(verdictOf(state, { port: "/dev/ttyUSB0" }).code).toBe("cancelled");
		expect(clock.pending).toBe(0);
	});

	it("asks the first question again after the quick round: a pack may have needed it to wake up", async () => {
		const battery = bank(1, 1);
		let asked = 0;
		const { state } = await probeScript({
			answer: (request, baudRate) => (baudRate === 9600 && checkFrame(request).ok && ++asked > 1 ? battery.answer(request) : null),
		});
		expect(state.found?.packs.map(({ address }) => address)).toEqual([1]);
	});

	it("tells every verdict in every language without a hole", () => {
		const values = Object.fromEntries(
			["port", "group", "user", "error", "words", "talk", "packs", "count", "address", "switches", "addresses"].map((name) => [name, "x"]),
		);
		for (const code of Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]) {
			for (const language of LANGUAGES) {
				const { summary, advice } = verdictWords({ code, values }, language, true);
				for (const sentence of [summary, ...advice]) expect(sentence).not.toMatch(/[{}]/);
			}
		}
	});
});
