import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { StartError, systemCode } from "./start-error.ts";

type FlowNode = { readonly id: string; readonly type?: unknown; readonly disabled?: unknown };

function isFlow(value: unknown): value is readonly FlowNode[] {
	return (
		Array.isArray(value) && value.every((node) => typeof node === "object" && node !== null && "id" in node && typeof node.id === "string")
	);
}

function readFlow(path: string): readonly FlowNode[] {
	const content: unknown = JSON.parse(readFileSync(path, "utf8"));
	if (!isFlow(content)) throw new Error(`${path} is no flow`);
	return content;
}

/** Orders "2 ..." before "10 ...". */
const byNumber = new Intl.Collator("en", { numeric: true }).compare;

/** A flow that its owner has to enable: two clicks in the editor. Configurations stay as they are. */
const asleep = (node: FlowNode): FlowNode => (node.type === "tab" ? { ...node, disabled: true } : node);

/**
 * The flows of a folder as one: in order of their numbers, a node that several files bring only once, as the first brings
 * it. The first flow runs; the others are there to be looked at and enabled, for they act and notify.
 */
export function flowsOfFolder(folder: string): readonly FlowNode[] {
	const files = readdirSync(folder)
		.filter((name) => name.endsWith(".json"))
		.sort(byNumber);
	const nodes = files.flatMap((name, index) => readFlow(join(folder, name)).map((node) => (index === 0 ? node : asleep(node))));
	const first = new Map<string, FlowNode>();
	for (const node of nodes) if (!first.has(node.id)) first.set(node.id, node);
	return [...first.values()];
}

/**
 * Gives a new installation the flows that come with this server. An existing flow file is the user's and is
 * never touched. Returns whether it was written.
 */
export function writeFirstFlows(flowFile: string, folder: string): boolean {
	try {
		writeFileSync(flowFile, `${JSON.stringify(flowsOfFolder(folder), null, 4)}\n`, { flag: "wx" });
		return true;
	} catch (error) {
		if (systemCode(error) === "EEXIST") return false;
		throw new StartError(`The first flows cannot be written to ${flowFile}: ${messageOf(error)}`, error);
	}
}
