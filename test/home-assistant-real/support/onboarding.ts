import { HomeAssistantApi } from "./home-assistant-api.ts";

/**
 * The steps of the first start that ask nothing of this house, as a file of Home Assistant's folder that says they are
 * done: one of them, `core_config`, looks for services on the internet. What is left is the first user.
 */
export const FIRST_STEPS = {
	path: ".storage/onboarding",
	content: JSON.stringify({
		...{ version: 4, minor_version: 1, key: "onboarding" },
		data: { done: ["core_config", "analytics", "integration"] },
	}),
} as const;

/** The first user of a Home Assistant, as its page would make it; the result is a token that lasts. */
export async function onboard(url: string): Promise<string> {
	const clientId = `${url}/`;
	const { auth_code } = await post<{ auth_code: string }>(`${url}/api/onboarding/users`, {
		client_id: clientId,
		name: "Test",
		username: "test",
		password: "a house of its own",
		language: "en",
	});
	const { access_token } = await post<{ access_token: string }>(
		`${url}/auth/token`,
		new URLSearchParams({ grant_type: "authorization_code", code: auth_code, client_id: clientId }),
	);
	const api = await HomeAssistantApi.connect(url, access_token);
	try {
		// An address other than its default is on trial: unless it is said to be good, Home Assistant restarts after five minutes.
		await api.command("http/config/promote");
		return await api.command<string>("auth/long_lived_access_token", { client_name: "test", lifespan: 1 });
	} finally {
		api.close();
	}
}

async function post<T>(url: string, body: object): Promise<T> {
	const isForm = body instanceof URLSearchParams;
	const response = await fetch(url, {
		method: "POST",
		...(isForm ? { body } : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
	});
	if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`);
	return (await response.json()) as T;
}

interface Field {
	readonly name: string;
	readonly required?: boolean;
	readonly default?: unknown;
	readonly schema?: readonly Field[];
	readonly description?: { readonly suggested_value?: unknown };
	readonly selector?: {
		readonly boolean?: unknown;
		readonly select?: { readonly options: readonly (string | { readonly value: string })[] };
	};
}

interface Step {
	readonly type: string;
	readonly step_id?: string;
	readonly flow_id: string;
	readonly menu_options?: readonly string[];
	readonly data_schema?: readonly Field[];
	readonly errors?: Readonly<Record<string, string>> | null;
	readonly reason?: string;
	readonly result?: { readonly entry_id: string };
}

/** Adds the MQTT integration for a broker on this machine; the result is the entry's id. */
export async function addMqtt(api: HomeAssistantApi, port: number): Promise<string> {
	const flows = "/api/config/config_entries/flow";
	let step = await api.http<Step>("POST", flows, { handler: "mqtt", show_advanced_options: true });
	if (step.type === "menu") step = await api.http<Step>("POST", `${flows}/${step.flow_id}`, { next_step_id: "broker" });
	if (step.type !== "form") throw new Error(`Home Assistant does not ask for the broker: ${JSON.stringify(step)}`);
	const answers = answersTo(step.data_schema ?? [], { broker: "127.0.0.1", port, protocol: "5" });
	step = await api.http<Step>("POST", `${flows}/${step.flow_id}`, answers);
	const entry = step.result?.entry_id;
	if (step.type !== "create_entry" || entry === undefined)
		throw new Error(`Home Assistant does not take the broker: ${JSON.stringify({ sent: answers, answer: step })}`);
	return entry;
}

/** Changes the discovery prefix of the MQTT integration, as its options page does; Home Assistant loads it anew then. */
export async function setDiscoveryPrefix(api: HomeAssistantApi, entry: string, prefix: string): Promise<void> {
	const flows = "/api/config/config_entries/options/flow";
	const step = await api.http<Step>("POST", flows, { handler: entry, show_advanced_options: true });
	const answers = answersTo(step.data_schema ?? [], { discovery_prefix: prefix });
	const { type } = await api.http<Step>("POST", `${flows}/${step.flow_id}`, answers);
	if (type !== "create_entry") throw new Error(`Home Assistant does not take the options: ${JSON.stringify({ step, answers, type })}`);
}

/** What the form asks for: what we know by name, else what it must have; forms within the form are answered alike. */
function answersTo(fields: readonly Field[], known: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(
		fields.flatMap((field): [string, unknown][] => {
			if (field.schema !== undefined) return [[field.name, answersTo(field.schema, known)]];
			if (field.name in known) return [[field.name, known[field.name]]];
			return field.required ? [[field.name, leastAnswer(field)]] : [];
		}),
	);
}

/** What the form suggests; where it suggests nothing, no and off. */
function leastAnswer({ default: standard, description, selector }: Field): unknown {
	if (standard !== undefined) return standard;
	if (description?.suggested_value !== undefined) return description.suggested_value;
	const options = selector?.select?.options.map((option) => (typeof option === "string" ? option : option.value));
	return options === undefined ? false : (options.find((option) => option === "off") ?? options[0]);
}
