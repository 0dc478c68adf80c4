import { expect, test } from "vitest";
import { buildFrame } from "../../src/bms/protocol/ascii/ascii-frame.ts";
import type { Framer } from "../../src/bms/protocol/protocol.ts";
import { createQuestionFramer } from "../../src/simulator/question-framer.ts";

/** A battery takes a question at its end mark, not before. */

const QUESTION = buildFrame({ address: 1, code: 0x42, info: Uint8Array.of(1) });
const WITHOUT_END = QUESTION.subarray(0, -1);
const CR = Uint8Array.of(0x0d);

function heard(framer: Framer, ...chunks: readonly Uint8Array[]): readonly string[] {
	return chunks.flatMap((chunk) => framer.push(chunk).map(({ type, bytes }) => `${type} ${Buffer.from(bytes).toString("latin1")}`));
}
const asFrame = `frame ${Buffer.from(WITHOUT_END).toString("latin1")}`;
const asJunk = `junk ${Buffer.from(WITHOUT_END).toString("latin1")}`;

test("a question is taken at its end mark, however it comes in pieces", () => {
	expect(heard(createQuestionFramer(), QUESTION)).toEqual([asFrame]);
	const framer = createQuestionFramer();
	expect(heard(framer, WITHOUT_END)).toEqual([]);
	expect(framer.pending).toBe(WITHOUT_END.length);
	expect(heard(framer, CR)).toEqual([asFrame]);
	expect(framer.pending).toBe(0);
});

test("a question without end mark is none, and what comes behind it is read", () => {
	const framer = createQuestionFramer();
	expect(heard(framer, WITHOUT_END, QUESTION)).toEqual([asJunk, asFrame]);
	expect(heard(framer, WITHOUT_END)).toEqual([]);
	expect(framer.flush().map(({ type }) => type)).toEqual(["junk"]);
	expect(heard(framer, CR, QUESTION)).toEqual([asFrame]);
});
