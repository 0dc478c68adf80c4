import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../../../src/bms/codec/byte-reader.ts";
import { ByteWriter } from "../../../src/bms/codec/byte-writer.ts";
import { decode, decodeAll, encode, type Layout, sizeOfLayout } from "../../../src/bms/codec/layout.ts";
import { DecodeError } from "../../../src/errors.ts";

const EVERY_KIND = [
	{ name: "cells", type: "u16", perUnit: 1000, counted: { min: 1, max: 24 } },
	{ name: "probes", type: "u16", perUnit: 10, zero: 2730, absent: 0x8000, counted: { min: 0, max: 16 } },
	{ name: "current", type: "i16", perUnit: 100 },
	{ name: "small", type: "u8" },
	{ name: "wide", type: "u32", perUnit: 100 },
	{ name: "status", type: "bits", label: "S", bits: { 0: "low", 3: "high" } },
	{ name: "balancing", type: "flags", bytes: 2 },
] as const satisfies Layout;

const rawBytes = fc
	.record({
		cells: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 24 }),
		probes: fc.array(fc.nat(0xffff), { maxLength: 16 }),
		rest: fc.uint8Array({ minLength: 10, maxLength: 10 }),
	})
	.map(({ cells, probes, rest }) => {
		const writer = new ByteWriter();
		for (const list of [cells, probes]) {
			writer.unsigned(list.length, 1);
			for (const raw of list) writer.unsigned(raw, 2);
		}
		writer.put(rest);
		return writer.toBytes();
	});

describe("a layout", () => {
	it("writes exactly the bytes it read, whatever they are", () => {
		fc.assert(
			fc.property(rawBytes, (bytes) => {
				expect(encode(EVERY_KIND, decodeAll(EVERY_KIND, bytes))).toEqual(bytes);
			}),
		);
	});

	it("reads raw steps as clean decimals", () => {
		const decimals = (perUnit: number, raw: number) =>
			decodeAll([{ name: "x", type: "u16", perUnit }], Uint8Array.of(raw >> 8, raw & 255)).x;
		fc.assert(
			fc.property(fc.nat(0xffff), fc.constantFrom(10, 100, 1000), (raw, perUnit) => {
				expect(String(decimals(perUnit, raw)).replace(/^\d+\.?/, "").length).toBeLessThanOrEqual(Math.log10(perUnit));
			}),
		);
		expect(decimals(1000, 3271)).toBe(3.271);
	});

	it("reads steps of more than one unit, and sizes told with either sign", () => {
		const steps = [{ name: "x", type: "u8", unitsPerStep: 25 }] as const;
		expect(decodeAll(steps, Uint8Array.of(12)).x).toBe(300);
		expect(encode(steps, { x: 300 })).toEqual(Uint8Array.of(12));
		const size = [{ name: "x", type: "i16", magnitude: true }] as const;
		expect(decodeAll(size, Uint8Array.of(0xff, 0x97)).x).toBe(105);
		expect(decodeAll(size, Uint8Array.of(0, 0x69)).x).toBe(105);
		expect(encode(size, { x: 105 })).toEqual(Uint8Array.of(0, 0x69));
	});

	it("writes no more than a field may carry, though the wire had room", () => {
		const limited = [{ name: "x", type: "u16", maxRaw: 255 }] as const;
		expect(encode(limited, { x: 255 })).toEqual(Uint8Array.of(0, 255));
		expect(() => encode(limited, { x: 256 })).toThrow(RangeError);
	});

	it("reads negative numbers exactly", () => {
		const read = (high: number, low: number) => decodeAll([{ name: "x", type: "i16", perUnit: 100 }], Uint8Array.of(high, low)).x;
		expect(read(0xfb, 0x2e)).toBe(-12.34);
		expect(read(0xff, 0xff)).toBe(-0.01);
		expect(read(0x92, 0xa0)).toBe(-280);
		expect(read(0x7f, 0xff)).toBe(327.67);
	});

	it("reads the value for 'not there' as null and writes it back", () => {
		const layout = [{ name: "x", type: "u16", perUnit: 10, zero: 2730, absent: 0x8000 }] as const;
		expect(decodeAll(layout, Uint8Array.of(0x80, 0))).toEqual({ x: null });
		expect(encode(layout, { x: null })).toEqual(Uint8Array.of(0x80, 0));
		expect(decodeAll(layout, Uint8Array.of(0x0a, 0xaa))).toEqual({ x: 0 });
	});

	it("names set bits, and those without a name by their place", () => {
		const layout = [{ name: "s", type: "bits", label: "W1", bits: { 0: "low" } }] as const;
		expect(decodeAll(layout, Uint8Array.of(0x81))).toEqual({ s: ["low", "W1.7"] });
	});

	it("numbers flags from the first byte's least significant bit", () => {
		expect(decodeAll([{ name: "b", type: "flags", bytes: 2 }], Uint8Array.of(0x81, 0x02))).toEqual({ b: [1, 8, 10] });
	});

	it("reads padded text, printable characters only", () => {
		const layout = [{ name: "t", type: "ascii", length: 6 }] as const;
		const text = (...codes: number[]) => decodeAll(layout, Uint8Array.from(codes)).t;
		expect(text(0x41, 0x42, 0x20, 0x20, 0, 0)).toBe("AB");
		expect(text(0x41, 0x07, 0x42, 0xff, 0, 0)).toBe("AB");
		expect(text(0, 0, 0, 0, 0x20, 0x20)).toBeNull();
		expect(decodeAll(layout, encode(layout, { t: "A b" })).t).toBe("A b");
	});

	it("names the row that does not fit", () => {
		const failure = (bytes: Uint8Array) => {
			try {
				return decodeAll(EVERY_KIND, bytes);
			} catch (error) {
				return error instanceof DecodeError ? [error.code, error.context.row] : error;
			}
		};
		expect(failure(Uint8Array.of(2, 0, 1, 0))).toEqual(["too-short", "cells"]);
		expect(failure(Uint8Array.of(25))).toEqual(["wrong-shape", "cells"]);
		expect(failure(Uint8Array.of(0))).toEqual(["wrong-shape", "cells"]);
		expect(failure(Uint8Array.of(1, 0, 1, 17))).toEqual(["wrong-shape", "probes"]);
		expect(failure(new Uint8Array(30).fill(1))).toEqual(["too-long", undefined]);
	});

	it("refuses to write what the wire cannot carry", () => {
		const write = (layout: Layout, value: Record<string, unknown>) => () => encode(layout, value as never);
		expect(write([{ name: "x", type: "u8" }], { x: 256 })).toThrow(RangeError);
		expect(write([{ name: "x", type: "i16" }], { x: -32769 })).toThrow(RangeError);
		expect(write([{ name: "x", type: "u16" }], { x: null })).toThrow(RangeError);
		expect(write([{ name: "x", type: "u8", counted: { min: 1, max: 2 } }], { x: [] })).toThrow(RangeError);
		expect(write([{ name: "x", type: "ascii", length: 2 }], { x: "abc" })).toThrow(RangeError);
		expect(write([{ name: "x", type: "bits", label: "X", bits: {} }], { x: ["other"] })).toThrow(RangeError);
		expect(write([{ name: "x", type: "flags", bytes: 1 }], { x: [9] })).toThrow(RangeError);
	});

	it("knows its size", () => {
		expect(sizeOfLayout(EVERY_KIND)).toBe(3 + 1 + 2 + 1 + 4 + 1 + 2);
	});
});

