import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildFrame, checkFrame, frameChecksum, hexOf, lengthChecksum, textOf } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import { CAPTURES, replyOf, requestOf } from "./captures.ts";

/** A real reply (pack count 2). */
const REPLY = "~25014600E00202FD35";

const codeOf = (frame: string) => {
	const check = checkFrame(frame);
	return check.ok ? "ok" : check.error.code;
};
/** The frame with another body and the checksum that belongs to it. */
const resealed = (body: string) => `~${body}${hexOf(frameChecksum(body), 4)}`;

describe("checksums", () => {
	it("give the worked values of the documents", () => {
		// rs232-v25 §2.1, §2.2
		expect([lengthChecksum(0x012), lengthChecksum(0x04c), lengthChecksum(0)]).toEqual([0xd, 0, 0]);
		expect(frameChecksum("25014642E00201")).toBe(0xfd30);
		expect(frameChecksum("1203400356ABCEFE")).toBe(0xfc72);
	});
});

describe("the frame check", () => {
	it("accepts every genuine frame and gives back its bytes", () => {
		let count = 0;
		for (const capture of CAPTURES.filter(({ protocol, category }) => protocol === "ascii-0x25" && !category.startsWith("bad"))) {
			for (const text of [requestOf(capture), replyOf(capture)]) {
				const check = checkFrame(text ?? "");
				if (!check.ok) continue;
				expect(textOf(buildFrame(check.frame))).toBe(`${text?.trim()}\r`);
				count++;
			}
		}
		expect(count).toBeGreaterThan(200);
	});

	it("names the first thing that is wrong, in a fixed order", () => {
		expect(codeOf(REPLY)).toBe("ok");
		expect(codeOf(REPLY.slice(1))).toBe("no-start");
		expect(codeOf("")).toBe("no-start");
		expect(codeOf(REPLY.replace("46", "4G"))).toBe("not-hex");
		expect(codeOf("~2501")).toBe("length");
		expect(codeOf(REPLY.replace("E002", "F002"))).toBe("length-checksum");
		expect(codeOf(REPLY.replace("E002", "C004"))).toBe("length");
		expect(codeOf(`${REPLY}35`)).toBe("length");
		expect(codeOf(REPLY.replace("E00202", "E00203"))).toBe("checksum");
		expect(codeOf(resealed("20014600E00202"))).toBe("version");
		expect(codeOf(resealed("25014A00E00202"))).toBe("chemistry");
		// Half a byte: the length field agrees with the characters, but not with bytes.
		expect(codeOf(resealed(`25014600${hexOf(lengthChecksum(3), 1)}003020`))).toBe("length");
		// Several wrongs: the earlier one is named.
		expect(codeOf(REPLY.replace("25", "20").replace("E002", "F002"))).toBe("length-checksum");
		expect(codeOf(REPLY.replace("25", "20"))).toBe("checksum");
	});

	it("reads lower case, and needs no end mark", () => {
		// Lower case by the sender, whose checksum is of what it sent, or by somebody's log.
		expect(codeOf(resealed("25014600e00202"))).toBe("ok");
		expect(codeOf(REPLY.toLowerCase())).toBe("ok");
		expect(codeOf(`${REPLY}\r`)).toBe("ok");
		expect(codeOf(`${REPLY}\r\n`)).toBe("ok");
	});

	it("compares the checksum as a number: leading zeros are digits", () => {
		// 16 cells, 6 probes, 9 packs: the checksum of such a reply begins with 0.
		const block = "100CC70CC80CC70CC70CC70CC50CC60CC70CC70CC60CC70CC60CC60CC70CC60CC7060B9B0B990B990B990BB30BBCFF1FCCCD12D303286A008C2710";
		const info = `0009${block.repeat(9)}`;
		const text = textOf(
			buildFrame({ address: 1, code: 0, info: Uint8Array.from(info.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) }),
		);
		expect(text.slice(-5, -4)).toBe("0");
		expect(codeOf(text)).toBe("ok");
	});

	it("keeps INFO beside a return code that says no", () => {
		// Captured: a refused switch command (rs232-v25 §2.3).
		expect(checkFrame("~25004609E00204FD2B")).toMatchObject({ ok: true, frame: { address: 0, code: 9, info: Uint8Array.of(4) } });
	});

	it("says what could be read of a damaged envelope", () => {
		expect(checkFrame(REPLY.replace("FD35", "FD36"))).toMatchObject({
			envelope: { version: 0x25, address: 1, chemistry: 0x46, code: 0, info: Uint8Array.of(2) },
		});
		expect(checkFrame("~2501")).toMatchObject({ envelope: { version: 0x25, address: 1 } });
	});

	it("builds what it accepts, up to the longest INFO", () => {
		fc.assert(
			fc.property(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 2047 }), (address, code, info) => {
				expect(checkFrame(buildFrame({ address, code, info }))).toEqual({
					ok: true,
					frame: { version: 0x25, address, chemistry: 0x46, code, info },
				});
			}),
		);
		expect(() => buildFrame({ address: 1, code: 0, info: new Uint8Array(2048) })).toThrow(RangeError);
	});

	it("refuses every frame with one character changed", () => {
		const digits = "0123456789ABCDEF~G\r";
		fc.assert(
			fc.property(fc.nat(REPLY.length - 1), fc.constantFrom(...digits), (place, digit) => {
				fc.pre(REPLY[place] !== digit);
				expect(codeOf(REPLY.slice(0, place) + digit + REPLY.slice(place + 1))).not.toBe("ok");
			}),
		);
	});
});
