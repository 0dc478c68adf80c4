import { type EventEmitter, once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Express } from "express";
import type RedModule from "node-red";
import type { ServerHandover } from "../bank-registry.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { writeFirstFlows } from "./first-flows.ts";
import { NODE_RED_PATHS } from "./http-server.ts";
import { keptSecret } from "./private-file.ts";
import { isRightLogin, USER_NAME } from "./request-guard.ts";
import { StartError } from "./start-error.ts";

/** What Node-RED needs. */
export interface NodeRedOptions {
	readonly server: Server;
	readonly app: Express;
	/** Empty for none: then the editor is open to this machine. */
	readonly password: string;
	/** Node-RED's own folder; made when missing. */
	readonly userFolder: string;
	/** Folder of the built palette (its package.json). */
	readonly paletteFolder: string;
	/** Folder of the flows of a new installation. */
	readonly flowsFolder: string;
	readonly handover: ServerHandover;
	readonly logger: Logger;
	/** Takes what is worth a bug report, but not the log. */
	readonly remember?: (text: string) => void;
}

/** The running Node-RED. */
export interface NodeRed {
	/** Passwords and tokens that the flows keep. */
	secrets(): readonly string[];
	/** Stops the flows, so that their nodes say good-bye, and then the rest; never rejects. */
	stop(): Promise<void>;
}

/** Core nodes that a flow around a battery does without: they cost memory, or run programs. */
const CORE_NODES_LEFT_OUT = ["90-exec.js", "23-watch.js", "31-tcpin.js", "32-udp.js", "70-HTML.js", "70-YAML.js"];

/** How long a node may take to close, ms; the whole stop has three seconds. */
const NODE_CLOSE_TIMEOUT_MS = 1500;

/** How long the start waits for the flows, ms. */
const FLOWS_START_LIMIT_MS = 3000;

const FLOWS_WAIT =
	"The flows do not run: most likely one of them uses a node that is not installed here. The flow editor says which; remove or disable it there.";

const LOG_LEVELS = { error: 20, warn: 30, info: 40 } as const;

/** Warnings about what is meant to be so: projects are off, and the first flows bring no passwords. */
const MEANT_TO_BE_SO = /^Projects disabled|^Encrypted credentials not found/;

/** Node-RED's log in ours: warnings and errors; the rest is remembered. */
function logHandler({ logger, remember }: Pick<NodeRedOptions, "logger" | "remember">) {
	return () =>
		(entry: {
			readonly level: number;
			readonly type?: string;
			readonly name?: string;
			readonly id?: string;
			readonly msg: unknown;
		}): void => {
			const node = entry.type === undefined ? "" : `${entry.type} "${entry.name ?? entry.id ?? ""}": `;
			const text = `${node}${messageOf(entry.msg)}`;
			if (entry.level <= LOG_LEVELS.error) logger.error(text);
			else if (MEANT_TO_BE_SO.test(text)) return;
			else if (entry.level <= LOG_LEVELS.warn) logger.warn(text);
			else if (entry.level <= LOG_LEVELS.info) remember?.(text);
		};
}

/** The editor's login: one user, whose password is compared here and stands in no settings. */
function adminAuth(password: string) {
	const user = { username: USER_NAME, permissions: "*" };
	return {
		type: "credentials",
		users: (name: string) => Promise.resolve(name === USER_NAME ? user : null),
		authenticate: (name: string, given: string) => Promise.resolve(isRightLogin(name, given, password) ? user : null),
		default: () => Promise.resolve(null),
	};
}

