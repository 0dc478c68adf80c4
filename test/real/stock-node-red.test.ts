import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { repository, Scene } from "./support/scene.ts";
import { type DebugMessage, packPalette, type StockNodeRed, startStockNodeRed } from "./support/stock-node-red.ts";

/** The palette as its users get it: packed, and installed into a Node-RED that knows nothing of our server. */

const newest = "5.0.7";
const versions = [newest, "4.1.15"];
const types = ["rack-battery", "rack-battery-telemetry", "rack-battery-alarm", "rack-battery-discovery"];
const palette = join(repository, "dist", "palette");
const shared = new Scene();
const scene = new Scene();
let packed: { readonly file: string; readonly entries: readonly string[] };

beforeAll(async () => {
	packed = packPalette(await shared.folder());
});
afterEach(() => scene.end());
afterAll(() => shared.end());

interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly [key: string]: unknown;
}

/** The palette's example flows that show a simulated battery: a telemetry node wired to a debug node. The others are in flows.test.ts. */
async function simulatedExamples(): Promise<readonly { readonly name: string; readonly nodes: readonly FlowNode[] }[]> {
	const folder = join(palette, "examples");
	const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
	const examples = await Promise.all(
		files.map(async (name) => ({ name, nodes: JSON.parse(await readFile(join(folder, name), "utf8")) as FlowNode[] })),
	);
	return examples.filter(
		({ nodes }) =>
			nodes.some((node) => node.type === "rack-battery" && node.source === "simulator") &&
			nodes.some((node) => node.type === "rack-battery-telemetry" && wiredTo(node).some((id) => typeOf(nodes, id) === "debug")),
	);
}

const wiredTo = ({ wires }: FlowNode): readonly string[] => (Array.isArray(wires) ? wires.flat() : []);
const typeOf = (nodes: readonly FlowNode[], id: string) => nodes.find((node) => node.id === id)?.type;

/** Every stateOfCharge in a message, however deep. */
function statesOfCharge(value: unknown): number[] {
	if (value === null || typeof value !== "object") return [];
	return Object.entries(value).flatMap(([key, inner]) =>
		key === "stateOfCharge" && typeof inner === "number" ? [inner] : statesOfCharge(inner),
	);
}

test("the packed palette holds our nodes and no server, and needs at most six packages", async () => {
	const manifest = JSON.parse(await readFile(join(palette, "package.json"), "utf8"));
	const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies });
	expect(manifest.name).toBe("node-red-contrib-rack-battery");
	expect(dependencies.length).toBeLessThanOrEqual(6);
	for (const excluded of ["node-red", "express", "aedes"]) expect(dependencies).not.toContain(excluded);
	expect(packed.entries.filter((path) => /node_modules|aedes|express|\.ts$|\.map$|\btest\b/.test(path))).toEqual([]);
	for (const type of types) {
		expect(packed.entries).toContain(`nodes/${type}/${type}.js`);
		expect(packed.entries).toContain(`nodes/${type}/${type}.html`);
	}
	for (const path of ["package.json", "README.md", "LICENSE"]) expect(packed.entries).toContain(path);
	const code = await Promise.all(
		packed.entries.filter((path) => path.endsWith(".js")).map((path) => readFile(join(palette, path), "utf8")),
	);
	for (const text of code) expect(text).not.toMatch(/require\(["'](node-red|express|aedes)["']\)/);
});

/** The flow with another state of charge in its simulated batteries, so that what arrives can only come from there. */
function withStateOfCharge(nodes: readonly FlowNode[], percent: number): readonly FlowNode[] {
	return nodes.map((node) => (node.type === "rack-battery" ? { ...node, simStateOfCharge: percent } : node));
}

async function receivesStateOfCharge(nodeRed: StockNodeRed, nodes: readonly FlowNode[], percent: number): Promise<void> {
	const carriesIt = (message: DebugMessage) => message.format.startsWith("Object") && statesOfCharge(JSON.parse(message.msg)).length > 0;
	const received = nodeRed.debug("a message with the SOC", carriesIt, 45_000);
	const [message] = await Promise.all([received, nodeRed.deploy(withStateOfCharge(nodes, percent))]);
	for (const seen of statesOfCharge(JSON.parse(message.msg))) expect(Math.abs(seen - percent)).toBeLessThanOrEqual(1);
}

describe.each(versions)("stock Node-RED %s", (version) => {
	test("installs the palette, deploys its example and receives the simulated battery's SOC", async () => {
		const examples = await simulatedExamples();
		expect(examples.length, "examples that run without any hardware").toBeGreaterThan(0);
		const nodeRed = await startStockNodeRed(scene, version, packed.file);
		expect((await nodeRed.json("/settings")).version).toBe(version);
		for (const excluded of ["node-red", "@node-red", "express", "aedes"]) expect(await nodeRed.installedPackages()).not.toContain(excluded);

		const sets: readonly { module: string; enabled: boolean; err?: unknown; types: readonly string[] }[] = await nodeRed.json("/nodes");
		const ours = sets.filter((set) => set.module === "node-red-contrib-rack-battery");
		expect(ours.map((set) => set.err).filter((error) => error !== undefined)).toEqual([]);
		expect(ours.every((set) => set.enabled)).toBe(true);
		expect(ours.flatMap((set) => set.types).sort()).toEqual(expect.arrayContaining([...types].sort()));

		for (const [index, { nodes }] of examples.entries()) await receivesStateOfCharge(nodeRed, nodes, 37 + index);
		expect(nodeRed.process.output()).not.toMatch(/missing node types|Waiting for missing types|\[error\]|Uncaught/i);

		const ending = await nodeRed.process.end("SIGINT", 15_000);
		expect(ending.tookMs, "Node-RED waits for nodes that do not close").toBeLessThan(3000);
	}, 240_000);
});

test("without the native serial module the palette runs over TCP, and says what is missing only when a serial port is asked for", async () => {
	const nodeRed = await startStockNodeRed(scene, newest, packed.file, ["--omit=optional"]);
	expect(await nodeRed.installedPackages()).not.toContain("serialport");
	const [example] = await simulatedExamples();
	const nodes = example?.nodes ?? [];
	await receivesStateOfCharge(nodeRed, nodes, 58);
	expect(nodeRed.process.output()).not.toMatch(/serialport/i);

	await nodeRed.deploy(nodes.map((node) => (node.type === "rack-battery" ? { ...node, source: "own", port: "/dev/ttyUSB0" } : node)));
	const [words] = await nodeRed.process.line(/serialport/i);
	expect(words).toBeDefined();
	expect(nodeRed.process.output()).toMatch(/Serial ports cannot be used here/);
	expect(nodeRed.process.output()).not.toMatch(/Uncaught|\n\s+at .*:\d+:\d+/);
}, 240_000);

test("the server's own flow in a stock Node-RED says in words what to do", async () => {
	const nodeRed = await startStockNodeRed(scene, newest, packed.file);
	const flow = JSON.parse(await readFile(join(repository, "flows", "1-battery-to-home-assistant.json"), "utf8"));
	await nodeRed.deploy(flow);
	await nodeRed.process.line(/\[(error|warn)\].*(own|simulator)/i);
	expect(nodeRed.process.output()).not.toMatch(/Uncaught|missing types|\n\s+at .*:\d+:\d+/);
}, 240_000);
