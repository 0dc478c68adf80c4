import type { Server } from "node:net";
import { messageOf } from "../errors.ts";
import { StartError, systemCode } from "./start-error.ts";

/** How many ports are tried when the wanted one is taken. */
export const PORT_ATTEMPTS = 20;

function listenOnce(server: Server, host: string, port: number): Promise<number> {
	return new Promise((resolve, reject) => {
		const onError = (error: Error) => {
			server.off("listening", onListening);
			reject(error);
		};
		const onListening = () => {
			server.off("error", onError);
			const address = server.address();
			resolve(typeof address === "object" && address !== null ? address.port : port);
		};
		server.once("error", onError);
		server.once("listening", onListening);
		server.listen(port, host);
	});
}

function wordsFor(error: unknown, what: string, host: string, port: number): string {
	switch (systemCode(error)) {
		case "EACCES":
			return `${what} may not use port ${port} as this user: choose a port above 1023.`;
		case "EADDRNOTAVAIL":
		case "ENOTFOUND":
		case "EAI_AGAIN":
			return `${what} cannot listen on ${host}: that is no address of this machine.`;
		default:
			return `${what} cannot listen on ${host}, port ${port}: ${messageOf(error)}`;
	}
}

/**
 * Listens on the wanted port or, when it is taken, on one of the next free ones (PORT_ATTEMPTS); port 0 takes any.
 * Returns the port. Throws a StartError that says why none could be had.
 */
export async function listenOnFreePort(server: Server, what: string, host: string, wanted: number): Promise<number> {
	const last = wanted === 0 ? 0 : Math.min(wanted + PORT_ATTEMPTS, 65535);
	for (let port = wanted; port <= last; port++) {
		try {
			return await listenOnce(server, host, port);
		} catch (error) {
			if (systemCode(error) !== "EADDRINUSE") throw new StartError(wordsFor(error, what, host, port), error);
		}
	}
	throw new StartError(`${what} found no free port: ${wanted} to ${last} are all taken. End what uses them, or choose another port.`);
}
