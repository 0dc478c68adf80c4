import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decode } from "../../src/cli/decode.ts";

const folder = mkdtempSync(join(tmpdir(), "rack-battery-decode-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Captured: number of packs, asked and answered. */
const PAIR = "> ~250146900000FDA5\n< ~25014600E00202FD35\n";

async function run(args: readonly string[], input: readonly (string | Uint8Array)[] = []) {
	let out = "";
	let err = "";
	async function* stdin() {
		yield* input;
	}
	const io = {
		stdin: { [Symbol.asyncIterator]: stdin },
		stdout: { write: (text: string) => (out += text) },
		stderr: { write: (text: string) => (err += text) },
	};
	const code = await decode(args, io);
	const objects = () =>
		out
			.split("\n")
			.filter(Boolean)
			.map((line) => JSON.parse(line) as Record<string, unknown>);
	return { code, out, err, objects };
}

function file(name: string, content: string | Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

describe("rack-battery decode", () => {
	it("prints one object a line and ends with 0 when everything was decoded", async () => {
		for (const { code, objects } of [
			await run([file("good.txt", PAIR)]),
			await run(["-"], [PAIR]),
			await run(["--json"], [PAIR]),
			await run([], [PAIR]),
		]) {
			expect(code).toBe(0);
			expect(objects()).toMatchObject([
				{ kind: "request", command: "90", address: 1 },
				{ kind: "reply", command: "90", packCount: 2, rtn: "00", checksum: "ok" },
			]);
		}
	});

	it("ends with 1 when something could not be decoded, and goes on after it", async () => {
		const { code, objects } = await run([], [`~25014600E00202FD36\n${PAIR}`]);
		expect(code).toBe(1);
		expect(objects()).toMatchObject([
			{ error: { code: "checksum", message: expect.stringContaining("checksum") as string } },
			{},
			{ packCount: 2 },
		]);
	});

	it("knows the protocols of RS232 and RS485 in one text", async () => {
		// Captured: a Pylontech pack's serial number, a refusal over Modbus.
		const rs485 =
			"> ~20024693E00202FD2D\n< ~20024600C0220248505443523033313731313132353930F6D2\n01.03.00.00.00.08.44.0C (8)\n01 83 02 C0 F1\n";
		const { code, objects } = await run([], [PAIR + rs485]);
		expect(code).toBe(0);
		expect(objects().map(({ protocol, kind }) => `${String(protocol)} ${String(kind)}`)).toEqual(
			["ascii-0x25", "ascii-0x20", "modbus-rtu"].flatMap((protocol) => [`${protocol} request`, `${protocol} reply`]),
		);
		expect(objects()[3]).toMatchObject({ serial: "HPTCR03171112590" });
		expect(objects()[5]).toMatchObject({ rtn: "02", register: 0, rejection: { code: "unknown-command" } });
	});

	it("joins lines that arrive in pieces, text or bytes, with or without a last line end", async () => {
		const pieces = [...PAIR.trim()].map((character) => Buffer.from(character));
		expect((await run([], pieces)).objects()).toHaveLength(2);
		expect((await run([], [PAIR.slice(0, 30), PAIR.slice(30)])).objects()).toHaveLength(2);
	});

	it("takes any bytes without stopping", async () => {
		const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256);
		const { code, objects } = await run([file("noise.bin", bytes)]);
		expect(code).toBe(1);
		expect(objects().every(({ error }) => error !== undefined)).toBe(true);
		expect((await run([], ["7E ".repeat(10_000), "~".repeat(20_000)])).code).toBe(1);
	});

	it("helps", async () => {
		for (const flag of ["--help", "-h"]) {
			const { code, out } = await run([flag]);
			expect(code).toBe(0);
			expect(out).toContain("rack-battery decode [--json] [FILE|-]");
		}
	});

	it("ends with 2 when used wrongly or when the file cannot be read", async () => {
		expect(await run(["--xml"])).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--xml") as string });
		expect(await run(["one", "two"])).toMatchObject({ code: 2, err: expect.stringContaining("two") as string });
		const missing = await run([join(folder, "missing.txt")]);
		expect(missing).toMatchObject({ code: 2, err: expect.stringContaining("missing.txt") as string });
		expect(missing.err).not.toContain("    at ");
		expect((await run([folder])).code).toBe(2);
	});

	it("does nothing with an empty input", async () => {
		expect(await run([], [])).toMatchObject({ code: 0, out: "" });
	});
});
