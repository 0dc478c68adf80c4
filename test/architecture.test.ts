import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Who may import whom. A module is the folder (or file) of the longest matching prefix; every module may use
 * the shared base (errors, logger, clock, settings, languages, nearest, help-table) and itself. A new edge is a design decision: make it here.
 */
const BASE = ["src/errors", "src/logger", "src/clock", "src/settings", "src/languages", "src/nearest", "src/help-table"];
const MAY_IMPORT: Record<string, readonly string[]> = {
	"src/errors": [],
	"src/logger": [],
	"src/clock": [],
	"src/settings": [],
	"src/languages": [],
	"src/nearest": [],
	"src/help-table": [],
	"src/bms/battery": [],
	"src/bms/codec": [],
	"src/bms/address-list": [],
	"src/bms/options": ["src/bms/address-list"],
	"src/bms/bank": ["src/bms/battery", "src/bms/command", "src/bms/transport"],
	"src/bms/protocol": ["src/bms/battery", "src/bms/codec"],
	"src/bms/command": ["src/bms/battery", "src/bms/protocol"],
	"src/bms/transport": [],
	"src/bms/bus": ["src/bms/transport", "src/bms/protocol"],
	"src/bms/driver": ["src/bms/battery", "src/bms/protocol", "src/bms/transport", "src/bms/bus", "src/bms/options", "src/bms/address-list"],
	"src/bms/probe": ["src/bms/battery", "src/bms/protocol", "src/bms/transport", "src/bms/bus", "src/bms/driver", "src/bms/options"],
	"src/bms/open-bank": [
		"src/bms/battery",
		"src/bms/protocol",
		"src/bms/transport",
		"src/bms/bus",
		"src/bms/driver",
		"src/bms/probe",
		"src/bms/options",
		"src/bms/address-list",
		"src/bms/bank",
		"src/bms/command",
	],
	"src/bank-registry": ["src/bms/battery", "src/bms/bank", "src/bms/options", "src/discovery/options", "src/dry-contact/options"],
	"src/mqtt-link": ["src/bank-registry"],
	"src/discovery": ["src/bms/battery", "src/bms/bank", "src/bms/command", "src/mqtt-link", "src/bank-registry"],
	"src/dry-contact": ["src/bms/battery", "src/bms/bank", "src/mqtt-link", "src/words"],
	"src/load-shedding": ["src/bms/battery", "src/words"],
	"src/autonomy": ["src/bms/battery"],
	"src/generator": [],
	"src/home-assistant": [],
	"src/notification": ["src/bms/battery", "src/words"],
	"src/words": ["src/bms/battery"],
	"src/storage": ["src/bms/battery", "src/bms/command"],
	"src/simulator": ["src/bms/battery", "src/bms/codec", "src/bms/protocol", "src/bms/transport"],
	"src/config": ["src/bms/options", "src/discovery/options", "src/dry-contact/options", "src/simulator/options", "src/server/options"],
	"src/server": ["src/bms/battery", "src/bms/bank", "src/bms/command", "src/bank-registry", "src/simulator", "src/config"],
	"src/index": [
		"src/bms",
		"src/simulator",
		"src/discovery",
		"src/dry-contact",
		"src/mqtt-link",
		"src/storage",
		"src/bank-registry",
		"src/load-shedding",
		"src/autonomy",
		"src/generator",
		"src/home-assistant",
		"src/notification",
		"src/words",
	],
	"src/cli": ["src/index", "src/server", "src/simulator", "src/config", "src/bms", "src/bank-registry"],
	nodes: ["src/index", "nodes/lib"],
};

/** Packages that only one place may touch. */
const PACKAGE_HOMES: Record<string, readonly string[]> = {
	serialport: ["src/bms/transport"],
	koffi: ["src/bms/transport/ring-indicator"],
	"node:net": ["src/bms/transport", "src/simulator", "src/server"],
	mqtt: ["src/mqtt-link"],
	express: ["src/server"],
	"node-red": ["src/server", "nodes"],
	aedes: ["src/server"],
	ajv: ["src/config", "src/server"],
	"homeassistant-ws": ["src/home-assistant"],
};

const ROOT = resolve(import.meta.dirname, "..");

function sourceFiles(folder: string): string[] {
	return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
		.map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

function importsOf(file: string): string[] {
	const text = readFileSync(join(ROOT, file), "utf8");
	return [...text.matchAll(/(?:from\s+|import\s*\(\s*|import\s+)"([^"]+)"/g)].map((match) => match[1] ?? "");
}

const isWithin = (path: string, module: string) => path === module || path.startsWith(`${module}/`) || path.startsWith(`${module}.`);

function moduleOf(path: string): string | undefined {
	return Object.keys(MAY_IMPORT)
		.filter((module) => isWithin(path, module))
		.sort((a, b) => b.length - a.length)[0];
}

const files = [...sourceFiles("src"), ...sourceFiles("nodes")];

describe("architecture", () => {
	it("has a place in the import matrix for every file", () => {
		expect(files.filter((file) => moduleOf(file) === undefined)).toEqual([]);
		expect(files.length).toBeGreaterThan(20);
	});

	it("imports only as the matrix allows", () => {
		const forbidden = files.flatMap((file) => {
			const module = moduleOf(file) ?? file;
			const allowed = [...BASE, ...(MAY_IMPORT[module] ?? []), module];
			return importsOf(file)
				.filter((name) => name.startsWith("."))
				.map((name) =>
					relative(ROOT, resolve(ROOT, dirname(file), name))
						.split(sep)
						.join("/"),
				)
				.filter((target) => !allowed.some((name) => isWithin(target, name)))
				.map((target) => `${file} imports ${target}`);
		});
		expect(forbidden).toEqual([]);
	});

	it("keeps each package in its one home", () => {
		const strays = files.flatMap((file) =>
			importsOf(file)
				.filter((name) => {
					const homes = PACKAGE_HOMES[name];
					return homes !== undefined && !homes.some((home) => isWithin(file, home));
				})
				.map((name) => `${file} imports ${name}`),
		);
		expect(strays).toEqual([]);
	});

	it("reads the environment in one place only", () => {
		const readers = files.filter((file) => /process\.env/.test(readFileSync(join(ROOT, file), "utf8")));
		expect(readers.filter((file) => file !== "src/config/load-config.ts")).toEqual([]);
	});

	it("has no logic file over 300 lines", () => {
		const isTable = (file: string) => /conditions|ascii-commands|entities|verdict-words/.test(file);
		const long = files.filter((file) => !isTable(file) && readFileSync(join(ROOT, file), "utf8").split("\n").length > 301);
		expect(long).toEqual([]);
	});

	it("has no file that is a bag", () => {
		expect(files.filter((file) => /(^|\/)(utils?|helpers?|types|constants|misc|common)\.ts$/.test(file))).toEqual([]);
	});
});
