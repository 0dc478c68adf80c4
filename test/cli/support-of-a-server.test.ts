import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, expect, it } from "vitest";
import { BankRegistry } from "../../src/bank-registry.ts";
import { openBank } from "../../src/bms/open-bank.ts";
import { BANK_SETTINGS } from "../../src/bms/options.ts";
import { support } from "../../src/cli/support.ts";
import { secretsOf, settingPaths } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createConsoleLogger, silentLogger } from "../../src/logger.ts";
import { startHttpServer } from "../../src/server/http-server.ts";
import { createLogRing } from "../../src/server/log-ring.ts";
import { defaultsOf } from "../../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import { startSimulatedLine } from "../../src/simulator/tcp-line.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

/** A value for every text setting that takes any text; each is a secret of its own, awkward in addresses and in JSON. */
const plant = (section: string, key: string) => `hush-${section}-${key} "/@`;

/** The settings of a server whose every secret is set, as the owner would give them: passwords, and one within an address. */
function plantedSettings() {
	const secret = settingPaths().filter(({ row }) => row.secret);
	expect(secret.map(({ section, key }) => `${section}.${key}`)).toEqual(["mqtt.password", "server.password"]);
	const given = secret.flatMap(({ section, key }) => ["--set", `${section}.${key}=${plant(section, key)}`]);
	return loadConfig([...given, "--set", "mqtt.url=mqtt://me:hush-in-address@10.0.0.1:1883"], { folder: "/nowhere", environment: {} });
}

/** A server as composed, without Node-RED: its pages, a simulated battery on a true line, and a log that chatters. */
async function startChattyServer(flowSecrets: readonly string[]) {
	const { config } = plantedSettings();
	const line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), packs: 1, baudRate: 0, answerDelayMs: 0 });
	ends.push(() => line.stop());
	const bank = openBank({ ...defaultsOf(BANK_SETTINGS), port: line.port }, { origin: "simulated", logger: silentLogger });
	ends.push(() => bank.close());
	await new Promise<void>((heard) => {
		const stop = bank.subscribe((_snapshot, _events, cycle) => {
			if (!cycle) return;
			stop();
			heard();
		});
	});
	const registry = new BankRegistry();
	registry.add(bank);
	const log = createLogRing();
	const secrets = [...secretsOf(config), ...flowSecrets];
	const logger = createConsoleLogger({ write: log.add });
	for (const secret of secrets) logger.warn(`login with ${secret} failed: http://me:${encodeURIComponent(secret)}@10.0.0.2/`);
	const http = await startHttpServer({
		...{ host: "127.0.0.1", port: 0, password: config.server.password, hostNames: [], registry, simulatorApi: null, logger },
		facts: {
			...{ version: "1", bankId: "bank", origin: "simulated", replay: null, hasOwnBroker: false },
			...{ brokerUrl: config.mqtt.url, editorPath: "/red/" },
		},
		pageFolder: resolve(import.meta.dirname, "../../src/server/page"),
		support: { log, secrets: () => secrets },
		clock: bank.clock,
	});
	ends.push(() => http.stop());
	return { port: http.port, password: config.server.password };
}

async function run(args: readonly string[]) {
	const folder = await mkdtemp(join(tmpdir(), "support-"));
	ends.push(() => rm(folder, { recursive: true }));
	const [stdout, stderr] = [new PassThrough(), new PassThrough()];
	let [out, errors] = ["", ""];
	stdout.on("data", (chunk: Buffer) => {
		out += chunk.toString();
	});
	stderr.on("data", (chunk: Buffer) => {
		errors += chunk.toString();
	});
	const code = await support(args, { stdin: new PassThrough(), stdout, stderr }, { folder, environment: {} });
	return { code, out, errors };
}

it("has the last lines of the log and the frames of the line with time and direction, and none of the planted secrets", async () => {
	const token = "hush-token-of-home-assistant";
	const { port, password } = await startChattyServer([token]);
	// Another folder: of the server's settings nothing is known here.
	const { code, out, errors } = await run(["--server", `http://127.0.0.1:${port}`, "--password", password]);
	expect({ code, errors }).toEqual({ code: 0, errors: "" });
	const { server } = JSON.parse(out);
	expect(server).toMatchObject({ problem: null, status: { banks: [{ snapshot: { id: "bank" } }] } });
	expect(server.recent.log).toHaveLength(3);
	expect(server.recent.log[2]).toMatch(/^\d{4}-.* warn \[rack-battery\] login with \(hidden\) failed: http:\/\/\(hidden\)@10\.0\.0\.2\/$/);
	const [{ id, frames, framesDropped }] = server.recent.banks;
	expect({ id, framesDropped }).toEqual({ id: "bank", framesDropped: 0 });
	expect(frames[0]).toEqual({
		at: expect.any(Number) as number,
		direction: "sent",
		hex: expect.stringMatching(/^7E 32 35 .* 0D$/) as string,
	});
	expect(frames[1]).toMatchObject({ direction: "received", hex: expect.stringMatching(/^7E 32 35 .* 0D$/) as string });
	expect(out).not.toMatch(/hush/);
	expect(out.length).toBeLessThan(1_000_000);
});

it("is refused by the server without its password, and says so in the bundle and at the terminal", async () => {
	const { port } = await startChattyServer([]);
	const { code, out, errors } = await run(["--server", `http://127.0.0.1:${port}`]);
	expect(code).toBe(0);
	expect(errors).toMatch(/wants its password \(--password\)/);
	expect(JSON.parse(out).server).toMatchObject({ status: null, recent: null, problem: errors.trim() });
});
