import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually, repository, Scene } from "./support/scene.ts";
import { packPalette, type StockNodeRed, startStockNodeRed } from "./support/stock-node-red.ts";

/** Every example flow in somebody else's Node-RED, with the palette as it is published: imported, deployed, running. */

const versions = ["5.0.7", "4.1.15"];
const shared = new Scene();
const scene = new Scene();
let packed: { readonly file: string };

interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly d?: boolean;
	readonly bank?: string;
}
interface Status {
	readonly fill?: string;
	readonly text?: string;
}

beforeAll(async () => {
	packed = packPalette(await shared.folder());
});
afterEach(() => scene.end());
afterAll(() => shared.end());

async function numberedFlows(): Promise<readonly { readonly name: string; readonly nodes: readonly FlowNode[] }[]> {
	const folder = join(repository, "dist", "palette", "examples");
	const names = (await readdir(folder)).filter((name) => /^\d+-.*\.json$/.test(name));
	return Promise.all(names.map(async (name) => ({ name, nodes: JSON.parse(await readFile(join(folder, name), "utf8")) as FlowNode[] })));
}

/** The badges of all nodes, as the editor gets them. */
function watchBadges(nodeRed: StockNodeRed): ReadonlyMap<string, Status> {
	const badges = new Map<string, Status>();
	const socket = new WebSocket(`${nodeRed.url.replace("http", "ws")}/comms`);
	scene.onEnd(() => socket.close());
	socket.addEventListener("open", () => socket.send(JSON.stringify({ subscribe: "status/#" })));
	socket.addEventListener("message", (event) => {
		const events: readonly { topic: string; data: Status }[] = [JSON.parse(String(event.data))].flat();
		for (const { topic, data } of events) if (topic.startsWith("status/")) badges.set(topic.slice("status/".length), data);
	});
	return badges;
}

describe.each(versions)("stock Node-RED %s", (version) => {
	test("runs every example flow, with every node there and its simulated battery heard", async () => {
		const flows = await numberedFlows();
		const files = (await readdir(join(repository, "flows"))).filter((name) => name.endsWith(".json"));
		expect(flows.map(({ name }) => name).sort()).toEqual(files.sort());
		const nodeRed = await startStockNodeRed(scene, version, packed.file);
		const badges = watchBadges(nodeRed);
		for (const { name, nodes } of flows) {
			await nodeRed.deploy(nodes);
			// Who publishes waits for a broker that is not there.
			const ours = nodes.filter(({ d, bank, type }) => d !== true && bank !== undefined && type !== "rack-battery-discovery");
			expect(ours.length, name).toBeGreaterThan(0);
			await eventually(`${name}: every node of ours reads the simulated battery`, () => {
				const found = ours.map(({ id, type }) => `${type}: ${badges.get(id)?.text ?? "nothing"}`);
				const waiting = found.filter((text) => !/\.simulated$/.test(text) || /\.connecting\./.test(text));
				if (waiting.length > 0) throw new Error(waiting.join("; "));
				return true;
			});
			const state = await nodeRed.json("/flows");
			expect(state.length, name).toBe(nodes.length);
		}
		expect(nodeRed.process.output()).not.toMatch(/missing node types|Waiting for missing types|\[error\]|Uncaught/i);
		const ending = await nodeRed.process.end("SIGINT", 15_000);
		expect(ending.tookMs).toBeLessThan(3000);
	}, 300_000);
});
