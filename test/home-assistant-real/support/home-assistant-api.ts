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

interface Answer {
	readonly id?: number;
	readonly type: string;
	readonly success?: boolean;
	readonly result?: unknown;
	readonly error?: { readonly code: string; readonly message: string };
	readonly event?: unknown;
}

const ANSWER_MS = 20_000;

/** One logged-in WebSocket connection to Home Assistant, and its HTTP API with the same token. */
export class HomeAssistantApi {
	readonly url: string;
	readonly token: string;
	readonly #socket: WebSocket;
	readonly #waiting = new Map<number, (answer: Answer) => void>();
	readonly #listeners = new Map<number, (event: unknown) => void>();
	#nextId = 1;

	private constructor(url: string, token: string, socket: WebSocket) {
		this.url = url;
		this.token = token;
		this.#socket = socket;
		socket.addEventListener("message", ({ data }) => {
			const answer = JSON.parse(String(data)) as Answer;
			if (answer.type === "event") this.#listeners.get(answer.id ?? 0)?.(answer.event);
			else this.#waiting.get(answer.id ?? 0)?.(answer);
		});
		socket.addEventListener("close", () => {
			for (const answer of this.#waiting.values()) answer({ type: "closed" });
		});
	}

	/** Connects and logs in. */
	static async connect(url: string, token: string): Promise<HomeAssistantApi> {
		const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/websocket`);
		await new Promise<void>((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error("Home Assistant does not let the test in in time")), ANSWER_MS);
			const end = (act: () => void) => {
				clearTimeout(timer);
				act();
			};
			socket.addEventListener("error", () => end(() => reject(new Error(`no WebSocket at ${url}`))));
			socket.addEventListener("message", function greeting({ data }) {
				const { type } = JSON.parse(String(data)) as Answer;
				if (type === "auth_required") socket.send(JSON.stringify({ type: "auth", access_token: token }));
				if (type !== "auth_ok" && type !== "auth_invalid") return;
				socket.removeEventListener("message", greeting);
				end(() => (type === "auth_ok" ? resolve() : reject(new Error("Home Assistant refuses the token"))));
			});
		});
		return new HomeAssistantApi(url, token, socket);
	}

	/** Sends a command; its result is taken to be what the caller says. Rejects with Home Assistant's words. */
	command<T = unknown>(type: string, args: object = {}): Promise<T> {
		return this.#send<T>(this.#nextId++, type, args);
	}

	/** A command whose events go to the listener from now on. */
	async subscribe(type: string, args: object, listener: (event: unknown) => void): Promise<void> {
		const id = this.#nextId++;
		this.#listeners.set(id, listener);
		await this.#send(id, type, args);
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
		this.#socket.close();
	}

	#send<T>(id: number, type: string, args: object): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			const timer = setTimeout(() => settle({ type: "timeout" }), ANSWER_MS);
			const settle = (answer: Answer) => {
				clearTimeout(timer);
				this.#waiting.delete(id);
				if (answer.success) resolve(answer.result as T);
				else reject(new Error(`${type}: ${answer.error === undefined ? answer.type : `${answer.error.code} ${answer.error.message}`}`));
			};
			this.#waiting.set(id, settle);
			this.#socket.send(JSON.stringify({ id, type, ...args }));
		});
	}
}
