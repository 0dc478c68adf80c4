import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildAdu, buildRead, MAX_ADU_BYTES } from "../../../../src/bms/protocol/modbus/modbus-frame.ts";
import { createModbusFramer } from "../../../../src/bms/protocol/modbus/modbus-framer.ts";

const list = (bytes: Uint8Array) => [...bytes];
const answer = (registers: number, unit = 1) =>
	buildAdu(unit, 3, Uint8Array.from([2 * registers, ...new Array<number>(2 * registers).fill(7)]));
const message = fc.oneof(
	fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 125 })).map(([unit, count]) => buildRead(unit, count, count)),
	fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 125 })).map(([unit, count]) => answer(count, unit)),
	fc.integer({ min: 1, max: 15 }).map((unit) => buildAdu(unit, 0x83, Uint8Array.from([2]))),
);

function run(...chunks: readonly Uint8Array[]) {
	const framer = createModbusFramer();
	const events = chunks.flatMap((chunk) => [...framer.push(chunk)]);
	const flushed = framer.flush();
	const of = (type: "frame" | "junk", from: typeof events) => from.filter((event) => event.type === type).map((event) => list(event.bytes));
	return { framer, frames: of("frame", events), flushed: of("frame", [...flushed]), junk: of("junk", [...events, ...flushed]).flat() };
}

describe("the Modbus framer", () => {
	it("finds every message, however the bytes are cut and joined", () => {
		fc.assert(
			fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 40 }), (messages, size) => {
				const bytes = messages.flatMap(list);
				const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
					Uint8Array.from(bytes.slice(index * size, (index + 1) * size)),
				);
				expect(run(...chunks)).toMatchObject({ frames: messages.map(list), junk: [] });
			}),
		);
	});

	it("finds the message after noise, at the latest when the line falls silent", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 20 }), message, (noise, sound) => {
				const { frames, flushed, junk } = run(noise, sound);
				const found = [...frames, ...flushed];
				// Noise may by chance make a message with the bytes after it; what is sound is among the frames or swallowed by one.
				const bytes = found.flat().length + junk.length;
				expect(bytes).toBe(noise.length + sound.length);
				expect(found.map(String)).toContain(String(list(sound)));
			}),
			{ numRuns: 300 },
		);
	});

	it("hands over a damaged answer at a silence, so that the check can name the damage", () => {
		const damaged = answer(10);
		damaged[5] = 0;
		expect(run(damaged)).toMatchObject({ frames: [], flushed: [list(damaged)], junk: [] });
		expect(run(damaged.subarray(0, 12))).toMatchObject({ frames: [], flushed: [], junk: list(damaged.subarray(0, 12)) });
	});

	it("never throws, loses no byte and holds no more than one message", () => {
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (chunks) => {
				const framer = createModbusFramer();
				const events = chunks.flatMap((chunk) => [...framer.push(chunk)]);
				expect(framer.pending).toBeLessThanOrEqual(MAX_ADU_BYTES);
				events.push(...framer.flush());
				expect(framer.pending).toBe(0);
				expect(events.flatMap((event) => list(event.bytes))).toEqual(chunks.flatMap(list));
			}),
		);
	});
});
