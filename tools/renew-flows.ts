// Gives every node of ours in flows/ the properties its editor keeps, each new one with the editor's default, and takes away
// those it keeps no longer: run it after adding a setting (node tools/renew-flows.ts, then npm run format).
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

const ROOT = join(import.meta.dirname, "..");

type Defaults = Readonly<Record<string, { readonly value: unknown }>>;
type FlowNode = Readonly<Record<string, unknown>> & { readonly type: string };

/** What every node has beside its own properties. */
const COMMON = ["id", "type", "z", "d"];
const PLACE = ["x", "y", "wires"];

/** The properties that the editor part of a node type registers; null for types that are not ours. */
export function editorDefaults(type: string): Defaults | null {
	const file = join(ROOT, "nodes", type, `${type}.html`);
	if (!existsSync(file)) return null;
	const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
	const found: Defaults[] = [];
	const registerType = (_type: string, { defaults }: { readonly defaults: Defaults }) => found.push(defaults);
	runInNewContext(script, { RED: { nodes: { registerType }, settings: {} } });
	return found[0] ?? null;
}

const picked = (node: FlowNode, keys: readonly string[]) =>
	Object.fromEntries(keys.filter((key) => key in node).map((key) => [key, node[key]]));

/** The node with exactly the properties its editor keeps. */
export function renewed(node: FlowNode): FlowNode {
	const defaults = editorDefaults(node.type);
	if (defaults === null) return node;
	const own = Object.entries(defaults).map(([key, { value }]) => [key, key in node ? node[key] : value]);
	return { ...picked(node, COMMON), type: node.type, ...Object.fromEntries(own), ...picked(node, PLACE) };
}

if (import.meta.main) {
	const folder = join(ROOT, "flows");
	for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
		const nodes = JSON.parse(readFileSync(join(folder, name), "utf8")) as readonly FlowNode[];
		writeFileSync(join(folder, name), `${JSON.stringify(nodes.map(renewed), null, 2)}\n`);
	}
}
