import { connect, createServer, type Server, type Socket } from "node:net";

/** What a gateway does with its clients. */
export type GatewayMode =
	/** Passes bytes. */
	| "well"
	/** Ends every connection and takes no new one. */
	| "gone"
	/** Has forgotten the connections there are, without a word; new ones are served. */
	| "half-open"
	/** Takes a connection and ends it at once: it has another client. */
	| "taken"
	/** Answers as its own settings page does. */
	| "web-page"
	/** Passes an answer byte by byte. */
	| "trickle"
	/** Takes the end marks of questions away. */
	| "no-end-mark";

const WEB_PAGE = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html></html>";

/** A serial gateway in front of a served line, whose connections can be harmed. */
export class Gateway {
	/** TCP port of the line for a question. */
	lineOf: (question: string) => number;
	#mode: GatewayMode = "well";
	#server: Server | null = null;
	#port = 0;
	readonly #clients = new Set<Socket>();
	/** Connections that the gateway has forgotten. */
	readonly #forgotten = new WeakSet<Socket>();

	constructor(linePort: number) {
		this.lineOf = () => linePort;
	}

	get port(): string {
		return `tcp://127.0.0.1:${this.#port}`;
	}

	async listen(): Promise<void> {
		const server = createServer((client) => this.#serve(client));
		await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
		const address = server.address();
		if (typeof address === "object" && address !== null) this.#port = address.port;
		this.#server = server;
	}

	async set(mode: GatewayMode): Promise<void> {
		const before = this.#mode;
		this.#mode = mode;
		if (mode === "half-open") for (const client of this.#clients) this.#forgotten.add(client);
		if (mode === "gone" || mode === "taken") for (const client of this.#clients) client.resetAndDestroy();
		if (mode === "gone") await this.#unlisten();
		if (before === "gone" && mode !== "gone") await this.listen();
	}

	async stop(): Promise<void> {
		for (const client of this.#clients) client.destroy();
		await this.#unlisten();
	}

	async #unlisten(): Promise<void> {
		const server = this.#server;
		this.#server = null;
		if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
	}

	#serve(client: Socket): void {
		client.on("error", () => {});
		if (this.#mode === "taken") {
			client.end();
			return;
		}
		this.#clients.add(client);
		const lines = new Map<number, Socket>();
		client.on("close", () => {
			this.#clients.delete(client);
			for (const line of lines.values()) line.destroy();
		});
		client.on("data", (bytes) => {
			if (this.#forgotten.has(client)) return;
			if (this.#mode === "web-page") {
				client.write(WEB_PAGE);
				return;
			}
			const port = this.lineOf(bytes.toString("latin1"));
			const line = lines.get(port) ?? this.#line(port, client);
			lines.set(port, line);
			line.write(this.#mode === "no-end-mark" ? bytes.filter((byte) => byte !== 0x0d) : bytes);
		});
	}

	#line(port: number, client: Socket): Socket {
		const line = connect(port, "127.0.0.1");
		line.on("error", () => {});
		line.on("data", (bytes) => {
			if (this.#forgotten.has(client) || client.destroyed) return;
			if (this.#mode === "trickle") for (const byte of bytes) client.write(Uint8Array.of(byte));
			else client.write(bytes);
		});
		return line;
	}
}
