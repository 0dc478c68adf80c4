import { join, resolve } from "node:path";
import { BankRegistry } from "../bank-registry.ts";
import { secretsOf } from "../config/config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { hostNamesOf } from "../config/semantic-checks.ts";
import { createConsoleLogger, type Logger, type ServerHandover, systemClock, VERSION } from "../index.ts";
import { prepareDataFolder } from "../server/data-folder.ts";
import { startEmbeddedBroker } from "../server/embedded-broker.ts";
import { NODE_RED_PATHS, startHttpServer } from "../server/http-server.ts";
import type { LogRing } from "../server/log-ring.ts";
import { type NodeRed, startNodeRed } from "../server/node-red.ts";
import { startBatterySource } from "./battery-source.ts";
import { type GreetingFacts, outsideAddress } from "./greeting.ts";
import { packageRoot } from "./package-root.ts";
import { Shutdown } from "./shutdown.ts";

/** How long one part may take to end, ms. Parts: Node-RED, pages, broker, simulator; all but the first take a few. */
const STEP_LIMIT_MS = 2000;

/** The server with all its parts. */
export interface ComposedServer {
	readonly facts: GreetingFacts;
	/** Ends everything, flows first; never rejects. */
	stop(): Promise<void>;
}

/** Starts the parts in their order. When one fails, what already runs is ended and the failure goes on. */
export async function composeServer(loaded: LoadedConfig, folder: string, logger: Logger, log: LogRing): Promise<ComposedServer> {
	const shutdown = new Shutdown(logger);
	try {
		const facts = await startParts(loaded, folder, { logger, log }, shutdown);
		return { facts, stop: () => shutdown.run(STEP_LIMIT_MS) };
	} catch (error) {
		await shutdown.run(STEP_LIMIT_MS);
		throw error;
	}
}

async function startBroker(loaded: LoadedConfig, logger: Logger, shutdown: Shutdown): Promise<GreetingFacts["broker"]> {
	const { mqtt, server } = loaded.config;
	if (mqtt.url !== "") return { url: mqtt.url, isBuiltIn: false };
	const broker = await startEmbeddedBroker(server.mqttPort, logger.child("broker"));
	shutdown.add("The built-in MQTT broker", () => broker.stop());
	return { url: broker.url, isBuiltIn: true };
}

async function startParts(
	loaded: LoadedConfig,
	folder: string,
	{ logger, log }: { readonly logger: Logger; readonly log: LogRing },
	shutdown: Shutdown,
): Promise<GreetingFacts> {
	const { config, origin, settingsFile } = loaded;
	const { bank, mqtt, server } = config;
	const root = packageRoot();
	const dataFolder = resolve(folder, server.dataFolder);
	const replay = origin === "replayed" ? config.simulator.replay : null;
	prepareDataFolder(dataFolder);

	const source = await startBatterySource(loaded, logger);
	shutdown.add("The simulated battery", () => source.stop());
	const broker = await startBroker(loaded, logger, shutdown);

	const registry = new BankRegistry();
	let nodeRed: NodeRed | null = null;
	const http = await startHttpServer({
		host: server.host,
		port: server.port,
		password: server.password,
		hostNames: hostNamesOf(server.allowedHosts),
		ingressFrom: server.ingressFrom,
		registry,
		facts: {
			version: VERSION,
			bankId: bank.id,
			origin,
			replay,
			hasOwnBroker: broker.isBuiltIn,
			brokerUrl: broker.url,
			editorPath: `${NODE_RED_PATHS.editor}/`,
		},
		pageFolder: join(root, "dist", "src", "server", "page"),
		simulatorApi: source.api,
		support: { log, secrets: () => [...secretsOf(config), ...(nodeRed?.secrets() ?? [])] },
		clock: systemClock,
		bankClock: source.clock,
		logger: logger.child("http"),
	});
	shutdown.add("The HTTP server", () => http.stop());

	const handover: ServerHandover = {
		bank: { ...bank, port: source.port, gapMs: source.gapMs },
		origin,
		mqtt: broker.isBuiltIn ? { ...mqtt, url: broker.url, username: "", password: "" } : mqtt,
		contacts: config.contacts,
		pageUrl: outsideAddress(server.host, http.port),
		dataFolder,
		registry,
		clock: source.clock,
	};
	const running = await startNodeRed({
		server: http.server,
		app: http.app,
		password: server.password,
		userFolder: join(dataFolder, "node-red"),
		paletteFolder: join(root, "dist", "palette"),
		flowsFolder: join(root, "flows"),
		handover,
		logger: logger.child("flows"),
		remember: createConsoleLogger({ write: log.add }).child("flows").info,
	});
	nodeRed = running;
	shutdown.add("Node-RED", () => running.stop());

	return {
		version: VERSION,
		host: server.host,
		port: http.port,
		wantedPort: server.port,
		origin,
		source: replay ?? bank.port,
		simulatedPacks: config.simulator.packs,
		scenario: config.simulator.scenario,
		timeFactor: config.simulator.timeFactor,
		broker,
		dataFolder,
		settingsFile,
		hasPassword: server.password !== "",
	};
}
