import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildFrame, checkFrame, textOf } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import { createAsciiFramer, MAX_FRAME_CHARACTERS } from "../../../src/bms/protocol/ascii/ascii-framer.ts";
import { bytes, CAPTURES, replyOf } from "./captures.ts";

const FRAMES = CAPTURES.filter(({ protocol }) => protocol === "ascii-0x25").flatMap((capture) => {
	const reply = replyOf(capture)?.trim();
	return reply && checkFrame(reply).ok ? [reply] : [];
});
const frame = fc.constantFrom(...FRAMES);
const REPLY = "~25014600E00202FD35";

/** Pushes text in pieces and tells what came out. */
function run(...chunks: string[]) {
	const framer = createAsciiFramer();
	const events = chunks.flatMap((chunk) => [...framer.push(bytes(chunk))]);
	const texts = (type: "frame" | "junk") => events.filter((event) => event.type === type).map((event) => textOf(event.bytes));
	return { framer, frames: texts("frame"), junk: texts("junk").join("") };
}

describe("the framer", () => {
	it("ends a frame at its length, without waiting for the end mark", () => {
		expect(run(REPLY)).toMatchObject({ frames: [REPLY], junk: "" });
		expect(run(REPLY.slice(0, -1)).frames).toEqual([]);
		expect(run(`${REPLY}\r\n${REPLY}\r`)).toMatchObject({ frames: [REPLY, REPLY], junk: "" });
	});

	it("finds every frame, however the bytes are cut and joined", () => {
		fc.assert(
			fc.property(
				fc.array(frame, { minLength: 1, maxLength: 4 }),
				fc.constantFrom("\r", "", "\r\n"),
				fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
				(frames, end, sizes) => {
					const text = frames.map((one) => one + end).join("");
					const chunks: string[] = [];
					for (let at = 0; at < text.length; ) {
						const size = sizes.next().value;
						chunks.push(text.slice(at, at + size));
						at += size;
					}
					expect(run(...chunks)).toMatchObject({ frames, junk: "" });
				},
			),
		);
	});

	it("finds the frame after one that was cut at any byte", () => {
		const cut = FRAMES.find((one) => one.length > 100) ?? "";
		for (let at = 0; at < cut.length; at++) {
			expect(run(cut.slice(0, at) + REPLY).frames, `cut at ${at}`).toEqual([REPLY]);
		}
	});

	it("finds a frame whose beginning was missed only from the next start", () => {
		const missed = FRAMES[0] ?? "";
		for (let at = 1; at < missed.length; at++) {
			const { frames, junk } = run(`${missed.slice(at)}\r${REPLY}\r`);
			expect(frames).toEqual([REPLY]);
			expect(junk).toBe(missed.slice(at));
		}
	});

	it("finds frames between any noise without a start mark", () => {
		const noise = fc.uint8Array({ maxLength: 60 }).map((list) => textOf(list.filter((byte) => byte !== 0x7e)));
		fc.assert(
			fc.property(fc.array(fc.tuple(noise, frame), { maxLength: 4 }), (parts) => {
				const text = parts.map(([before, one]) => before + one).join("");
				const result = run(text);
				expect(result.frames).toEqual(parts.map(([, one]) => one));
				expect(result.junk).toBe(parts.map(([before]) => before.replace(/[\r\n]/g, "")).join(""));
			}),
		);
	});

	it("never throws, loses no byte and holds no more than one frame", () => {
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
				const framer = createAsciiFramer();
				const events = chunks.flatMap((chunk) => [...framer.push(chunk)]);
				expect(framer.pending).toBeLessThanOrEqual(MAX_FRAME_CHARACTERS);
				events.push(...framer.flush());
				expect(framer.pending).toBe(0);
				const out = events.map((event) => textOf(event.bytes)).join("");
				const sent = chunks.map(textOf).join("");
				expect(out.replace(/[\r\n]/g, "")).toBe(sent.replace(/[\r\n]/g, ""));
			}),
		);
	});

	it("gives up what can be no frame", () => {
		const endless = run(`~${"1".repeat(10_000)}`);
		expect(endless.frames).toEqual([]);
		expect(endless.framer.pending).toBeLessThanOrEqual(MAX_FRAME_CHARACTERS);
		expect(endless.junk.length + endless.framer.pending).toBe(10_001);
	});

	it("emits a damaged frame for the check to name the damage", () => {
		const damaged = (text: string) => {
			const [first = ""] = run(text).frames;
			const check = checkFrame(first);
			return check.ok ? "ok" : check.error.code;
		};
		expect(damaged(REPLY.replace("FD35", "FD36"))).toBe("checksum");
		expect(damaged(REPLY.replace("46", "4\u0007"))).toBe("not-hex");
		expect(damaged(`${REPLY.replace("E002", "F002")}\r`)).toBe("length-checksum");
		// A character lost: the end mark comes too early.
		expect(damaged(`${REPLY.replace("E00202", "C0042")}\r`)).toBe("length");
	});

	it("takes noise that is too short for a frame for noise", () => {
		expect(run("~25\r", REPLY)).toMatchObject({ frames: [REPLY], junk: "~25" });
	});

	it("gives up a pending frame when the line fell silent", () => {
		const { framer } = run("~250146");
		expect(framer.pending).toBe(7);
		expect(framer.flush()).toEqual([{ type: "junk", bytes: bytes("~250146") }]);
		expect(framer.flush()).toEqual([]);
	});

	it("hands a longest frame over whole", () => {
		const longest = textOf(buildFrame({ address: 1, code: 0, info: new Uint8Array(2047) })).trim();
		expect(run(longest.slice(0, 4000), longest.slice(4000))).toMatchObject({ frames: [longest], junk: "" });
	});
});