/** Settings that keep Node-RED quiet, closed and in the house. */
function settingsFor({ password, userFolder, paletteFolder, handover, logger, remember }: NodeRedOptions): Record<string, unknown> {
	return {
		httpAdminRoot: NODE_RED_PATHS.editor,
		httpNodeRoot: NODE_RED_PATHS.flows,
		userDir: userFolder,
		flowFile: "flows.json",
		flowFilePretty: true,
		credentialSecret: keptSecret(join(userFolder, "credential-secret")),
		nodesDir: [paletteFolder],
		nodesExcludes: CORE_NODES_LEFT_OUT,
		nodeCloseTimeout: NODE_CLOSE_TIMEOUT_MS,
		telemetry: { enabled: false, updateNotification: false },
		diagnostics: { enabled: false, ui: false },
		runtimeState: { enabled: false, ui: false },
		externalModules: {
			autoInstall: false,
			palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
			modules: { allowInstall: false },
		},
		functionExternalModules: false,
		exportGlobalContextKeys: false,
		// What flows remember outlives a restart; what they write with a relative name goes to the data folder.
		contextStorage: { default: { module: "localfilesystem" }, memory: { module: "memory" } },
		fileWorkingDirectory: handover.dataFolder,
		editorTheme: {
			page: { title: "Rack Battery flows" },
			header: { title: "Rack Battery flows", url: "/" },
			palette: { categories: { order: ["rack battery"] } },
			tours: false,
			projects: { enabled: false },
			multiplayer: { enabled: false },
		},
		logging: {
			rackBattery: { level: "info", metrics: false, audit: false, handler: logHandler({ logger, ...(remember ? { remember } : {}) }) },
		},
		...(password === "" ? {} : { adminAuth: adminAuth(password) }),
		rackBattery: handover,
	};
}

/** Waits until the flows run, which Node-RED starts after its own start; false when they do not: flows with unknown nodes never do. */
async function flowsStarted(events: EventEmitter): Promise<boolean> {
	const limit = new AbortController();
	const timer = setTimeout(() => limit.abort(), FLOWS_START_LIMIT_MS);
	try {
		await once(events, "flows:started", { signal: limit.signal });
		return true;
	} catch {
		return false;
	} finally {
		clearTimeout(timer);
	}
}

/** What Node-RED knows of its nodes; its types do not tell. */
interface Credentials {
	eachNode(tell: (node: { readonly id: string }) => void): void;
	getCredentials(id: string): Readonly<Record<string, unknown>> | undefined;
}

/** Names of credentials that are no secret. */
const NO_SECRET = /user|name|login|mail/i;

function secretsIn(nodes: Credentials): readonly string[] {
	const found: string[] = [];
	nodes.eachNode(({ id }) => {
		const given = Object.entries(nodes.getCredentials(id) ?? {});
		found.push(...given.flatMap(([name, value]) => (typeof value === "string" && !NO_SECRET.test(name) ? [value] : [])));
	});
	return found;
}

let isStarted = false;

async function load(): Promise<typeof RedModule> {
	const module = await import("node-red");
	return module.default;
}

/**
 * Starts Node-RED inside the server, with our nodes and, in a new installation, our flows. Node-RED keeps
 * global state, so a process can do this once. Throws a StartError when it cannot start.
 */
export async function startNodeRed(options: NodeRedOptions): Promise<NodeRed> {
	if (isStarted) throw new StartError("Node-RED was already started in this process.");
	isStarted = true;
	const { server, app, userFolder, paletteFolder, flowsFolder, logger } = options;
	if (!existsSync(join(paletteFolder, "package.json")))
		throw new StartError(`Our nodes are missing in ${paletteFolder}: build them with npm run build.`);
	mkdirSync(userFolder, { recursive: true });
	if (writeFirstFlows(join(userFolder, "flows.json"), flowsFolder)) logger.info("The first flows were written.");
	const RED = await load();
	// Node-RED's types lack several of its settings; this is the one place where that is papered over.
	RED.init(server, settingsFor(options) as unknown as Parameters<typeof RED.init>[1]);
	// The applications themselves: behind a handler of ours the query strings would vanish.
	app.use(NODE_RED_PATHS.editor, RED.httpAdmin);
	app.use(NODE_RED_PATHS.flows, RED.httpNode);
	const flowsRun = flowsStarted(RED.events);
	await RED.start();
	if (!(await flowsRun)) logger.warn(FLOWS_WAIT);
	return {
		secrets: () => secretsIn(RED.nodes as unknown as Credentials),
		async stop() {
			try {
				await RED.stop();
			} catch (error) {
				logger.warn(`Node-RED did not stop cleanly: ${messageOf(error)}`);
			}
		},
	};
}
