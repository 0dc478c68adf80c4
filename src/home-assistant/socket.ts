import { createRequire } from "node:module";
import type { HassApi, HassWsOptions } from "homeassistant-ws";
import type { HomeAssistantAddress } from "./address.ts";

/** What the wrapper needs of a WebSocket beside what `homeassistant-ws` does with it. */
export interface Socket {
	/** 1 while open. */
	readonly readyState: number;
	send(text: string): void;
	ping(): void;
	close(): void;
	terminate(): void;
	on(event: "pong", listener: () => void): void;
	on(event: "message", listener: (data: unknown) => void): void;
	on(event: "close", listener: (code: number) => void): void;
	on(event: "error", listener: (error: Error) => void): void;
	on(event: "unexpected-response", listener: (request: unknown, response: { readonly statusCode?: number }) => void): void;
}

/** The package, and the kind of socket it uses itself. */
export interface SocketKit {
	readonly createClient: (options: Partial<HassWsOptions>) => Promise<HassApi>;
	open(address: HomeAssistantAddress, checkCertificate: boolean): Socket;
}

/** Longest handshake, ms: an address that swallows packets answers nothing at all. */
const HANDSHAKE_MS = 10_000;
/** All states of a large house are a few MB. */
const MOST_BYTES = 64 * 1024 * 1024;

type SocketClass = new (url: string, options: object) => Socket;

/**
 * Loads `homeassistant-ws` when it is needed first. Left alone the package opens its socket itself and offers no way
 * to end one that is still connecting, nor to accept a certificate of the owner's making; so we open it. The class
 * is the one beside the package, whichever folder the installer put it in: the package is CommonJS, so Node's table
 * of loaded modules tells where it lies.
 */
export async function loadSocketKit(): Promise<SocketKit> {
	await import("homeassistant-ws");
	const home = Object.keys(createRequire(process.execPath).cache).find((file) =>
		/[\\/]homeassistant-ws[\\/]build[\\/]index\.js$/.test(file),
	);
	if (home === undefined) throw new Error("The package homeassistant-ws was loaded from an unknown place.");
	const require = createRequire(home);
	const Socket = require("isomorphic-ws") as SocketClass;
	// What `import` makes of a default export differs between loaders; this is the module itself.
	const { default: createClient } = require(home) as typeof import("homeassistant-ws");
	return {
		createClient,
		open: ({ protocol, host, port, path }, checkCertificate) =>
			new Socket(`${protocol}://${host}:${port}${path}`, {
				handshakeTimeout: HANDSHAKE_MS,
				maxPayload: MOST_BYTES,
				rejectUnauthorized: checkCertificate,
				perMessageDeflate: false,
			}),
	};
}
