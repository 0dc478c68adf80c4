import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import RED, { type Node, type NodeAPI, type NodeInitializer, type NodeMessage } from "node-red";
import helper from "node-red-node-test-helper";
import { realTools, registerWith } from "../../nodes/rack-battery/rack-battery.ts";
import {
	BANK_SETTINGS,
	BankRegistry,
	type BankSettings,
	type BankSnapshot,
	type Clock,
	defaultsOf,
	type EnergyStore,
	MQTT_SETTINGS,
	openBank,
	SIMULATOR_SETTINGS,
	type SimulatorControl,
	type SimulatorSettings,
} from "../../src/index.ts";
import { createMemoryLine } from "../../src/simulator/memory-line.ts";
import { readyScenario } from "../../src/simulator/ready-scenarios.ts";
import { SimulatedBank } from "../../src/simulator/simulated-bank.ts";
import { createSimulatorControl } from "../../src/simulator/simulator-control.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const require = createRequire(import.meta.url);
/** Node-RED's own nodes that our flows may use. */
const CORE = [
	"common/05-junction",
	"common/20-inject",
	"common/21-debug",
	"common/60-link",
	"common/90-comment",
	"function/10-function",
	"function/10-switch",
	"function/15-change",
	"function/80-template",
	"function/rbe",
	"network/05-tls",
	"network/10-mqtt",
	"parsers/70-JSON",
	"sequence/17-split",
	"storage/10-file",
];

export interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly name?: string;
	readonly z?: string;
	readonly d?: boolean;
	readonly wires?: readonly (readonly string[])[];
	readonly [key: string]: unknown;
}

/** A message that reached a node, and when. */
export interface Arrival {
	/** Milliseconds since the epoch, by the clock of the bench. */
	readonly at: number;
	readonly type: string;
	/** The node's name; its id where it has none. */
	readonly node: string;
	// biome-ignore lint/suspicious/noExplicitAny: messages are loose by nature; each test reads what it asserts
	readonly msg: any;
}

/** Node-RED's level of warnings; errors are below. */
const LOG_WARNING = 30;

/** What the test helper itself makes Node-RED say. */
const OF_THE_HELPER = /^\[helper\] Deprecated call|^nodes\.credentials\.unencrypted/;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Time that moves only when a test says so; between two moments messages run through the flow to their ends. */
export class BenchClock implements Clock {
	#now: number;
	#timers: { readonly due: number; readonly order: number; readonly callback: () => void }[] = [];
	#order = 0;

	constructor(start: number) {
		this.#now = start;
	}

	get pending(): number {
		return this.#timers.length;
	}

	now(): number {
		return this.#now;
	}

	after(ms: number, callback: () => void): () => void {
		const timer = { due: this.#now + Math.max(0, ms), order: this.#order++, callback };
		// Kept in order: a day has very many of them.
		const place = this.#timers.findLastIndex(({ due }) => due <= timer.due) + 1;
		this.#timers.splice(place, 0, timer);
		return () => {
			const index = this.#timers.indexOf(timer);
			if (index >= 0) this.#timers.splice(index, 1);
		};
	}

	/** Moves on by `ms`, or until it holds; fires what is due, at its time. */
	async advance(ms: number, holds: () => boolean = () => false): Promise<void> {
		const end = this.#now + ms;
		await settle();
		while (!holds()) {
			const timer = this.#timers[0];
			if (timer === undefined || timer.due > end) {
				this.#now = end;
				return;
			}
			this.#timers.shift();
			this.#now = Math.max(this.#now, timer.due);
			timer.callback();
			await settle();
		}
	}
}

/** Node-RED hands a message on in a turn of the event loop of its own; no flow of ours has longer chains. */
const TURNS = 8;

/** What sockets may need to hand something on. */
const OUTSIDE_TURNS = 50;

async function settle(): Promise<void> {
	for (let n = 0; n < TURNS; n++) await turn();
}

/** Resolves when no access to a file is under way. */
async function filesAreQuiet(): Promise<void> {
	do await settle();
	while (process.getActiveResourcesInfo().some((kind) => kind.startsWith("FSReq")));
}

export interface BenchOptions {
	readonly simulator?: Partial<SimulatorSettings>;
	readonly bank?: Partial<BankSettings>;
	/** Local time at which it begins; 6:00 on 1 June 2026 when not given. */
	readonly start?: Date;
	/** Changes a flow as its user would: enables a node, fills in an address. */
	readonly change?: (node: FlowNode) => FlowNode;
	readonly credentials?: Readonly<Record<string, object>>;
	/** Broker of the server. */
	readonly brokerUrl?: string;
}

/**
 * A flow file in a real Node-RED, reading a simulated battery over the true protocol, all by one clock that the test
 * moves. What reaches its nodes is kept in order.
 */
export class FlowBench {
	readonly clock: BenchClock;
	readonly control: SimulatorControl;
	readonly arrivals: Arrival[] = [];
	/** Errors and warnings of the nodes, in words. */
	readonly complaints: string[] = [];
	readonly nodes: readonly FlowNode[];
	readonly folder = mkdtempSync(join(tmpdir(), "rack-battery-flows-"));
	readonly #battery: SimulatedBank;
	readonly #line: ReturnType<typeof createMemoryLine>;
	readonly #options: BenchOptions;
	readonly #registry = new BankRegistry();
	readonly #energy = new Map<string, Awaited<ReturnType<EnergyStore["load"]>>>();
	#isRunning: boolean = false;

