import type { Node } from "node-red";
import type { Logger } from "../../src/index.ts";

/**
 * The log of a node. Warnings and errors of the line reach the log only, not the Catch nodes: those get what
 * a node could not do. Traces are built only when Node-RED's log shows them.
 */
export function nodeLogger(node: Pick<Node, "log" | "warn" | "trace">, isTracing: boolean, namespace = ""): Logger {
	const named = (text: string) => (namespace === "" ? text : `[${namespace}] ${text}`);
	return {
		trace: (text) => {
			if (isTracing) node.trace(named(text()));
		},
		info: (text) => node.log(named(text)),
		warn: (text) => node.warn(named(text)),
		error: (text) => node.warn(named(text)),
		child: (name) => nodeLogger(node, isTracing, namespace === "" ? name : `${namespace}:${name}`),
	};
}

/** Whether Node-RED's console log shows traces. */
export function isTracing(settings: { readonly logging?: unknown }): boolean {
	const logging = settings.logging as { console?: { level?: unknown } } | undefined;
	return logging?.console?.level === "trace";
}
