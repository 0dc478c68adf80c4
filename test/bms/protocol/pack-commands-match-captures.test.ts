import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PARAMETER_GROUP_KEYS, type ParameterValues } from "../../../src/bms/battery/parameters.ts";
import type { StateKey } from "../../../src/bms/battery/states.ts";
import type { StoredRecord } from "../../../src/bms/battery/stored-record.ts";
import { checkFrame, textOf } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import {
	acknowledgement,
	inverterProtocolAnswer,
	parametersAnswer,
	readPackRequest,
	recordAnswer,
	switchAnswer,
} from "../../../src/bms/protocol/ascii/ascii-pack-answers.ts";
import { ASCII_PARAMETERS } from "../../../src/bms/protocol/ascii/ascii-parameters.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import { type DecodedFrame, decodeText } from "../../../src/bms/protocol/decode-text.ts";
import type { Exchange } from "../../../src/bms/protocol/protocol.ts";
import { bytes, CAPTURES } from "./captures.ts";

/** Commands for the pack with the cable: parameters, switches, records, clock, inverter protocol. */
interface PackCommandFrame {
	readonly id: string;
	readonly command: string;
	readonly provenance: "capture" | "document" | "built";
	readonly device: string;
	readonly request: string | null;
	readonly reply: string;
	readonly expected: Readonly<Record<string, unknown>> & { readonly asked?: Readonly<Record<string, unknown>> };
}
const FRAMES = (
	JSON.parse(readFileSync(new URL("../../fixtures/ascii-0x25/pack-commands.json", import.meta.url), "utf8")) as {
		frames: readonly PackCommandFrame[];
	}
).frames;
const genuine = FRAMES.filter(({ provenance }) => provenance === "capture");
const titled = (frames: readonly PackCommandFrame[]) =>
	frames.map((frame) => [`${frame.provenance} ${frame.id}: ${frame.command} ${frame.device}`, frame] as const);

const isSound = (text: string) => checkFrame(text).ok;
const frameOf = (text: string) => {
	const check = checkFrame(text);
	if (!check.ok) throw check.error;
	return check.frame;
};
const withRequest = FRAMES.flatMap((frame) =>
	frame.request !== null && isSound(frame.request) ? [{ ...frame, request: frame.request }] : [],
);

const { access } = asciiV25;
if (access?.record === undefined || access.setSwitch === undefined || access.setClock === undefined) throw new Error("no access");
if (access.inverterProtocol === undefined || access.setInverterProtocol === undefined) throw new Error("no access");
const { record, setSwitch, setClock, inverterProtocol, setInverterProtocol } = access;

/** The exchange whose request this is, as the driver would build it; null where nobody offers it. */
function exchangeFor(text: string): Exchange | null {
	const { address, ...frame } = frameOf(text);
	const request = readPackRequest(frame);
	switch (request?.kind) {
		case "readParameters":
			return access?.parameters(address, request.group) ?? null;
		case "writeParameters":
			return access?.setParameters(address, request.group, request.values) ?? null;
		case "switch":
			return setSwitch(address, request.switch, request.on);
		case "readRecord":
			return record(address, request.index);
		case "setClock":
			return setClock(address, request.time);
		case "readInverterProtocol":
			return inverterProtocol(address);
		case "setInverterProtocol":
			return setInverterProtocol(address, request.wanted);
		case "shutDown":
			return access?.shutDown?.(address) ?? null;
		case "restoreDefaults":
			return access?.restoreDefaults?.(address) ?? null;
		case "clearRecords":
			return access?.clearRecords?.(address) ?? null;
		default:
			return null;
	}
}

