import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { StartError, systemCode } from "./start-error.ts";

type FlowNode = { readonly id: string };

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

/** The flows of a folder as one: in order of their names, a node that several files bring only once. */
export function flowsOfFolder(folder: string): readonly FlowNode[] {
	const files = readdirSync(folder)
		.filter((name) => name.endsWith(".json"))
		.sort();
	const nodes = files.flatMap((name) => readFlow(join(folder, name)));
	return [...new Map(nodes.toReversed().map((node) => [node.id, node])).values()].toReversed();
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
