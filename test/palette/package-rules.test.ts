import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../src/index.ts";

/** The built palette by the rules of Node-RED's own check of packages, and ours. */

const ROOT = join(import.meta.dirname, "..", "..");
// Inside the repository, so that the built nodes find the packages they need.
const palette = mkdtempSync(join(ROOT, "node_modules", ".rack-battery-palette-"));
const build = (into: string) =>
	spawnSync(process.execPath, [join(ROOT, "tools", "build-palette.mjs"), into], { cwd: ROOT, encoding: "utf8" });
const read = (...path: readonly string[]) => readFileSync(join(palette, ...path), "utf8");
const filesOf = (folder: string) =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.sort();

// biome-ignore lint/suspicious/noExplicitAny: a manifest; each test reads what it asserts
let manifest: any;
interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly z?: string;
	readonly wires?: readonly (readonly string[])[];
	readonly [key: string]: unknown;
}
const examples = () =>
	readdirSync(join(palette, "examples")).map((name) => ({ name, nodes: JSON.parse(read("examples", name)) as readonly FlowNode[] }));
const types = () => Object.keys(manifest["node-red"].nodes);

beforeAll(() => {
	const { status, stderr } = build(palette);
	expect(stderr).toBe("");
	expect(status).toBe(0);
	manifest = JSON.parse(read("package.json"));
});
afterAll(() => rmSync(palette, { recursive: true, force: true }));

describe("the palette's package", () => {
	it("has name, version, licence, keyword and what it runs on", () => {
		const root = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
		expect(manifest).toMatchObject({ name: "node-red-contrib-rack-battery", version: root.version, license: "MIT" });
		expect(VERSION).toBe(root.version);
		expect(manifest.keywords).toContain("node-red");
		expect(manifest["node-red"].version).toBe(">=4.1.0");
		expect(manifest.engines.node).toBe(">=20.19");
	});

	it("says where to report problems as soon as it may be published", () => {
		const root = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
		expect(root.private === true || manifest.repository !== undefined || manifest.bugs !== undefined).toBe(true);
	});

	it("needs at most six packages, the native serial driver only where it can be had, and no server", () => {
		const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies });
		expect(dependencies.length).toBeLessThanOrEqual(6);
		expect(Object.keys(manifest.dependencies)).not.toContain("serialport");
		expect(Object.keys(manifest.optionalDependencies)).toEqual(["serialport"]);
		expect(dependencies.filter((name) => ["node-red", "express", "aedes"].includes(name))).toEqual([]);
	});

	it("holds README and licence, and only what belongs into it", () => {
		const files = filesOf(palette);
		for (const file of ["README.md", "LICENSE", "package.json"]) expect(files).toContain(file);
		expect(files.filter((file) => !/\.(js|html|json|svg)$|^README\.md$|^LICENSE$/.test(file))).toEqual([]);
	});

	it("is the same when it is built again", () => {
		const again = mkdtempSync(join(tmpdir(), "rack-battery-palette-"));
		try {
			expect(build(again).status).toBe(0);
			expect(filesOf(again)).toEqual(filesOf(palette));
			for (const file of filesOf(again)) expect(readFileSync(join(again, file), "utf8"), file).toBe(read(file));
		} finally {
			rmSync(again, { recursive: true, force: true });
		}
	});
});