describe("genuine captures of the commands for the pack with the cable", () => {
	it("are all here, and every parameter group among them, read and written", () => {
		console.log(`${genuine.length} genuine captures of parameters, records, switches, clock and inverter protocol decode to their values`);
		const codes = new Set(FRAMES.map(({ command }) => command));
		const collected = CAPTURES.filter(
			({ protocol, command = "", provenance, reply }) =>
				protocol === "ascii-0x25" && codes.has(command) && provenance.startsWith("capture") && reply,
		);
		expect(genuine.map(({ id }) => id)).toEqual(expect.arrayContaining(collected.map(({ id }) => id)));
		expect(genuine.length).toBeGreaterThanOrEqual(51);
		for (const group of PARAMETER_GROUP_KEYS) {
			const { read, write } = ASCII_PARAMETERS[group];
			const captured = genuine.map(({ command }) => Number.parseInt(command, 16));
			expect(captured).toEqual(expect.arrayContaining([read, write]));
		}
	});

	it.each(titled(FRAMES))("decode: %s", (_, { command, request, reply, expected }) => {
		const decoded = decodeText(`${request === null ? "" : `> ${request}\n`}< ${reply}`);
		const { asked, ...told } = expected;
		const answer = decoded.at(-1) as DecodedFrame;
		// Two requests are printed with a wrong checksum: what follows them is a reply to nothing.
		const wanted = decoded[0]?.error?.code === "checksum" ? { command: null } : told;
		expect(answer).toMatchObject({ protocol: "ascii-0x25", kind: "reply", rtn: "00", checksum: "ok", ...wanted });
		expect(answer.error).toBeUndefined();
		if (request === null || !isSound(request)) return;
		expect(decoded[0]).toMatchObject({ kind: "request", command, meaning: expect.any(String) as string, ...asked });
		expect(answer).toMatchObject({ command, meaning: decoded[0]?.meaning });
	});

	it.each(titled(withRequest))("on the line: %s", (_, { request, reply, expected }) => {
		const exchange = exchangeFor(request ?? "");
		if (exchange === null) return expect(expected).toEqual({});
		if (expected.rtn === "09") {
			return expect(exchange.accept(bytes(reply))).toMatchObject({ kind: "rejected", error: { code: "refused", context: { rtn: 9 } } });
		}
		const { parameters, record: told } = expected;
		const value = expect.objectContaining({ repliedBy: frameOf(reply).address }) as unknown;
		expect(exchange.accept(bytes(reply))).toMatchObject({ kind: "reply", value });
		if (parameters !== undefined) expect(exchange.accept(bytes(reply))).toMatchObject({ value: { value: parameters } });
		if (told !== undefined) expect(exchange.accept(bytes(reply))).toHaveProperty("value.value.localTime", (told as StoredRecord).localTime);
	});
});

describe("what is sent is byte for byte what the vendor's program sent", () => {
	it.each(titled(withRequest.filter(({ provenance }) => provenance === "capture")))("%s", (_, { request }) => {
		const exchange = exchangeFor(request ?? "");
		expect(exchange && textOf(exchange.request)).toBe(`${request}\r`);
	});

	it("and a request with the version byte 00, as one program sends, is sent as it should be", () => {
		expect(textOf(access.parameters(0, "cellOvervoltage").request)).toBe("~250046D10000FD9A\r");
	});
});

/** The states of a switch's reply, as the simulator has them. */
const allStates = (told: unknown) => told as Readonly<Record<StateKey, boolean>>;

describe("what the battery's side answers is byte for byte what the battery sent", () => {
	const answered = withRequest.filter(
		({ provenance, expected }) => provenance === "capture" && expected.rtn === undefined && Object.keys(expected).length > 0,
	);

	it.each(titled(answered))("%s", (_, { request, reply, expected }) => {
		const { address } = frameOf(reply);
		const asked = readPackRequest(frameOf(request ?? ""));
		const answer = () => {
			switch (asked?.kind) {
				case "readParameters":
					return parametersAnswer(address, asked.group, expected.parameters as ParameterValues);
				case "readRecord": {
					const { alarms: _, protections: __, faults: ___, ...told } = expected.record as Record<string, unknown>;
					return recordAnswer(address, { ...told, conditions: [] } as unknown as StoredRecord);
				}
				case "switch":
					return switchAnswer(address, { key: asked.switch, on: asked.on, states: allStates(expected.states) });
				case "readInverterProtocol":
					return inverterProtocolAnswer(address, { can: 0x13, rs485: 0x14, mode: "automatic" });
				default:
					return acknowledgement(address);
			}
		};
		expect(textOf(answer())).toBe(`${reply}\r`);
	});
});
