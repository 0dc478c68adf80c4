import type { NodeAPI } from "node-red";

const STARTED = "flows:started";

/**
 * The moment of a deploy when all nodes are there: what a node sends or reports before it reaches neither its
 * wires nor the Catch nodes. One listener for all nodes of a type.
 */
export class FlowStart {
	readonly #events: NodeAPI["events"];
	readonly #waiting = new Set<() => void>();

	constructor(RED: Pick<NodeAPI, "events">) {
		this.#events = RED.events;
	}

	/** Calls back when the deploy that is going on has made its nodes. The returned function cancels. */
	after(callback: () => void): () => void {
		if (this.#waiting.size === 0) this.#events.once(STARTED, this.#started);
		this.#waiting.add(callback);
		return () => {
			if (this.#waiting.delete(callback) && this.#waiting.size === 0) this.#events.removeListener(STARTED, this.#started);
		};
	}

	readonly #started = (): void => {
		const callbacks = [...this.#waiting];
		this.#waiting.clear();
		for (const callback of callbacks) callback();
	};
}
