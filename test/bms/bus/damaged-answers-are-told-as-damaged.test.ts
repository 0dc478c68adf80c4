import { expect, test } from "vitest";
import { buildAdu } from "../../../src/bms/protocol/modbus/modbus-frame.ts";
import { createModbusFramer } from "../../../src/bms/protocol/modbus/modbus-framer.ts";
import { modbusRtu } from "../../../src/bms/protocol/modbus/modbus-protocol.ts";
import { toyLine } from "./toy-line.ts";

/** A Modbus line; `answer` comes after the question, in one piece. */
async function asked(answer: Uint8Array) {
	const line = await toyLine({ framer: createModbusFramer() }, (_request, far) => far.send(answer));
	await line.ready();
	const outcome: { error?: unknown; value?: unknown; at?: number } = {};
	line.bus.request(modbusRtu.telemetry(1)).then(
		(value) => Object.assign(outcome, { value }),
		(error: unknown) => Object.assign(outcome, { error, at: line.clock.now() }),
	);
	await line.clock.advance(2_000);
	return { ...line, outcome };
}

/** The live block: 37 registers that mean nothing. */
const whole = () => buildAdu(1, 3, Uint8Array.from([74, ...Array.from({ length: 74 }, (_, index) => index)]));

test.each([3, 10, 40, 76, 78])("a Modbus answer whose byte %i is damaged ends as a bad checksum", async (place) => {
	const answer = whole();
	answer[place] = (answer[place] ?? 0) ^ 0x41;
	const { outcome } = await asked(answer);
	expect(outcome.error).toMatchObject({ kind: "frame", code: "checksum" });
});

test("a Modbus answer that breaks off is told as broken off", async () => {
	const { outcome } = await asked(whole().subarray(0, 50));
	expect(outcome.error).toMatchObject({ kind: "timeout", code: "incomplete-answer" });
});

test("a sound answer behind noise that looks like a beginning is taken at the silence", async () => {
	// The head of an answer of 200 bytes holds the framer back until nothing more comes.
	const refusal = buildAdu(1, 0x83, Uint8Array.of(2));
	const { outcome } = await asked(Uint8Array.from([1, 3, 200, ...refusal]));
	expect(outcome.error).toMatchObject({ kind: "rejected", code: "unknown-command" });
});

test("after a damaged answer the next question is asked and answered", async () => {
	let isFirst = true;
	const refusal = buildAdu(1, 0x83, Uint8Array.of(2));
	const line = await toyLine({ framer: createModbusFramer() }, (_request, far) => {
		const answer = isFirst ? whole() : refusal;
		if (isFirst) answer[20] = 0xff;
		isFirst = false;
		far.send(answer);
	});
	await line.ready();
	const codes: unknown[] = [];
	for (let n = 0; n < 2; n += 1) {
		line.bus.request(modbusRtu.telemetry(1)).catch((error: { readonly code: string }) => codes.push(error.code));
	}
	await line.clock.advance(3_000);
	expect(codes).toEqual(["checksum", "unknown-command"]);
});
