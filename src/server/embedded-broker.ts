import { createServer, type Socket } from "node:net";
import { Aedes } from "aedes";
import type { Logger } from "../logger.ts";
import { listenOnFreePort } from "./listen.ts";

/** The running built-in broker. */
export interface EmbeddedBroker {
	readonly url: string;
	readonly port: number;
	/** Ends all connections and listens no more; never rejects. */
	stop(): Promise<void>;
}

/**
 * Starts the built-in MQTT broker on this machine's own address. It is for trying things out: it speaks MQTT
 * 3.1.1 only, asks for no password and keeps retained messages in memory. Throws a StartError without a free port.
 */
export async function startEmbeddedBroker(wantedPort: number, logger: Logger): Promise<EmbeddedBroker> {
	const broker = await Aedes.createBroker();
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		broker.handle(socket);
	});
	broker.on("clientError", (client, error) => logger.trace(() => `${client.id}: ${error.message}`));
	broker.on("connectionError", (_client, error) => logger.trace(() => error.message));
	let port: number;
	try {
		port = await listenOnFreePort(server, "The built-in MQTT broker", "127.0.0.1", wantedPort);
	} catch (error) {
		await new Promise<void>((resolve) => broker.close(() => resolve()));
		throw error;
	}
	return {
		url: `mqtt://127.0.0.1:${port}`,
		port,
		async stop() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			await new Promise<void>((resolve) => broker.close(() => resolve()));
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}