	private constructor(files: readonly string[], options: BenchOptions) {
		this.#options = options;
		this.clock = new BenchClock((options.start ?? new Date(2026, 5, 1, 6, 0)).getTime());
		const settings = { ...defaultsOf(SIMULATOR_SETTINGS), baudRate: 0, answerDelayMs: 0, ...options.simulator };
		this.#battery = new SimulatedBank(settings, { clock: this.clock });
		this.#line = createMemoryLine(this.#battery, settings, this.clock);
		this.control = createSimulatorControl(this.#battery, this.#line.cable, this.clock);
		const flows = files.flatMap((file) => JSON.parse(readFileSync(join(ROOT, "flows", file), "utf8")) as FlowNode[]);
		const { change = (node) => node } = options;
		this.nodes = [...new Map(flows.map((node) => [node.id, change(node)])).values()];
	}

	/** Deploys the flow of a file in flows/ and lets the battery be read for the first time. */
	static async start(file: string, options: BenchOptions = {}): Promise<FlowBench> {
		const bench = new FlowBench([file], options);
		await bench.#deploy();
		return bench;
	}

	/** The bank's snapshot; null while it is not open. */
	get snapshot(): BankSnapshot | null {
		return this.#registry.list()[0]?.bank.snapshot ?? null;
	}

	/** What reached the node of that name, in order. */
	at(name: string): readonly Arrival[] {
		return this.arrivals.filter(({ node }) => node === name);
	}

	/** Payloads that reached the node of that name. */
	// biome-ignore lint/suspicious/noExplicitAny: as above
	payloads(name: string): readonly any[] {
		return this.at(name).map(({ msg }) => msg.payload);
	}

	/** The node of that name. */
	node(name: string): Node {
		const found = this.nodes.find((node) => node.name === name);
		if (found === undefined) throw new Error(`The flow has no node called "${name}".`);
		return helper.getNode(found.id);
	}

	/** Presses the button of an inject node. */
	async press(name: string): Promise<void> {
		this.node(name).receive({});
		await settle();
	}

	/** Hands a message to a node. */
	async tell(name: string, message: NodeMessage & Readonly<Record<string, unknown>>): Promise<void> {
		this.node(name).receive(message);
		await settle();
	}

	/** Begins one of the ready scenarios; its grid presses the flow's buttons where it has them. */
	play(name: string): void {
		this.control.onSignal(({ name: signal, value }) => {
			if (signal !== "grid" || !this.#isRunning) return;
			for (const node of this.nodes.filter(({ type }) => type === "inject"))
				if (node.name === (value === "on" ? "Grid is back" : "Grid is away")) helper.getNode(node.id).receive({});
		});
		this.control.startScenario({ ...readyScenario(name), repeat: false });
	}

	/** Lets time pass, s. */
	async pass(seconds: number): Promise<void> {
		await filesAreQuiet();
		await this.clock.advance(seconds * 1000);
		await filesAreQuiet();
	}

	/** Lets time pass until it holds; fails when that takes longer than `limit` seconds. Returns how long it took, s. */
	async until(what: string, holds: () => boolean, limit: number): Promise<number> {
		await filesAreQuiet();
		const start = this.clock.now();
		while (!holds()) {
			const left = start + limit * 1000 - this.clock.now();
			if (left <= 0) throw new Error(`Not within ${limit} s: ${what}. ${this.#story()}`);
			await this.clock.advance(Math.min(left, 60_000), holds);
			await filesAreQuiet();
			// Brokers and the like live in real time.
			for (let n = 0; n < OUTSIDE_TURNS && !holds(); n++) await turn();
		}
		return (this.clock.now() - start) / 1000;
	}

	/** Seconds since the beginning of something. */
	since(at: number): number {
		return (this.clock.now() - at) / 1000;
	}

	/** Ends Node-RED and begins it anew, `away` seconds later; battery, clock and files stay. */
	async restart(away = 5): Promise<void> {
		await this.#stop();
		await this.clock.advance(away * 1000);
		await this.#deploy();
	}

	async end(): Promise<void> {
		await this.#stop();
		await rm(this.folder, { recursive: true, force: true });
	}

	async #deploy(): Promise<void> {
		const bank = { ...defaultsOf(BANK_SETTINGS), port: "simulator", ...this.#options.bank };
		const rackBattery = {
			bank,
			origin: "simulated",
			mqtt: { ...defaultsOf(MQTT_SETTINGS), url: this.#options.brokerUrl ?? "" },
			pageUrl: null,
			dataFolder: this.folder,
			registry: this.#registry,
			clock: this.clock,
		};
		helper.init(require.resolve("node-red"));
		helper.settings({ userDir: this.folder, fileWorkingDirectory: this.folder, rackBattery } as object);
		await new Promise<void>((started) => helper.startServer(() => started()));
		RED.hooks.add("onReceive.bench", this.#received as never);
		RED.log.addHandler(this.#logHandler as never);
		const modules = [this.#bankType, ...(await ourNodes()), ...CORE.map((name) => require(`@node-red/nodes/core/${name}.js`))];
		this.#isRunning = true;
		await helper.load(modules as NodeInitializer[], this.nodes as never, (this.#options.credentials ?? {}) as never);
		await filesAreQuiet();
	}

	async #stop(): Promise<void> {
		if (!this.#isRunning) return;
		this.#isRunning = false;
		let isStopped = false;
		const stopped = helper.clearFlows().then(() => {
			isStopped = true;
		});
		// Who says goodbye may need time.
		for (let n = 0; n < 200 && !isStopped; n++) {
			await this.clock.advance(50);
			await filesAreQuiet();
		}
		await stopped;
		await helper.unload();
		RED.hooks.remove("*.bench");
		RED.log.removeHandler(this.#logHandler as never);
		await new Promise<void>((ended) => helper.stopServer(() => ended()));
	}

	readonly #received = (event: { readonly msg: object; readonly destination: { readonly id: string; readonly node: Node } }): void => {
		const { node } = event.destination;
		const msg = RED.util.cloneMessage(event.msg as NodeMessage);
		this.arrivals.push({ at: this.clock.now(), type: node.type, node: node.name || node.id, msg });
	};

	readonly #logHandler = {
		emit: (_event: string, entry: { readonly level: number; readonly name?: string; readonly type?: string; readonly msg: unknown }) => {
			if (entry.level <= LOG_WARNING && !OF_THE_HELPER.test(String(entry.msg)))
				this.complaints.push(`${entry.name ?? entry.type ?? ""}: ${String(entry.msg)}`);
		},
	};

	readonly #bankType = (red: NodeAPI): void => {
		const energyStore: EnergyStore = {
			load: async (id) => this.#energy.get(id) ?? null,
			save: async (id, counters) => {
				this.#energy.set(id, counters);
			},
		};
		registerWith(red, {
			...realTools(),
			energyStore: () => energyStore,
			openBank: (settings, deps) => openBank(settings, { ...deps, clock: this.clock, transport: this.#line.transport, random: () => 0 }),
		});
	};

	#story(): string {
		const last = this.arrivals.slice(-5).map(({ node, msg }) => `${node}: ${JSON.stringify(msg).slice(0, 300)}`);
		const complaints = [...new Set(this.complaints.map((text) => text.slice(0, 300)))].slice(0, 5);
		return `The last messages:\n${last.join("\n")}\nComplaints: ${complaints.join("; ")}`;
	}
}

/** The nodes of this repository, but the bank's own. */
async function ourNodes(): Promise<readonly NodeInitializer[]> {
	const folder = join(ROOT, "nodes");
	const names = readdirSync(folder).filter((name) => name !== "rack-battery" && existsSync(join(folder, name, `${name}.ts`)));
	return Promise.all(names.map(async (name) => (await import(join(folder, name, `${name}.ts`))).default as NodeInitializer));
}
