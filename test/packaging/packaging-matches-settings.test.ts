import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { settingPaths } from "../../src/config/config.ts";
import { environmentName } from "../../src/config/environment.ts";

/** The ways to install hold no facts of their own: every name in them is one of the tables' settings. */
const root = join(import.meta.dirname, "..", "..");
const text = (path: string) => readFileSync(join(root, "packaging", path), "utf8");
const yaml = (path: string) => load(text(path)) as Readonly<Partial<Record<string, Readonly<Record<string, unknown>>>>>;
const VARIABLES = new Set(settingPaths().map(({ section, key }) => environmentName(section, key)));
const variablesIn = (content: string) => [...new Set(content.match(/RACK_BATTERY_[A-Z_]+[A-Z]/g) ?? [])];

describe("the Home Assistant app", () => {
	const config = yaml("home-assistant-app/config.yaml");
	const options = Object.keys(config.options ?? {});

	it("has a default, a check, a word in every language and a setting for each option", () => {
		const run = text("home-assistant-app/run.mjs");
		expect(options.length).toBeGreaterThan(5);
		expect(Object.keys(config.schema ?? {})).toEqual(options);
		expect([...run.matchAll(/^\t(\w+): "RACK_BATTERY_/gm)].map(([, option]) => option)).toEqual(options);
		for (const language of ["en", "de"]) {
			const words = yaml(`home-assistant-app/translations/${language}.yaml`).configuration ?? {};
			expect(Object.keys(words)).toEqual(options);
			for (const word of Object.values(words)) expect(word).toMatchObject({ name: expect.any(String), description: expect.any(String) });
		}
	});

	it("lets in Home Assistant's ingress on the port it asks for, and opens no port of the machine", () => {
		expect(config.ingress).toBe(true);
		expect(config.ingress_port).toBe(1881);
		expect(config.ports).toBeUndefined();
		expect(text("home-assistant-app/run.mjs")).toContain('RACK_BATTERY_SERVER_INGRESS_FROM = "172.30.32.2"');
	});

	it("has the version of the package", () => {
		const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
		expect(config.version).toBe(version);
	});
});

describe("settings in the environment", () => {
	it.each(["home-assistant-app/run.mjs", "docker/Dockerfile", "docker/compose.yaml", "systemd/rack-battery.service"])("%s", (path) => {
		const unknown = variablesIn(text(path)).filter((name) => !VARIABLES.has(name));
		expect(unknown).toEqual([]);
	});
});

describe("the Compose file", () => {
	const { services = {}, volumes = {} } = yaml("docker/compose.yaml");
	const service = (name: string) => (services[name] ?? {}) as { readonly volumes?: readonly string[]; readonly restart?: string };

	it("keeps what must last, and starts again by itself", () => {
		for (const name of Object.keys(services)) expect(service(name).restart).toBe("unless-stopped");
		expect(service("rack-battery").volumes).toEqual(["rack-battery:/data"]);
		expect(Object.keys(volumes)).toEqual(["mosquitto", "rack-battery"]);
	});

	it("does not start without a password: its port is open to the house", () => {
		expect(text("docker/compose.yaml")).toMatch(/RACK_BATTERY_SERVER_PASSWORD: \$\{RACK_BATTERY_SERVER_PASSWORD:\?/);
	});
});
