import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { support } from "../../src/cli/support.ts";
import { settingPaths } from "../../src/config/config.ts";
import { defaultsOf } from "../../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import { startSimulatedLine } from "../../src/simulator/tcp-line.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

async function folderWith(settings: object): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "support-"));
	ends.push(() => rm(folder, { recursive: true }));
	await writeFile(join(folder, "rack-battery.json"), JSON.stringify(settings));
	return folder;
}

async function run(args: readonly string[], folder: string, environment: Readonly<Record<string, string>> = {}) {
	const [stdout, stderr] = [new PassThrough(), new PassThrough()];
	const texts = [stdout, stderr].map((stream) => {
		let text = "";
		stream.on("data", (chunk: Buffer) => {
			text += chunk.toString();
		});
		return () => text;
	});
	const code = await support(args, { stdin: new PassThrough(), stdout, stderr }, { folder, environment });
	return { code, out: texts[0]?.() ?? "", errors: texts[1]?.() ?? "" };
}

/** A server that wants the password, and chatters about it. */
async function chattyServer(password: string) {
	const server = createServer((request, response) => {
		const login = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
		response.statusCode = request.headers.authorization === login ? 200 : 401;
		response.end(
			JSON.stringify({
				banks: [{ snapshot: { link: { state: "silent" } } }],
				note: `login with ${password}`,
				url: "mqtt://me:my/p@ss@10.0.0.1",
			}),
		);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	ends.push(() => new Promise((resolve) => server.close(resolve)));
	return (server.address() as AddressInfo).port;
}

const SECRETS = { server: "hunter2-of-the-server", mqtt: "hunter3/of@the broker" };

describe("rack-battery support", () => {
	it("holds versions, settings, ports and what the server says, and no secret value anywhere", async () => {
		const port = await chattyServer(SECRETS.server);
		const folder = await folderWith({
			bank: { name: "Shed", port: "/dev/ttyUSB7" },
			mqtt: { url: `mqtt://user:${SECRETS.mqtt}@10.0.0.1:1883` },
			server: { port, password: SECRETS.server },
		});
		const { code, out } = await run([], folder);
		expect(code).toBe(0);
		const bundle = JSON.parse(out);
		expect(bundle).toMatchObject({
			...{
				format: 1,
				node: process.version,
				settingsFile: "rack-battery.json",
				settingsProblem: null,
				origin: "real",
				probe: null,
				traffic: [],
			},
			settings: { "bank.name": "Shed", "bank.port": "/dev/ttyUSB7", "server.password": "(hidden)", "mqtt.password": "(hidden)" },
			server: { problem: null, status: { banks: [{ snapshot: { link: { state: "silent" } } }], url: "mqtt://(hidden)@10.0.0.1" } },
		});
		for (const secret of Object.values(SECRETS)) {
			for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) expect(out).not.toContain(form);
		}
		expect(out).not.toMatch(/hunter|my\/p/);
	});

	it("hides every setting that its table marks as secret", async () => {
		const secret = settingPaths().filter(({ row }) => row.secret);
		expect(secret.length).toBeGreaterThan(1);
		const settings: Record<string, Record<string, string>> = {};
		for (const { section, key } of secret) settings[section] = { ...settings[section], [key]: "xyzzy" };
		const { out } = await run(["--server", "http://127.0.0.1:1"], await folderWith(settings));
		expect(out).not.toContain("xyzzy");
		for (const { section, key } of secret) expect(JSON.parse(out).settings[`${section}.${key}`]).toBe("(hidden)");
	});

	it("goes on when the settings cannot be used or the server is away, and says so", async () => {
		const folder = await folderWith({ bank: { baudRate: "fast" }, server: { password: "xyzzy" } });
		const { code, out, errors } = await run(["--server", "http://u:xyzzy@127.0.0.1:1"], folder);
		expect(code).toBe(0);
		expect(JSON.parse(out)).toMatchObject({
			settings: null,
			settingsProblem: expect.stringContaining("bank.baudRate") as string,
			server: {
				url: "http://127.0.0.1:1",
				status: null,
				recent: null,
				problem: expect.stringMatching(/^No server answers.*not in here/) as string,
			},
		});
		expect(errors).toMatch(/^No server answers at http:\/\/127\.0\.0\.1:1 /);
		expect(out).not.toContain("xyzzy");
	});

	it("captures a line with every byte and the verdict, into a new file", async () => {
		const line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), packs: 1, baudRate: 0, answerDelayMs: 0 });
		ends.push(() => line.stop());
		const folder = await folderWith({});
		const output = join(folder, "support.json");
		const args = ["--server", "http://127.0.0.1:1", "--port", line.port, "--capture", "20", "--output", output];
		const { code, errors } = await run(args, folder);
		expect(code).toBe(0);
		expect(errors).toMatch(/wake a sleeping pack[\s\S]*Found the main pack[\s\S]*Written to/);
		const bundle = JSON.parse(await readFile(output, "utf8"));
		expect(bundle.probe).toMatchObject({ found: true, packs: [{ address: 1 }] });
		expect(bundle.traffic[0]).toMatchObject({ direction: "sent", hex: expect.stringMatching(/^7E 32 35 30 31/) as string });
		expect(bundle.traffic[1]).toMatchObject({ direction: "received", hex: expect.stringMatching(/^7E 32 35 30 31.* 0D$/) as string });
		const again = await run(args.slice(0, 2).concat(args.slice(-2)), folder);
		expect(again).toMatchObject({ code: 1, errors: expect.stringMatching(/cannot be written/) as string });
	});

	it.each([
		[["--sever", "x"], /did you mean --server\?/],
		[["--capture", "1"], /from 5 to 120/],
		[["--capture", "30"], /needs --port/],
		[["--capture", "30", "--port", "ttyUSB0"], /write \/dev\/ttyUSB0/],
		[["--server", "localhost"], /must be an address/],
		[["now"], /not understood/],
	])("refuses %j in words", async (args, words) => {
		const { code, errors } = await run(args, await folderWith({}));
		expect(code).toBe(2);
		expect(errors).toMatch(words);
	});
});
