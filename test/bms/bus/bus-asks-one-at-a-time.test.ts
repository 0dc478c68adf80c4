import { expect, test } from "vitest";
import { DecodeError, type TimeoutError, TransportError } from "../../../src/errors.ts";
import { ask, toyLine } from "./toy-line.ts";

const answerAll = (request: string, line: { send(bytes: Uint8Array): void }) => {
	line.send(new TextEncoder().encode(`${request.trimEnd().replace("?", "")}=1\r`));
};

test("an answer that comes before the write is done is taken", async () => {
	const line = await toyLine({}, answerAll);
	const a = line.asking("a");
	await line.ready();
	expect(a.value).toBe("1");
	expect(line.count("reply")).toBe(1);
});

test("the second question waits for the answer to the first and then for the gap", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	const b = line.asking("b");
	await line.clock.advance(300);
	expect(line.written.map(({ text }) => text)).toEqual(["~?a\r"]);
	line.send("~a=1\r");
	const answeredAt = line.clock.now();
	await line.clock.advance(49);
	expect(line.written).toHaveLength(1);
	await line.clock.advance(1);
	expect(line.written[1]).toEqual({ text: "~?b\r", at: answeredAt + 50 });
	line.send("~b=2\r");
	await line.clock.advance(0);
	expect([a.value, b.value]).toEqual(["1", "2"]);
});

test("nothing is asked before a newly opened line was quiet for 100 ms", async () => {
	const line = await toyLine();
	line.asking("a");
	await line.clock.advance(90);
	line.send("~late=1\r");
	await line.clock.advance(99);
	expect(line.written).toHaveLength(0);
	await line.clock.advance(1);
	expect(line.written).toHaveLength(1);
});

test("no first byte: the limit runs from the request's last bit and says that nobody answers", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(0);
	const wireMs = (4 * 10_000) / 9600;
	await line.clock.advance(800 + wireMs - 1);
	expect(a.error).toBeUndefined();
	await line.clock.advance(2);
	expect(a.error).toMatchObject({ kind: "timeout", code: "no-answer" });
});

test("a long answer may take longer than the first-byte limit when its bytes keep coming", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(30);
	for (const char of "~a=0123456789\r") {
		line.send(char);
		await line.clock.advance(140);
	}
	expect(a.value).toBe("0123456789");
});

test("an answer that breaks off is given up after the inter-character limit", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(30);
	line.send("~a=12");
	await line.clock.advance(149);
	expect(a.error).toBeUndefined();
	await line.clock.advance(1);
	expect((a.error as TimeoutError).code).toBe("incomplete-answer");
	expect(line.events).toContainEqual({ type: "failure", exchange: expect.anything(), error: a.error });
});

test("noise that looks like a beginning does not end the wait for the answer", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(10);
	line.send("~x");
	await line.clock.advance(300);
	line.send("~a=7\r");
	await line.clock.advance(0);
	expect(a.value).toBe("7");
	expect(line.events.filter((event) => event.type === "junk")).toEqual([{ type: "junk", bytes: 2, sample: expect.any(Uint8Array) }]);
});

test("an endless answer is given up", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(1);
	line.send("~");
	for (let n = 0; n < 200 && !a.error; n += 1) {
		line.send("x");
		await line.clock.advance(100);
	}
	expect(a.error).toMatchObject({ kind: "timeout", code: "incomplete-answer" });
});

test("a question is repeated when that can help, as often as allowed", async () => {
	const line = await toyLine({ attempts: 3 });
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(4000);
	expect(line.written).toHaveLength(3);
	expect(a.error).toMatchObject({ code: "no-answer" });
	expect(line.count("failure")).toBe(3);
});

test("one damaged frame costs one repeat", async () => {
	const line = await toyLine({ attempts: 2 });
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(1);
	line.send("~damaged\r");
	await line.clock.advance(99);
	expect(line.written).toHaveLength(1);
	await line.clock.advance(1);
	expect(line.written).toHaveLength(2);
	line.send("~a=1\r");
	await line.clock.advance(0);
	expect(a.value).toBe("1");
});

test("a refusal is not repeated and needs no quiet line", async () => {
	const line = await toyLine({ attempts: 3 });
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(1);
	line.send("~a!\r");
	line.asking("b");
	await line.clock.advance(50);
	expect(a.error).toMatchObject({ kind: "rejected", code: "refused" });
	expect(line.written.map(({ text }) => text)).toEqual(["~?a\r", "~?b\r"]);
});

test("a rule that throws becomes a decode error and the line goes on", async () => {
	const line = await toyLine();
	await line.ready();
	const broken = line.bus.request({
		...ask("a"),
		accept() {
			throw new Error("row 7");
		},
	});
	const verdict = expect(broken).rejects.toBeInstanceOf(DecodeError);
	await line.clock.advance(1);
	line.send("~a=1\r");
	await verdict;
	const b = line.asking("b");
	await line.clock.advance(100);
	line.send("~b=1\r");
	await line.clock.advance(0);
	expect(b.value).toBe("1");
});

test("a question of a person goes before those that poll, which keep their order", async () => {
	const line = await toyLine({}, answerAll);
	line.asking("a");
	line.asking("b");
	line.asking("urgent", { priority: "high" });
	await line.clock.advance(1000);
	expect(line.written.map(({ text }) => text)).toEqual(["~?urgent\r", "~?a\r", "~?b\r"]);
});

test("a withdrawn question is not asked; one on the wire runs to its end unheard", async () => {
	const line = await toyLine();
	await line.ready();
	const first = new AbortController();
	const second = new AbortController();
	const a = line.asking("a", { signal: first.signal });
	const b = line.asking("b", { signal: second.signal });
	const c = line.asking("c");
	await line.clock.advance(1);
	first.abort();
	second.abort();
	await line.clock.advance(1);
	expect(a.error).toMatchObject({ kind: "transport", code: "closed" });
	expect(b.error).toMatchObject({ kind: "transport", code: "closed" });
	expect(line.written).toHaveLength(1);
	line.send("~a=1\r");
	await line.clock.advance(60);
	expect(line.written.map(({ text }) => text)).toEqual(["~?a\r", "~?c\r"]);
	line.send("~c=3\r");
	await line.clock.advance(1);
	expect(c.value).toBe("3");
});

test("a lost line rejects everything that waits, and nothing is written any more", async () => {
	const line = await toyLine();
	await line.ready();
	const a = line.asking("a");
	const b = line.asking("b");
	await line.clock.advance(1);
	line.drop();
	await line.clock.advance(5000);
	const c = line.asking("c");
	await line.clock.advance(5000);
	for (const outcome of [a, b, c]) expect(outcome.error).toMatchObject({ kind: "transport", code: "unplugged" });
	expect(line.written).toHaveLength(1);
	expect(line.clock.pending).toBe(0);
});

test("a write on a line that is closed fails as a transport error", async () => {
	const line = await toyLine({ attempts: 3 });
	await line.ready();
	await line.transport.close();
	const a = line.asking("a");
	await line.clock.advance(1);
	expect(a.error).toBeInstanceOf(TransportError);
	expect(line.written).toHaveLength(0);
});

test("a line that takes no bytes fails in bounded time", async () => {
	const line = await toyLine({ transport: { port: "stuck", write: () => new Promise(() => {}) } });
	await line.ready();
	const a = line.asking("a");
	await line.clock.advance(900);
	expect(a.error).toMatchObject({ kind: "transport", code: "failed" });
});
