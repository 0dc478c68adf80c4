import type { Server } from "node:http";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { BankRegistry } from "../bank-registry.ts";
import type { Clock } from "../clock.ts";
import { isLoopback } from "../config/semantic-checks.ts";
import { ConfigError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { createCommandApi } from "./command-api.ts";
import { createGuardedServer } from "./guarded-server.ts";
import { healthOf } from "./health.ts";
import { listenOnFreePort } from "./listen.ts";
import { isFromIngress } from "./request-guard.ts";
import { type ServerFacts, serverStatus, snapshotOf } from "./server-status.ts";
import { createStatusApi } from "./status-api.ts";
import { StatusEvents } from "./status-events.ts";
import { createSupportApi, type SupportSource } from "./support-api.ts";

/** Paths at which Node-RED is: its editor, and what flows serve over HTTP. */
export const NODE_RED_PATHS = { editor: "/red", flows: "/flows" } as const;

/** What the HTTP server needs. */
export interface HttpServerOptions {
	readonly host: string;
	readonly port: number;
	/** Empty for none. */
	readonly password: string;
	/** Further host names it may be reached under. */
	readonly hostNames: readonly string[];
	/** Address of a proxy that asks for the login itself; none when not given. */
	readonly ingressFrom?: string;
	readonly registry: BankRegistry;
	readonly facts: ServerFacts;
	/** Folder with the built status page. */
	readonly pageFolder: string;
	/** Handles `/api/simulator`; null when the battery is not simulated. */
	readonly simulatorApi: RequestHandler | null;
	/** What `/api/support` tells, for bug reports; nothing is told when not given. */
	readonly support?: SupportSource;
	readonly clock: Clock;
	/** Time of *bank of this server*, from which its ages are counted; `clock` when not given. */
	readonly bankClock?: Clock;
	readonly logger: Logger;
}

/** The running HTTP server. */
export interface HttpServer {
	readonly server: Server;
	/** For Node-RED: mounts a handler at a path. */
	readonly app: Express;
	readonly port: number;
	/** Ends all connections and listens no more; never rejects. */
	stop(): Promise<void>;
}

const PAGE_HEADERS = {
	"Content-Security-Policy":
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"X-Frame-Options": "DENY",
};

/** The same inside Home Assistant, which shows the page in a frame of its own. */
const FRAMED_HEADERS = {
	"Content-Security-Policy": PAGE_HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
	"X-Frame-Options": "SAMEORIGIN",
};

/** Headers of every answer; the editor brings scripts of its own, so that only our pages get the strict policy. */
const securityHeaders =
	(ingress: string): RequestHandler =>
	(request, response, next) => {
		response.set({ "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin" });
		const isNodeRed = Object.values(NODE_RED_PATHS).some((path) => request.path === path || request.path.startsWith(`${path}/`));
		const ofPage = isFromIngress(request.socket.remoteAddress, ingress) ? FRAMED_HEADERS : PAGE_HEADERS;
		response.set(isNodeRed ? { "X-Frame-Options": "SAMEORIGIN" } : ofPage);
		next();
	};

/** Words of an error that a client caused, by Express's own codes. */
function clientErrorWords(type: unknown): string {
	if (type === "entity.too.large") return "The request's body is too large.";
	if (type === "entity.parse.failed") return "The request's body is not JSON.";
	return "The request is not understood.";
}

function errorsAsJson(logger: Logger): ErrorRequestHandler {
	return (error, _request, response, next) => {
		if (response.headersSent) {
			next(error);
			return;
		}
		const { status, type } = error as { status?: unknown; type?: unknown };
		const isClients = typeof status === "number" && status >= 400 && status < 500;
		if (!isClients) logger.error(`A request failed: ${messageOf(error)}`);
		response.status(isClients ? status : 500).json({
			error: isClients
				? { code: "bad-request", message: clientErrorWords(type) }
				: { code: "internal", message: "This server failed to answer; its log says why." },
		});
	};
}

function createApi(options: HttpServerOptions, events: StatusEvents): express.Router {
	const { registry, facts, clock, bankClock = clock, simulatorApi, support, logger } = options;
	const api = express.Router();
	api.use(express.json({ limit: "64kb" }));
	api.use(createStatusApi({ registry, facts, events, clock: bankClock }));
	api.use(createCommandApi(registry));
	if (support) api.use(createSupportApi(registry, support));
	if (simulatorApi) api.use("/simulator", simulatorApi);
	api.use((request, response) => {
		const message = `There is no ${request.method} ${request.baseUrl}${request.path}.`;
		response.status(404).json({ error: { code: "not-found", message } });
	});
	api.use(errorsAsJson(logger));
	return api;
}

/** The application without Node-RED, which mounts itself beside it. */
function createApp(options: HttpServerOptions, events: StatusEvents): Express {
	const { registry, facts, pageFolder } = options;
	const app = express();
	// Node-RED's HTTP nodes look for the router where Express 4 had it.
	Object.defineProperty(app, "_router", { get: () => app.router });
	app.disable("x-powered-by");
	app.use(securityHeaders(options.ingressFrom ?? ""));
	app.get("/healthz", (_request, response) => {
		const health = healthOf(snapshotOf(registry, facts));
		response
			.set("Cache-Control", "no-store")
			.status(health.status === "ok" ? 200 : 503)
			.json(health);
	});
	app.use("/api", createApi(options, events));
	app.get("/", (_request, response) => {
		response.sendFile("index.html", { root: pageFolder, cacheControl: false, headers: { "Cache-Control": "no-cache" } });
	});
	app.use(
		"/page",
		express.static(pageFolder, {
			index: false,
			redirect: false,
			cacheControl: false,
			setHeaders: (response) => response.setHeader("Cache-Control", "no-cache"),
		}),
	);
	return app;
}

/**
 * Starts the pages and the API. Throws a StartError when it cannot listen, and a ConfigError for a host that
 * other machines reach without a password, whatever checked the settings before.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
	const { ingressFrom = "" } = options;
	if (!isLoopback(options.host) && options.password === "" && ingressFrom === "")
		throw new ConfigError("conflict", `Listening on ${options.host} lets other machines in and needs a password.`);
	const events = new StatusEvents(
		options.registry,
		() => serverStatus(options.registry, options.facts, (options.bankClock ?? options.clock).now()),
		options.clock,
	);
	const app = createApp(options, events);
	const server = createGuardedServer({
		hostNames: [options.host.toLowerCase(), ...options.hostNames],
		password: options.password,
		ownLogin: [NODE_RED_PATHS.editor],
		open: ["/healthz"],
		ingress: ingressFrom,
	});
	server.on("request", app);
	const port = await listenOnFreePort(server, "The server", options.host, options.port);
	return {
		server,
		app,
		port,
		async stop() {
			events.close();
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
}
