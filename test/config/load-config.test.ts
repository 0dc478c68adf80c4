import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_CONFIG, settingPaths } from "../../src/config/config.ts";
import { environmentName } from "../../src/config/environment.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/errors.ts";

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "rack-battery-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (args: string[] = [], environment: Record<string, string> = {}) => loadConfig(args, { environment, folder });
const file = (content: unknown, name = "rack-battery.json") =>
	writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));

function problemsOf(run: () => unknown): readonly { path: string; message: string }[] {
	try {
		run();
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigError);
		if (error instanceof ConfigError) return error.context.problems ?? [];
	}
	throw new Error("the settings were accepted");
}
const messageOf = (run: () => unknown): string => {
	try {
		run();
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
	throw new Error("the settings were accepted");
};

describe("settings", () => {
	it("are the defaults when nobody gives any: a simulated bank", () => {
		const { config, origin, settingsFile } = load();
		expect(config).toEqual(DEFAULT_CONFIG);
		expect(origin).toBe("simulated");
		expect(settingsFile).toBeNull();
	});

	it("are overridden by file, then environment, then command line", () => {
		file({ bank: { name: "file", gapMs: 60, attempts: 3 }, mqtt: { cellEntities: false } });
		const { config, settingsFile } = load(["--name", "option"], { RACK_BATTERY_BANK_NAME: "environment", RACK_BATTERY_BANK_GAP_MS: "70" });
		expect(config.bank).toMatchObject({ name: "option", gapMs: 70, attempts: 3 });
		expect(config.mqtt.cellEntities).toBe(false);
		expect(settingsFile).toBe("rack-battery.json");
	});

	it("can each be given by the environment", () => {
		for (const { section, key, row } of settingPaths()) {
			const path = `${section}.${key}`;
			const text =
				path === "bank.port"
					? "COM7"
					: path === "mqtt.url"
						? "mqtt://broker:1883"
						: path === "server.host"
							? "127.0.0.2"
							: row.type === "boolean"
								? String(!row.default)
								: row.type === "string"
									? "choices" in row && row.choices
										? (row.choices.at(-1) ?? "")
										: "pattern" in row && "example" in row
											? row.example
											: "something"
									: String(row.maximum);
			const { config } = load([], { [environmentName(section, key)]: text });
			expect(String((config[section] as Record<string, unknown>)[key]), path).toBe(text);
		}
	});

	it("name the real battery by --port, serial or gateway", () => {
		for (const port of ["/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI_x", "COM3", "tcp://192.168.1.20:8899", "tcp://[fe80::1]:8899"]) {
			const { config, origin } = load(["--port", port]);
			expect(config.bank.port).toBe(port);
			expect(origin).toBe("real");
		}
	});

	it("refuse a port that is none, and say what would be right", () => {
		for (const port of ["ttyUSB0", "tcp://192.168.1.20", "tcp://gateway:99999", "http://x:1", "COM0", ""]) {
			const [problem] = problemsOf(() => load(["--port", port]));
			expect(problem?.path).toBe("bank.port");
			expect(problem?.message).toContain("(from --port)");
			expect(problem?.message).toMatch(/tcp:\/\/192\.168\.1\.20:8899/);
		}
	});

	it("take any other setting by --set", () => {
		expect(load(["--set", "simulator.cells=8", "--set=mqtt.cellEntities=no"]).config).toMatchObject({
			simulator: { cells: 8 },
			mqtt: { cellEntities: false },
		});
	});

	it("give a simulated bank as many packs as --packs says, unless told otherwise", () => {
		expect(load(["--packs", "4"]).config).toMatchObject({ bank: { packs: 4 }, simulator: { packs: 4 } });
		expect(load(["--packs", "4", "--set", "simulator.packs=3"]).config.simulator.packs).toBe(3);
		expect(load(["--packs", "4", "--port", "COM1"]).config.simulator.packs).toBe(DEFAULT_CONFIG.simulator.packs);
	});

	it("read a file with a byte order mark and a $schema", () => {
		file('\uFEFF{"$schema": "x", "bank": {"packs": 3}}');
		expect(load().config.bank.packs).toBe(3);
	});

	it("take another file by --settings or RACK_BATTERY_SETTINGS, and say when it is missing", () => {
		file({ bank: { packs: 5 } }, "other.json");
		expect(load(["--settings", "other.json"]).config.bank.packs).toBe(5);
		expect(load([], { RACK_BATTERY_SETTINGS: "other.json" }).config.bank.packs).toBe(5);
		expect(messageOf(() => load(["--settings", "gone.json"]))).toMatch(/gone\.json.*there is no such file/);
	});

	it("say line and column of a syntax error", () => {
		file('{\n  "bank": {\n    "packs": 3,\n  }\n}');
		expect(messageOf(() => load())).toMatch(/rack-battery\.json is not JSON: line 4, column 3/);
		file('{\n  "bank": {');
		expect(messageOf(() => load())).toMatch(/line 2, column 12/);
	});

	it("report every problem at once, each with its path, its source and what would be right", () => {
		file({ bank: { packs: 99, protocol: "modbus", portt: "COM1" }, mqqt: { url: "x" }, server: 5 });
		const problems = problemsOf(() =>
			load(["--http-port", "abc", "--colour", "red"], { RACK_BATTERY_BANK_GAPMS: "60", RACK_BATTERY_MQTT_HEARTBEAT_SECONDS: "1" }),
		);
		const words = new Map(problems.map(({ path, message }) => [path, message]));
		expect(words.get("bank.packs")).toBe("(from rack-battery.json): 99 must be a whole number from 0 to 15");
		expect(words.get("bank.protocol")).toContain('"modbus" must be one of "ascii-0x25", ');
		expect(words.get("bank.portt")).toContain("did you mean bank.port?");
		expect(words.get("mqqt")).toContain("did you mean mqtt?");
		expect(words.get("server")).toContain("group of settings in braces");
		expect(words.get("server.port")).toBe('(from --http-port): "abc" must be a whole number from 0 to 65535');
		expect(words.get("--colour")).toContain("is no option");
		expect(words.get("RACK_BATTERY_BANK_GAPMS")).toContain("did you mean RACK_BATTERY_BANK_GAP_MS?");
		expect(words.get("mqtt.heartbeatSeconds")).toBe(
			"(from RACK_BATTERY_MQTT_HEARTBEAT_SECONDS): 1 must be a whole number from 30 to 3600 s",
		);
		const message = messageOf(() => load(["--http-port", "abc"]));
		expect(message).toContain("server.port (from --http-port)");
	});

	it("notice an option without its value", () => {
		expect(problemsOf(() => load(["--port", "--mqtt", "mqtt://x"]))).toContainEqual({ path: "--port", message: "needs a value after it" });
		expect(problemsOf(() => load(["--port"]))).toContainEqual({ path: "--port", message: "needs a value after it" });
	});

	it("notice options that npm took because -- was missing", () => {
		const words = problemsOf(() =>
			load(["/dev/ttyUSB0"], { npm_lifecycle_event: "start", npm_config_port: "true", npm_config_http_port: "99" }),
		);
		expect(words.map(({ path }) => path)).toEqual(["--port", "--http-port", "/dev/ttyUSB0"]);
		expect(words[0]?.message).toContain("npm start -- --port");
		expect(load([], { npm_lifecycle_event: "test", npm_config_port: "true" }).origin).toBe("simulated");
	});

	it("are not changed by names from JavaScript's prototypes", () => {
		file('{"bank": {"__proto__": {"packs": 7}, "constructor": 1}, "toString": {}}');
		const paths = problemsOf(() => load()).map(({ path }) => path);
		expect(paths).toContain("bank.constructor");
		expect(paths).toContain("bank.__proto__");
		expect(paths).toContain("toString");
	});
});

describe("secrets", () => {
	it("are taken out of the broker's address", () => {
		const { config } = load(["--mqtt", "mqtt://user:p%40ss@host:1883"]);
		expect(config.mqtt).toMatchObject({ url: "mqtt://host:1883", username: "user", password: "p@ss" });
		expect(load(["--mqtt", "mqtt://u:a/b@c@host"]).config.mqtt).toMatchObject({ url: "mqtt://host", username: "u", password: "a/b@c" });
	});

	it("give way to a user name or password of a stronger source", () => {
		const { config } = load(["--mqtt", "mqtt://user:pass@host"], { RACK_BATTERY_MQTT_USERNAME: "weaker" });
		expect(config.mqtt.username).toBe("user");
		file({ mqtt: { url: "mqtt://user:pass@host" } });
		expect(load([], { RACK_BATTERY_MQTT_USERNAME: "stronger" }).config.mqtt).toMatchObject({ username: "stronger", password: "pass" });
	});

	it("are in no message, whatever is wrong with them or around them", () => {
		file({ server: { password: 12345678 }, mqtt: { password: ["hunter2"] } });
		const message = messageOf(() =>
			load(["--mqtt", "mqt:/user:hunter2@host", "--set", "mqtt.discovery=x"], { RACK_BATTERY_SERVER_ALLOWED_HOSTS: "http://x" }),
		);
		expect(message).not.toContain("hunter2");
		expect(message).not.toContain("12345678");
		expect(message).toContain("server.password (from rack-battery.json): the value given must be a text");
		expect(messageOf(() => load(["--mqtt", "user:hunter2@host:1883"]))).not.toContain("hunter2");
		expect(messageOf(() => load(["--mqtt", "http://user:hunter2@host:1883"]))).not.toContain("hunter2");
	});
});

describe("settings that only fail together", () => {
	it("another address than this machine's own needs a password", () => {
		const problems = problemsOf(() => load(["--host", "0.0.0.0"]));
		expect(problems).toEqual([{ path: "server.password", message: expect.stringMatching(/needed when other machines may connect/) }]);
		expect(load(["--host", "0.0.0.0", "--password", "secret words"]).config.server.host).toBe("0.0.0.0");
		for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) expect(load(["--host", host]).config.server.host).toBe(host);
	});

	it("a scenario and a faster time are for the simulated battery only", () => {
		const paths = (...args: string[]) => problemsOf(() => load(args)).map(({ path }) => path);
		expect(paths("--scenario", "normal-day", "--time-factor", "60", "--port", "COM1")).toEqual([
			"simulator.scenario",
			"simulator.timeFactor",
		]);
		expect(paths("--scenario", "normal-day", "--replay", "x.json")).toEqual(["simulator.scenario"]);
		expect(paths("--time-factor", "601")).toEqual(["simulator.timeFactor"]);
		const { config, origin } = load(["--scenario", "normal-day", "--time-factor", "600"]);
		expect([origin, config.simulator.scenario, config.simulator.timeFactor]).toEqual(["simulated", "normal-day", 600]);
	});

	it("a replay and a real battery exclude each other", () => {
		expect(problemsOf(() => load(["--replay", "x.json", "--port", "COM1"]))[0]?.path).toBe("simulator.replay");
		expect(load(["--replay", "x.json"]).origin).toBe("replayed");
	});

	it("a broker's address must be one", () => {
		for (const url of ["192.168.1.10", "http://host", "mqtt://", "mqtt://host/path", "mqtt://host?x=1"])
			expect(problemsOf(() => load(["--mqtt", url]))[0]?.path, url).toBe("mqtt.url");
	});
});
