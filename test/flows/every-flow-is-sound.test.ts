import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renewed } from "../../tools/renew-flows.ts";

/** Rules that hold for every flow in flows/. */

const ROOT = join(import.meta.dirname, "..", "..");

interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly name?: string;
	readonly z?: string;
	readonly d?: boolean;
	readonly x?: number;
	readonly y?: number;
	readonly wires?: readonly (readonly string[])[];
	readonly [key: string]: unknown;
}

const files = readdirSync(join(ROOT, "flows"))
	.filter((name) => name.endsWith(".json"))
	.sort(new Intl.Collator("en", { numeric: true }).compare);
const flows = files.map((name) => ({
	name,
	number: Number.parseInt(name, 10),
	nodes: JSON.parse(readFileSync(join(ROOT, "flows", name), "utf8")) as readonly FlowNode[],
}));
const placed = (nodes: readonly FlowNode[]) => nodes.filter((node) => node.x !== undefined && node.y !== undefined);
const configurations = (nodes: readonly FlowNode[]) => nodes.filter(({ type, z }) => z === undefined && type !== "tab");

/** Nodes that keep time or go outside by themselves: everything that waits is in our nodes, which obey one clock. */
const FORBIDDEN = ["trigger", "delay", "exec", "http request", "tcp out", "udp out"];

it("the flows are numbered from 1 on, without a gap", () => {
	expect(flows.map(({ number }) => number)).toEqual(flows.map((_, index) => index + 1));
});

it("flows share their configurations, which differ in nothing but what the examples simulate, and no other node", () => {
	const shared = new Map<string, string>();
	const owners = new Map<string, string>();
	for (const { name, nodes } of flows) {
		const configs = configurations(nodes);
		for (const { ...node } of configs) {
			const facts = JSON.stringify(Object.entries(node).filter(([key]) => !key.startsWith("sim")));
			expect(shared.get(node.id) ?? facts, `${name}: ${node.type}`).toBe(facts);
			shared.set(node.id, facts);
		}
		for (const { id } of nodes.filter((node) => !configs.includes(node))) {
			expect(owners.get(id), `${id} of ${name}`).toBeUndefined();
			owners.set(id, name);
		}
	}
});

describe.each(flows)("$name", ({ name, number, nodes }) => {
	it("has one tab with a description, and a comment that says what to change", () => {
		const tabs = nodes.filter(({ type }) => type === "tab");
		expect(tabs).toHaveLength(1);
		expect(String(tabs[0]?.info).length).toBeGreaterThan(30);
		const comments = nodes.filter(({ type }) => type === "comment");
		expect(comments.map(({ name: label }) => label)).toEqual([expect.stringMatching(/^What to change/)]);
		expect(String(comments[0]?.info)).toMatch(/Bank/);
	});

	it("hangs together", () => {
		const ids = nodes.map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		const references = nodes
			.flatMap(({ z, bank, ha, wires }) => [z, bank, ha, ...(wires ?? []).flat()])
			.filter((id) => id !== undefined && id !== "");
		expect(references.filter((id) => !ids.includes(String(id)))).toEqual([]);
	});

	it("brings every property of our nodes, so that the editor shows no empty field", () => {
		for (const node of nodes) expect(node, "run node tools/renew-flows.ts").toEqual(renewed(node));
	});

	it("takes the bank of the server, and switches and notifies nothing before its user enables that", () => {
		for (const { source } of nodes.filter(({ type }) => type === "rack-battery")) expect(source).toBe("server");
		for (const { d, name: label } of nodes.filter(({ type }) => type === "rack-battery-ha-action")) expect(d, label).toBe(true);
		expect(nodes.filter(({ type }) => FORBIDDEN.includes(type))).toEqual([]);
		const code = nodes.filter(({ type }) => type === "function").map(({ func }) => String(func));
		for (const text of code) {
			expect(text).not.toMatch(/setTimeout|setInterval|Date\.now|new Date\(\)/);
			expect(text.split("\n").length, "a function that long is a node").toBeLessThanOrEqual(30);
		}
		expect(JSON.stringify(nodes)).not.toMatch(/password|"token"|credentials/i);
	});

	it("can be seen: every debug beside what it shows, no two nodes on one place", () => {
		const all = placed(nodes);
		for (const node of all) {
			expect(node.x, node.name).toBeGreaterThan(0);
			const same = all.filter((other) => other !== node && Math.abs((other.y ?? 0) - (node.y ?? 0)) < 40);
			// Half of the shortest node is 50 wide.
			for (const other of same)
				expect(Math.abs((other.x ?? 0) - (node.x ?? 0)), `${node.name} and ${other.name}`).toBeGreaterThanOrEqual(100);
		}
	});

	it("has its page with a picture", () => {
		expect(readFileSync(join(ROOT, "docs", "flows.md"), "utf8")).toContain(`flows/${name}`);
		expect(existsSync(join(ROOT, "docs", "flows", `${number}.png`))).toBe(true);
	});
});
