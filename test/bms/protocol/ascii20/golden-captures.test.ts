import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { asciiV20 } from "../../../../src/bms/protocol/ascii20/ascii20-protocol.ts";
import { type DecodedFrame, decodeText } from "../../../../src/bms/protocol/decode-text.ts";
import { bytes, type Capture, type Expected } from "../captures.ts";

const load = <T>(name: string): T =>
	JSON.parse(readFileSync(new URL(`../../../fixtures/ascii-0x20/${name}`, import.meta.url), "utf8")) as T;
const CAPTURES = load<Capture[]>("frames.json");
const TELEMETRY = load<{ expected: Readonly<Record<string, Expected>> }>("expected.json").expected;

const titleOf = ({ id, device, source }: Capture) => `${id}: ${device} (${source})`;
const isGenuine = ({ provenance }: Capture) => provenance.startsWith("capture");
const named = (captures: readonly Capture[]) => captures.map((capture) => [titleOf(capture), capture] as const);

/** Decodes a reply after its request, as a person pastes the two. */
function decodePair({ request, reply = "" }: Capture): DecodedFrame {
	const decoded = decodeText(`${request ? `> ${request.trim()}\n` : ""}< ${reply.trim()}`).at(-1);
	if (!decoded) throw new Error("nothing decoded");
	return decoded;
}
const packsOf = (decoded: DecodedFrame) => decoded.packs as readonly Readonly<Record<string, unknown>>[];

/** Read by hand from rs485-v20 §§3.3, 4.2, 5; `alarms: null` = the dialect has no such level. */
const BOTH_ON = ["chargeMosfet", "dischargeMosfet"];
const STATUS: Readonly<
	Record<string, { dialect: string; alarms: readonly string[] | null; on: readonly string[]; unknownBits?: readonly string[] }>
> = {
	"v20-44-001": { dialect: "eg4", alarms: ["USOC"], on: BOTH_ON },
	"v20-44-005": { dialect: "eg4", alarms: [], on: BOTH_ON },
	"v20-44-004": { dialect: "seplos", alarms: [], on: BOTH_ON, unknownBits: ["E6.1 (waiting for top-up charge)"] },
	"v20-44-006": { dialect: "seplos", alarms: [], on: BOTH_ON },
	"v20-44-007": { dialect: "seplos", alarms: [], on: BOTH_ON },
	"v20-44-008": { dialect: "pylontech", alarms: null, on: [...BOTH_ON, "packSupplying"] },
};

/** Values that the reference gives (rs485-v20 §§3.5, 4, 5) and the records state. */
const FIXED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
	"v20-4d-001": { command: "4D", localTime: "2024-09-17T11:59:31" },
	"v20-4f-001": { command: "4F", version: "2.0" },
	"v20-51-003": { command: "51", manufacturer: "QTHN", name: null, version: null },
	"v20-51-004": { command: "51", name: "1101-SP15", version: "2.7", manufacturer: "CANProtocol:Sofar" },
	"v20-51-005": { command: "51", name: "1101-ZH26" },
	"v20-51-006": { command: "51", inferred: true, name: "US2KBPL", version: "2.1", manufacturer: "Pylon" },
	// The source states 33.31 for what 0D03h is by the document: 60.0 °C (273.1 K offset), and 9.0 for 90.0 A.
	"v20-47-003": {
		...{ command: "47", inferred: true, cellHighVoltage: 3.65, cellLowVoltageAlarm: 3.05, cellUndervoltage: 2.8 },
		...{ chargeHighTemperature: 60, chargeLowTemperature: -10, chargeCurrent: 90 },
		...{ packHighVoltage: 54, packLowVoltageAlarm: 46, packUndervoltage: 43.5 },
		...{ dischargeHighTemperature: 60, dischargeLowTemperature: -10, dischargeCurrent: -90 },
	},
	"v20-47-006": { command: "47", inferred: true, cellHighVoltage: 3.65, chargeCurrent: 90, packUndervoltage: 43, dischargeCurrent: -90 },
	// Seplos's parameters: no layout is published.
	"v20-47-004": { command: "47", info: expect.stringMatching(/^013C0DAC0D48/) as string },
	"v20-92-003": {
		...{ command: "92", inferred: true, chargeVoltageLimit: 53.25, dischargeVoltageLimit: 45 },
		...{ chargeCurrentLimit: 37, dischargeCurrentLimit: -37, enabled: ["dischargeEnabled", "chargeEnabled"] },
	},
	// Six bytes and no request: it could be anything.
	"v20-96-001": { command: null, info: "020103000609" },
};