describe("the byte cursor", () => {
	it("advances and says where it stopped", () => {
		const reader = new ByteReader(Uint8Array.of(0xff, 0xfe, 1, 2, 3, 4));
		expect([reader.signed(2), reader.unsigned(4), reader.remaining, reader.offset]).toEqual([-2, 0x01020304, 0, 6]);
		expect(() => reader.unsigned(1)).toThrow(DecodeError);
	});

	it("reads from an offset what a layout in the middle needs", () => {
		expect(decode([{ name: "x", type: "u8" }], new ByteReader(Uint8Array.of(1, 2, 3), 1))).toEqual({ x: 2 });
	});
});

describe("rows of other protocols", () => {
	const ROWS = [
		{ name: "large", type: "u24", perUnit: 1000 },
		{ name: "cells", type: "u16", perUnit: 1000, times: 3 },
		{ name: "word", type: "bits", label: "R9", bytes: 2, bits: { 0: "low", 15: "high" } },
		{ name: "balancing", type: "flags", bytes: 2, lowest: "last" },
	] as const;
	const BYTES = Uint8Array.from([0x04, 0x2e, 0x6e, 0x0c, 0xe4, 0x0c, 0xe5, 0x0c, 0xe6, 0x90, 0x01, 0x40, 0x01]);
	const VALUE = { large: 274.03, cells: [3.3, 3.301, 3.302], word: ["low", "R9.12", "high"], balancing: [1, 15] } as const;

	it("read three bytes, fixed counts, words of bits and big-endian flags, and write them back", () => {
		expect(decodeAll(ROWS, BYTES)).toEqual(VALUE);
		expect(encode(ROWS, VALUE)).toEqual(BYTES);
	});

	it("write neither another count nor a bit that a word does not have", () => {
		expect(() => encode(ROWS, { ...VALUE, cells: [3.3] })).toThrow(RangeError);
		expect(() => encode(ROWS, { ...VALUE, word: ["R9.16"] })).toThrow(RangeError);
	});
});
