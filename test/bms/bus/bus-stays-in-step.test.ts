import { expect, test } from "vitest";
import { toyLine } from "./toy-line.ts";

test("a late answer to the question before is never taken for the one in flight", async () => {
	const line = await toyLine();
	await line.ready();
	const three = line.asking("three");
	await line.clock.advance(900);
	expect(three.error).toMatchObject({ code: "no-answer" });
	const four = line.asking("four");
	await line.clock.advance(200);
	line.send("~three=late\r");
	await line.clock.advance(30);
	expect(four.value).toBeUndefined();
	line.send("~four=4\r");
	await line.clock.advance(1);
	expect(four.value).toBe("4");
	expect(line.count("foreign")).toBe(1);
});

test("a late answer that comes while nobody asks keeps the line resting until it is quiet", async () => {
	const line = await toyLine();
	await line.ready();
	line.send("~three=la");
	line.asking("four");
	await line.clock.advance(90);
	line.send("te\r");
	await line.clock.advance(99);
	expect(line.written).toHaveLength(0);
	await line.clock.advance(1);
	expect(line.written).toHaveLength(1);
	expect(line.count("foreign")).toBe(1);
});

test("only answers to other questions: said so, after a bounded number", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	for (let n = 0; n < 10; n += 1) {
		await line.clock.advance(100);
		line.send("~b=2\r");
	}
	await line.clock.advance(1);
	expect(a.error).toMatchObject({ kind: "timeout", code: "foreign-answer" });
});

test("an echoing adapter: the echo is dropped, the answer is taken, no time is lost", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	const b = line.asking("b");
	await line.clock.advance(1);
	line.send("~?a\r");
	await line.clock.advance(30);
	line.send("~a=1\r");
	await line.clock.advance(50);
	expect(a.value).toBe("1");
	expect(line.written).toHaveLength(2);
	line.send("~?b\r~b=2\r");
	await line.clock.advance(1);
	expect(b.value).toBe("2");
	expect(line.count("echo")).toBe(2);
});

test("an echo alone is told apart from silence", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(5);
	line.send("~?a\r");
	await line.clock.advance(900);
	expect(a.error).toMatchObject({ kind: "timeout", code: "echo-only" });
});

test("garbage around and between frames is skipped and counted", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(5);
	line.send("\0\xff??~a=1\r\n");
	await line.clock.advance(1);
	expect(a.value).toBe("1");
	const junk = line.events.flatMap((event) => (event.type === "junk" ? [event.bytes] : []));
	expect(junk.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(5);
});

test("a stray line end behind an answer does not slow the next question", async () => {
	const line = await toyLine();
	await line.ready();
	line.asking("a");
	line.asking("b");
	await line.clock.advance(5);
	line.send("~a=1\r\n");
	await line.clock.advance(50);
	expect(line.written).toHaveLength(2);
});

test("bytes without any frame are told apart from silence", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(5);
	line.send("????????");
	await line.clock.advance(900);
	expect(a.error).toMatchObject({ kind: "frame", code: "no-start" });
});

test("an answer in fragments of one byte is put together", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(1);
	for (const char of "~a=fragments\r") {
		line.send(char);
		await line.clock.advance(20);
	}
	expect(a.value).toBe("fragments");
});

test("two answers glued together: the first is taken, the second does not answer the next question", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	const b = line.asking("b");
	await line.clock.advance(1);
	line.send("~a=1\r~b=stale\r");
	await line.clock.advance(99);
	expect(a.value).toBe("1");
	expect(line.written).toHaveLength(1);
	await line.clock.advance(1);
	expect(line.written).toHaveLength(2);
	expect(b.value).toBeUndefined();
	line.send("~b=fresh\r");
	await line.clock.advance(1);
	expect(b.value).toBe("fresh");
});

test("a line that is never quiet fails the question instead of holding it for ever", async () => {
	const line = await toyLine();
	const openedAt = line.clock.now();
	const a = line.asking("a");
	for (let n = 0; n < 200 && !a.error; n += 1) {
		line.send("########");
		await line.clock.advance(50);
	}
	expect(a.error).toMatchObject({ kind: "frame", code: "not-a-reply" });
	expect(line.written).toHaveLength(0);
	expect(line.clock.now() - openedAt).toBeLessThan(10_000);
});

test("the answer time runs from the request's last bit to the first byte back", async () => {
	const line = await toyLine();
	await line.ready();
	line.asking("a");
	await line.clock.advance(0);
	await line.clock.advance((4 * 10_000) / 9600 + 30);
	line.send("~a=");
	await line.clock.advance(40);
	line.send("1\r");
	await line.clock.advance(1);
	expect(line.events.find((event) => event.type === "reply")).toMatchObject({ answerTimeMs: expect.closeTo(30, 3) });
});

test("after a foreign frame the line must be quiet before the next question, though the answer came too", async () => {
	const line = await toyLine();
	await line.ready();
	line.asking("a");
	line.asking("b");
	await line.clock.advance(5);
	line.send("~x=1\r");
	line.send("~a=1\r");
	await line.clock.advance(99);
	expect(line.written).toHaveLength(1);
	await line.clock.advance(1);
	expect(line.written).toHaveLength(2);
});

test("the rest of a frame behind an answer keeps the line resting until it is quiet", async () => {
	const line = await toyLine();
	await line.ready();
	line.asking("a");
	line.asking("b");
	await line.clock.advance(5);
	line.send("~a=1\r~b=st");
	await line.clock.advance(60);
	line.send("ale\r");
	await line.clock.advance(99);
	expect(line.written).toHaveLength(1);
	await line.clock.advance(1);
	expect(line.written).toHaveLength(2);
});

test("a beginning that was left over is thrown away before the next question, and counted", async () => {
	const line = await toyLine();
	await line.ready();
	line.send("~x");
	line.asking("a");
	await line.clock.advance(100);
	expect(line.written).toHaveLength(1);
	expect(line.events).toEqual([{ type: "junk", bytes: 2, sample: expect.any(Uint8Array) }]);
});

test("without any gap a stale answer behind the awaited one still answers nothing", async () => {
	const line = await toyLine({ gapMs: 0 });
	await line.ready();
	const a = line.asking("a");
	const b = line.asking("b");
	await line.clock.advance(1);
	line.send("~a=1\r~b=stale\r");
	await line.clock.advance(50);
	expect(a.value).toBe("1");
	expect(b.value).toBeUndefined();
});

test("an echo does not count as the first byte of the answer", async () => {
	const line = await toyLine();
	await line.ready();
	line.asking("a");
	await line.clock.advance((4 * 10_000) / 9600);
	line.send("~?a\r");
	await line.clock.advance(60);
	line.send("~a=1\r");
	await line.clock.advance(1);
	expect(line.events.find((event) => event.type === "reply")).toMatchObject({ answerTimeMs: expect.closeTo(60, 3) });
});
