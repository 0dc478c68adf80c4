import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type PublishPacket } from "aedes";

/** A message as the broker saw it, in order of arrival. */
export interface SeenMessage {
	readonly topic: string;
	readonly payload: string;
	readonly retain: boolean;
	readonly qos: number;
	/** Client id of the sender. */
	readonly from: string;
}

interface Kept {
	readonly topic: string;
	readonly payload: Buffer;
}

type Admission = (username: string | undefined, password: string | undefined) => boolean;

/** In-process broker (MQTT 3.1.1) on a free port of this machine that remembers what it saw. */
export class TestBroker {
	readonly url: string;
	readonly seen: SeenMessage[] = [];
	readonly #aedes: Aedes;
	readonly #server: Server;
	readonly #sockets: Set<Socket>;
	/** Topics whose kept message a subscriber is given before the answer to its subscription, as MQTT allows. */
	readonly givenFirst = new Map<string, string>();
	#waiting: (() => void)[] = [];

	private constructor(aedes: Aedes, server: Server, sockets: Set<Socket>, port: number) {
		this.#aedes = aedes;
		this.#server = server;
		this.#sockets = sockets;
		this.url = `mqtt://127.0.0.1:${port}`;
		// Asked in order of arrival; the event `publish` comes after storing and may overtake.
		aedes.authorizePublish = (client, packet, done) => {
			this.#see(packet, client?.id ?? "");
			done(null);
		};
		aedes.authorizeSubscribe = (client, subscription, done) => {
			const payload = this.givenFirst.get(subscription.topic);
			if (payload === undefined || client === null) return done(null, subscription);
			const packet = {
				cmd: "publish",
				topic: subscription.topic,
				payload: Buffer.from(payload),
				retain: true,
				qos: 0,
				dup: false,
			} as const;
			client.publish(packet, () => done(null, subscription));
		};
		aedes.on("clientReady", () => this.#wake());
		aedes.on("clientDisconnect", () => this.#wake());
		aedes.on("connectionError", () => this.#wake());
		aedes.on("subscribe", () => this.#wake());
	}

	static async start(options: { readonly port?: number; readonly accepts?: Admission } = {}): Promise<TestBroker> {
		const { port = 0, accepts = () => true } = options;
		const aedes = await Aedes.createBroker({
			authenticate: (_client, username, password, done) => done(null, accepts(username, password?.toString())),
		});
		const sockets = new Set<Socket>();
		const server = createServer((socket) => {
			sockets.add(socket);
			socket.once("close", () => sockets.delete(socket));
			aedes.handle(socket);
		});
		await new Promise<void>((listening, failed) => {
			server.once("error", failed);
			server.listen(port, "127.0.0.1", listening);
		});
		const address = server.address();
		if (address === null || typeof address === "string") throw new Error("The test broker has no port.");
		return new TestBroker(aedes, server, sockets, address.port);
	}

	/** Clients that are connected now. */
	get clients(): number {
		return this.#aedes.connectedClients;
	}

	/** Messages on a topic so far. */
	on(topic: string): readonly SeenMessage[] {
		return this.seen.filter((message) => message.topic === topic);
	}

	/** The last payload on a topic; undefined when there was none. */
	last(topic: string): string | undefined {
		return this.on(topic).at(-1)?.payload;
	}

	/** Waits until the condition holds; it is looked at after everything the broker sees. */
	async until(what: string, condition: () => boolean): Promise<void> {
		const deadline = Date.now() + 10_000;
		while (!condition()) {
			if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
			await new Promise<void>((woken) => {
				const timer = setTimeout(woken, 10_000);
				this.#waiting.push(() => {
					clearTimeout(timer);
					woken();
				});
			});
		}
	}

	/** Says something as another client would. */
	say(topic: string, payload: string, retain = false): Promise<void> {
		this.#see({ topic, payload, retain, qos: 1 }, "test");
		return new Promise((done, failed) =>
			this.#aedes.publish({ cmd: "publish", topic, payload: Buffer.from(payload), retain, qos: 1, dup: false }, (error) =>
				error ? failed(error) : done(),
			),
		);
	}

	/**
	 * Says something to the one client that listens to the topic with QoS 1, and to nothing else with it, and waits
	 * until it has taken it. Whatever that client sent before has arrived then, too: bytes keep their order.
	 */
	async tell(topic: string, payload: string, retain = false): Promise<void> {
		const taken = new Promise<void>((done) => this.#aedes.once("ack", () => done()));
		await this.say(topic, payload, retain);
		await taken;
	}

	/** What a client that subscribes now is given from what was kept: topic to payload. */
	async retained(pattern = "#"): Promise<ReadonlyMap<string, string>> {
		// The package's own types leave its store out.
		const { persistence } = this.#aedes as unknown as { persistence: { createRetainedStream(pattern: string): AsyncIterable<Kept> } };
		const kept = new Map<string, string>();
		for await (const { topic, payload } of persistence.createRetainedStream(pattern)) kept.set(topic, payload.toString());
		return kept;
	}

	/** Tears every connection, as a pulled network cable does. */
	cut(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	async stop(): Promise<void> {
		await new Promise<void>((closed) => this.#aedes.close(() => closed()));
		this.cut();
		await new Promise<void>((closed) => this.#server.close(() => closed()));
		this.#wake();
	}

	#see({ topic, payload, retain, qos }: Pick<PublishPacket, "topic" | "payload" | "retain" | "qos">, from: string): void {
		this.seen.push({ topic, payload: payload.toString(), retain, qos, from });
		this.#wake();
	}

	#wake(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const wake of waiting) wake();
	}
}
