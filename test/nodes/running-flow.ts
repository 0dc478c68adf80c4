import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node, NodeAPI, NodeInitializer, NodeMessage } from "node-red";
import helper from "node-red-node-test-helper";
import type { OpenTools } from "../../nodes/rack-battery/open-plan.ts";
import { realTools, registerWith } from "../../nodes/rack-battery/rack-battery.ts";
import alarm from "../../nodes/rack-battery-alarm/rack-battery-alarm.ts";
import discovery from "../../nodes/rack-battery-discovery/rack-battery-discovery.ts";
import telemetry from "../../nodes/rack-battery-telemetry/rack-battery-telemetry.ts";
import {
	defaultsOf,
	type ServerHandover,
	SIMULATOR_SETTINGS,
	type SimulatedLineServer,
	type SimulatorControl,
	startSimulatedLine,
} from "../../src/index.ts";

export interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly wires?: string[][];
	readonly [key: string]: unknown;
}

/** A simulated bank that answers at once. */
export const SIMULATED = {
	type: "rack-battery",
	source: "simulator",
	bankId: "bank",
	simBaudRate: 0,
	simAnswerDelayMs: 0,
	simLoadW: 500,
} as const;

/** Longest wait for something that comes by itself. */
const PATIENCE_MS = 15_000;

interface Waiting<T> {
	readonly accepts: (value: T) => boolean;
	readonly found: (value: T) => void;
}

/** Everything that came so far, and a way to wait for what is still to come. */
export class Diary<T> {
	readonly entries: T[] = [];
	#waiting: Waiting<T>[] = [];

	add(value: T): void {
		this.entries.push(value);
		const ready = this.#waiting.filter(({ accepts }) => accepts(value));
		this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
		for (const { found } of ready) found(value);
	}

	/** The first entry, past or to come, that is accepted. */
	first(what: string, accepts: (value: T) => boolean): Promise<T> {
		const past = this.entries.find(accepts);
		return past === undefined ? this.next(what, accepts) : Promise.resolve(past);
	}

	/** The first entry to come that is accepted. */
	next(what: string, accepts: (value: T) => boolean = () => true): Promise<T> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new Error(`Waited in vain for ${what}; came: ${JSON.stringify(this.entries).slice(0, 2000)}`)),
				PATIENCE_MS,
			);
			const found = (value: T) => {
				clearTimeout(timer);
				resolve(value);
			};
			this.#waiting.push({ accepts, found });
		});
	}
}

export interface Badge {
	readonly node: string;
	readonly text: string;
}

/** Node-RED with a flow of our nodes; where `helper` nodes stand, their messages are kept by id. */
export class RunningFlow {
	readonly badges = new Diary<Badge>();
	readonly #messages = new Map<string, Diary<NodeMessage>>();
	/** Controls of the simulated banks, in the order in which they were opened. */
	readonly simulators: SimulatorControl[] = [];
	readonly #lines: SimulatedLineServer[] = [];
	#flow: FlowNode[] = [];
	#events: NodeAPI["events"] | null = null;
	/** A deploy of modified nodes keeps the others. */
	readonly #heard = new WeakSet<Node>();
	readonly #tools: Partial<OpenTools>;
	#folder = "";

	/** `tools`: what opens banks, where it is not the true one. */
	constructor(tools: Partial<OpenTools> = {}) {
		this.#tools = tools;
	}

	/** Node-RED's user folder, made when first asked for. */
	get folder(): string {
		if (this.#folder === "") this.#folder = mkdtempSync(join(tmpdir(), "rack-battery-nodes-"));
		return this.#folder;
	}

	static init(): void {
		helper.init(createRequire(import.meta.url).resolve("node-red"));
	}

	/** Deploys a flow; nodes get a tab and a place unless they are configurations. */
	async deploy(
		nodes: readonly FlowNode[],
		options: { readonly server?: ServerHandover; readonly credentials?: object; readonly nodes?: readonly NodeInitializer[] } = {},
	): Promise<void> {
		helper.settings({ userDir: this.folder, ...(options.server ? { rackBattery: options.server } : {}) } as object);
		await new Promise<void>((started) => helper.startServer(() => started()));
		const placed = nodes.map((node) => (node.type === "rack-battery" ? node : { z: "tab", x: 100, y: 100, wires: [], ...node }));
		this.#flow = [{ id: "tab", type: "tab", label: "test" }, ...placed];
		await helper.load(
			[this.#bank, telemetry, alarm, discovery, ...(options.nodes ?? [])] as NodeInitializer[],
			this.#flow,
			(options.credentials ?? {}) as never,
		);
	}

	/** Deploys the same flow again, as a whole; or only what the changes touch, as the editor's *Modified nodes* does. */
	async redeploy(changes: Readonly<Record<string, object>> = {}): Promise<void> {
		const isWhole = Object.keys(changes).length === 0;
		this.#flow = this.#flow.map((node) => ({ ...node, ...changes[node.id] }));
		await helper.setFlows(this.#flow, isWhole ? "full" : "nodes");
	}

	/** Messages that reached a `helper` node. */
	messages(id: string): Diary<NodeMessage> {
		const diary = this.#messages.get(id) ?? new Diary<NodeMessage>();
		this.#messages.set(id, diary);
		return diary;
	}

	node(id: string): Node {
		return helper.getNode(id);
	}

	/** The first badge of a node with that text, past or to come. */
	badge(node: string, text: string): Promise<Badge> {
		return this.badges.first(`badge ${text} of ${node}`, (badge) => badge.node === node && badge.text === text);
	}

	/** A simulated battery behind a TCP port, outside of the flow. */
	async battery(): Promise<SimulatedLineServer> {
		const line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), baudRate: 0, answerDelayMs: 0 });
		this.#lines.push(line);
		return line;
	}

	/** Stops the flow as a deploy does. */
	async stop(): Promise<void> {
		await helper.clearFlows();
	}

	async end(): Promise<void> {
		await helper.unload();
		this.#events?.removeListener("node-status", this.#status);
		this.#events?.removeListener("flows:started", this.#listenAll);
		await new Promise<void>((stopped) => helper.stopServer(() => stopped()));
		for (const line of this.#lines) await line.stop();
		if (this.#folder !== "") await rm(this.#folder, { recursive: true, force: true });
	}

	readonly #bank = (RED: NodeAPI): void => {
		this.#events = RED.events;
		RED.events.on("node-status", this.#status);
		// Before our nodes begin: nothing they send may be missed.
		RED.events.prependListener("flows:started", this.#listenAll);
		registerWith(RED, {
			...realTools(),
			...this.#tools,
			startLine: async (settings, logger, clock) => {
				const line = await startSimulatedLine(settings, { logger, clock, readerKeepsTime: true });
				this.simulators.push(line.control);
				return line;
			},
		});
	};

	readonly #status = ({ id, status }: { readonly id: string; readonly status?: { readonly text?: string } }): void => {
		if (status?.text !== undefined) this.badges.add({ node: id, text: status.text });
	};

	readonly #listenAll = (): void => {
		for (const { id } of this.#flow.filter(({ type }) => type === "helper")) {
			const node = helper.getNode(id);
			if (this.#heard.has(node)) continue;
			this.#heard.add(node);
			node.on("input", (message, _send, done) => {
				this.messages(id).add(message);
				done();
			});
		}
	};
}
