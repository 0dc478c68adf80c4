import { systemClock } from "../../../src/clock.ts";
import { parseHomeAssistantAddress } from "../../../src/home-assistant/address.ts";
import { openSession, type Session } from "../../../src/home-assistant/session.ts";
import { loadSocketKit, type Socket } from "../../../src/home-assistant/socket.ts";

/** What Home Assistant says over its WebSocket API (developer documentation, "WebSocket API"), as far as the checks read it. */
export interface StateRow {
	readonly entity_id: string;
	readonly state: string;
	readonly attributes: Readonly<Record<string, unknown>>;
}

/** A row of the entity registry, in its extended form. */
export interface EntityRow {
	readonly entity_id: string;
	readonly unique_id: string;
	readonly platform: string;
	readonly device_id: string | null;
	readonly entity_category: string | null;
	readonly disabled_by: string | null;
	readonly original_name: string | null;
	readonly original_device_class: string | null;
	readonly original_icon: string | null;
	readonly capabilities: Readonly<Record<string, unknown>> | null;
	readonly options: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface DeviceRow {
	readonly id: string;
	readonly identifiers: readonly (readonly [string, string])[];
	readonly name: string | null;
	readonly manufacturer: string | null;
	readonly model: string | null;
	readonly serial_number: string | null;
	readonly sw_version: string | null;
	readonly via_device_id: string | null;
	readonly configuration_url: string | null;
}

export interface LogRow {
	readonly name: string;
	readonly message: readonly string[];
	readonly level: string;
	readonly source: readonly [string, number];
	readonly exception: string;
	readonly count: number;
}

export interface TriggerRow {
	readonly domain: string;
	readonly type: string;
	readonly subtype: string;
	readonly device_id: string;
}

const ANSWER_MS = 20_000;

/** What a listener of one subscription gets; the product's own wrapper hands on events of the bus only. */
type Listener = (event: unknown) => void;

/** One logged-in connection to Home Assistant through the product's own wrapper of the WebSocket API, and the HTTP API with the same token. */
export class HomeAssistantApi {
	readonly url: string;
	readonly token: string;
	readonly #session: Session;
	readonly #subscriptions: Subscriptions;

	private constructor(url: string, token: string, session: Session, subscriptions: Subscriptions) {
		this.url = url;
		this.token = token;
		this.#session = session;
		this.#subscriptions = subscriptions;
	}

	/** Connects and logs in. */
	static async connect(url: string, token: string): Promise<HomeAssistantApi> {
		const address = parseHomeAssistantAddress(url);
		if ("problem" in address) throw new Error(address.problem);
		const subscriptions = new Subscriptions();
		const kit = await loadSocketKit();
		const session = await openSession({
			kit: { ...kit, open: (...args) => subscriptions.watch(kit.open(...args)) },
			clock: systemClock,
			address,
			token,
			checkCertificate: true,
			wants: () => false,
			heard: () => {},
			dropped: () => {},
		});
		return new HomeAssistantApi(url, token, session, subscriptions);
	}

	/** Sends a command; its result is taken to be what the caller says. Rejects with Home Assistant's words. */
	async command<T = unknown>(type: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
		return (await this.#session.command(type, args, ANSWER_MS)) as T;
	}

	/** A command whose events go to the listener from now on. */
	async subscribe(type: string, args: Readonly<Record<string, unknown>>, listener: Listener): Promise<void> {
		const answered = this.#session.command(type, args, ANSWER_MS);
		this.#subscriptions.toLastCommand(listener);
		await answered;
	}

	/** A request to the HTTP API; the result is the answer's JSON. */
	async http<T = unknown>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}${path}`, {
			method,
			headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
		return (text === "" ? null : JSON.parse(text)) as T;
	}

	states(): Promise<readonly StateRow[]> {
		return this.command("get_states");
	}

	devices(): Promise<readonly DeviceRow[]> {
		return this.command("config/device_registry/list");
	}

	/** The MQTT integration's rows of the entity registry, disabled ones too. */
	async entities(): Promise<readonly EntityRow[]> {
		const rows = await this.command<readonly EntityRow[]>("config/entity_registry/list");
		const ours = rows.filter(({ platform }) => platform === "mqtt");
		const entity_ids = ours.map(({ entity_id }) => entity_id);
		const further = await this.command<Record<string, Partial<EntityRow>>>("config/entity_registry/get_entries", { entity_ids });
		return ours.map((row) => ({ ...row, ...further[row.entity_id] }));
	}

	close(): void {
		this.#session.close();
	}
}

/** Subscriptions by the id of their command: looks on at the wrapper's socket, whose commands and events bear it. */
class Subscriptions {
	readonly #listeners = new Map<number, Listener>();
	#lastCommand = 0;

	watch(socket: Socket): Socket {
		const send = socket.send.bind(socket);
		socket.send = (text) => {
			this.#lastCommand = (JSON.parse(text) as { id?: number }).id ?? 0;
			send(text);
		};
		socket.on("message", (data: unknown) => {
			const { type, id = 0, event } = JSON.parse(String(data)) as { type: string; id?: number; event?: unknown };
			if (type === "event") this.#listeners.get(id)?.(event);
		});
		return socket;
	}

	toLastCommand(listener: Listener): void {
		this.#listeners.set(this.#lastCommand, listener);
	}
}