const REJECTED: Readonly<Record<string, string>> = {
	"v20-42-020": "checksum-refused",
	"v20-92-002": "unknown-command",
	"v20-93-001": "unknown-command",
	"v20-xx-001": "checksum-refused",
};

describe("captures of version 20h", () => {
	it("are all here, each with what it must say", () => {
		const replies = CAPTURES.filter(({ reply, category }) => reply && !category.startsWith("bad"));
		const known = new Set([TELEMETRY, STATUS, FIXED, REJECTED].flatMap(Object.keys));
		expect(replies.map(({ id }) => id).filter((id) => !known.has(id))).toEqual([]);
		console.log(`${replies.filter(isGenuine).length} genuine captures of version 20h decode to their values`);
		expect(replies.filter(isGenuine).length).toBe(45);
	});

	it.each(named(CAPTURES.filter(({ id }) => TELEMETRY[id])))("measurements %s", (_, capture) => {
		const decoded = decodePair(capture);
		const expected = TELEMETRY[capture.id];
		expect(decoded).toMatchObject({
			protocol: "ascii-0x20",
			kind: "reply",
			command: "42",
			rtn: "00",
			checksum: "ok",
			dialect: expected?.dialect,
		});
		expect(decoded.error).toBeUndefined();
		expect(decoded.inferred).toBe(capture.request ? undefined : true);
		expect(packsOf(decoded)).toHaveLength(expected?.packs?.length ?? 0);
		expected?.packs?.forEach((pack, index) => {
			expect(packsOf(decoded)[index]).toMatchObject(pack);
			expect(packsOf(decoded)[index]).not.toHaveProperty("plausible");
		});
	});

	it.each(named(CAPTURES.filter(({ id }) => STATUS[id])))("alarms %s", (_, capture) => {
		const decoded = decodePair(capture);
		const { dialect, alarms, on, unknownBits = [] } = STATUS[capture.id] ?? { dialect: "", alarms: [], on: [] };
		expect(decoded).toMatchObject({ protocol: "ascii-0x20", command: "44", dialect, rtn: "00" });
		const [pack = {}] = packsOf(decoded);
		expect(pack).toMatchObject({ protections: [], faults: [], unknownBits });
		expect((pack.alarms as { code: string }[] | null)?.map(({ code }) => code) ?? null).toEqual(alarms);
		const states = Object.entries(pack.states as Record<string, boolean | null>).flatMap(([key, isOn]) => (isOn ? [key] : []));
		expect(new Set(states)).toEqual(new Set(on));
	});

	it.each(named(CAPTURES.filter(({ id }) => FIXED[id])))("other reads %s", (_, capture) => {
		const decoded = decodePair(capture);
		expect(decoded).toMatchObject({ protocol: "ascii-0x20", kind: "reply", rtn: "00", checksum: "ok", ...FIXED[capture.id] });
		expect(decoded.packs).toBeUndefined();
	});

	it.each(named(CAPTURES.filter(({ id }) => REJECTED[id])))("refusals %s", (_, capture) => {
		expect(decodePair(capture)).toMatchObject({ kind: "reply", rejection: { code: REJECTED[capture.id] } });
	});

	it("the requests that nobody answered are requests", () => {
		for (const { request = "", id } of CAPTURES.filter(({ category }) => category === "request only")) {
			const [decoded] = decodeText(request);
			expect(decoded, id).toMatchObject({ protocol: "ascii-0x20", kind: "request" });
			// One is kept for its wrong checksum.
			expect(decoded?.error?.code, id).toBe(id === "v20-42-047" ? "checksum" : undefined);
		}
	});

	it("the one cut off by its source is refused with its length", () => {
		const [bad] = CAPTURES.filter(({ category }) => category.startsWith("bad"));
		expect(decodePair(bad ?? ({} as Capture))).toMatchObject({ error: { code: "length" } });
	});

	it.each(named(CAPTURES.filter(({ id, request }) => TELEMETRY[id] && request && !request.includes("E002FF"))))(
		"on the line: %s",
		(_, { request = "", reply = "", id }) => {
			const dialect = request.slice(5, 7) === "4A" ? "eg4" : "pylontech";
			const exchange = asciiV20(dialect).telemetry(Number.parseInt(reply.slice(3, 5), 16));
			expect(String.fromCharCode(...exchange.request)).toBe(request);
			const { address: __, temperatures: ___, portVoltage: ____, ...values } = TELEMETRY[id]?.packs?.[0] ?? {};
			expect(exchange.accept(bytes(reply))).toMatchObject({
				kind: "reply",
				value: { kind: "telemetry", blocks: [{ absent: false, value: values }] },
			});
		},
	);
});