describe("its nodes", () => {
	it("are those of the folders of nodes/, each with editor part, texts and help", () => {
		const folders = readdirSync(join(ROOT, "nodes")).filter((name) => existsSync(join(ROOT, "nodes", name, `${name}.html`)));
		expect(new Set(types())).toEqual(new Set(folders));
		for (const type of types()) {
			expect(manifest["node-red"].nodes[type]).toBe(`nodes/${type}/${type}.js`);
			for (const file of [`${type}.html`, `locales/en-US/${type}.json`, `locales/en-US/${type}.html`])
				expect(read("nodes", type, file)).not.toBe("");
		}
	});

	it("register their type as a literal, in the runtime and in the editor", () => {
		for (const type of types()) {
			expect(read("nodes", type, `${type}.js`)).toMatch(new RegExp(`registerType\\("${type}",`));
			expect(read("nodes", type, `${type}.html`)).toMatch(new RegExp(`registerType\\("${type}", \\{`));
		}
	});

	it("have all they share with other nodes written into their editor part, once", () => {
		for (const type of types()) {
			const html = read("nodes", type, `${type}.html`);
			expect(html, type).not.toMatch(/shared:/);
			expect(html.match(/\.rack-battery-form \.form-row label \{/g), type).toHaveLength(1);
			const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
			expect(script, type).not.toMatch(/^\s*(import|export)\b/m);
			for (const [, name] of script.matchAll(/\b(isEmpty|isNumberOf|showChosen|showServerTip)\(/g))
				expect(script.match(new RegExp(`function ${name}\\(`, "g")), `${name} of ${type}`).toHaveLength(1);
		}
	});

	it("offer packs 0 to 15 and the three languages wherever one is chosen", () => {
		const offered = (type: string, id: string) => {
			const select = new RegExp(`<select id="${id}">([\\s\\S]*?)</select>`).exec(read("nodes", type, `${type}.html`))?.[1] ?? "";
			return [...select.matchAll(/<option value="([^"]+)"/g)].map(([, value]) => value);
		};
		const packs = Array.from({ length: 16 }, (_, pack) => String(pack));
		for (const name of ["telemetry", "alarm", "contact"])
			expect(offered(`rack-battery-${name}`, "node-input-pack"), name).toEqual(["all", ...packs]);
		for (const contact of ["fault", "lowBattery"])
			expect(offered("rack-battery", `node-config-input-${contact}WiredTo`), contact).toEqual(["bank", ...packs]);
		const asking = types().filter((type) => read("nodes", type, `${type}.html`).includes('id="node-input-language"'));
		expect(asking.length).toBeGreaterThan(3);
		for (const type of asking) expect(offered(type, "node-input-language"), type).toEqual(["auto", "en-US", "de", "zh-CN"]);
	});

	it("have the icons they name", () => {
		for (const type of types()) {
			const icon = /icon: "([^"]+)"/.exec(read("nodes", type, `${type}.html`))?.[1];
			if (icon) expect(read("nodes", type, "icons", icon)).toContain("<svg");
			else expect(read("nodes", type, `${type}.html`)).toContain('category: "config"');
		}
	});

	it("share one library, and load by require as Node-RED 4.1 does", () => {
		const require = createRequire(join(palette, "package.json"));
		for (const type of types()) {
			const code = read("nodes", type, `${type}.js`);
			expect(code).toContain('require("../../lib/rack-battery.js")');
			expect(code).not.toContain("class BmsError");
			expect(typeof require(`./nodes/${type}/${type}.js`).default).toBe("function");
		}
	});

	it("load the serial driver only when a serial port is opened", () => {
		const library = read("lib", "rack-battery.js");
		expect(library).toContain('import("serialport")');
		expect(library).not.toContain('require("serialport")');
	});
});

describe("its examples", () => {
	it("show every node that is no configuration", () => {
		const shown = examples().flatMap(({ nodes }) => nodes.map(({ type }) => type));
		const placed = types().filter((type) => !read("nodes", type, `${type}.html`).includes('category: "config"'));
		expect(placed.filter((type) => !shown.includes(type))).toEqual([]);
	});

	it("run without a battery and without our server", () => {
		for (const { name, nodes } of examples()) {
			for (const node of nodes.filter(({ type }) => type === "rack-battery")) expect(node.source, name).toBe("simulator");
			for (const node of nodes.filter(({ type }) => type === "rack-battery-discovery")) expect(node.broker, name).toBe("own");
		}
	});

	it("hang together, hold no secrets, and may be imported side by side", () => {
		const all = examples().flatMap(({ nodes }) => nodes);
		expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
		const banks = all.filter(({ type }) => type === "rack-battery").map(({ bankId }) => bankId);
		expect(new Set(banks).size).toBe(banks.length);
		for (const { name, nodes } of examples()) {
			const ids = nodes.map(({ id }) => id);
			const references = nodes.flatMap(({ z, bank, wires }) => [z, bank, ...(wires ?? []).flat()]).filter((id) => id !== undefined);
			expect(
				references.filter((id) => !ids.includes(String(id))),
				name,
			).toEqual([]);
			expect(JSON.stringify(nodes), name).not.toMatch(/password|credentials/i);
		}
	});
});

describe("the flow of the server", () => {
	const nodes = JSON.parse(readFileSync(join(ROOT, "flows", "1-battery-to-home-assistant.json"), "utf8")) as readonly FlowNode[];
	const ofType = (type: string) => nodes.filter((node) => node.type === type);

	it("takes battery and broker from the server, and shows telemetry and alarms", () => {
		expect(ofType("rack-battery").map(({ source }) => source)).toEqual(["server"]);
		expect(ofType("rack-battery-discovery").map(({ broker }) => broker)).toEqual(["server"]);
		const shown = nodes
			.filter(({ type }) => type === "rack-battery-telemetry" || type === "rack-battery-alarm")
			.flatMap(({ wires }) => (wires ?? []).flat());
		expect(shown.every((id) => nodes.find((node) => node.id === id)?.type === "debug")).toBe(true);
		expect(ofType("comment")[0]?.info).toMatch(/--port/);
	});
});
