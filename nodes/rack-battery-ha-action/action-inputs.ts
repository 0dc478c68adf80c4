import { ConfigError, type HomeAssistantAction } from "../../src/index.ts";
import { readFlag, readInputs } from "../lib/inputs.ts";

type Data = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads "switch.turn_off". */
function readAction(value: unknown): string {
	const text = typeof value === "string" ? value.trim() : "";
	if (/^[a-z0-9_]+\.[a-z0-9_]+$/.test(text)) return text;
	throw new Error(
		`must name an action of Home Assistant, such as "switch.turn_off" or "notify.mobile_app_phone", not ${JSON.stringify(value)}`,
	);
}

/** Reads entity ids, as an array or as text with commas. */
function readEntities(value: unknown): readonly string[] {
	const list: unknown = typeof value === "string" ? value.split(",") : value;
	const ids = Array.isArray(list) ? list.map((id) => String(id).trim()).filter((id) => id !== "") : [];
	const wrong = ids.find((id) => !/^([a-z0-9_]+\.[a-z0-9_]+|all)$/.test(id));
	if (Array.isArray(list) && wrong === undefined) return ids;
	throw new Error(`must be entity ids, such as "switch.geyser", not ${JSON.stringify(wrong ?? value)}`);
}

/** Reads an object, or its JSON. */
function readData(value: unknown): Data {
	let data = value;
	if (typeof value === "string") {
		try {
			data = JSON.parse(value);
		} catch (error) {
			throw new Error('must be a JSON object, such as {"brightness": 120}', { cause: error });
		}
	}
	if (isRecord(data)) return data;
	throw new Error('must be an object, such as {"brightness": 120}');
}

function readSeconds(value: unknown): number {
	const seconds = Number(value);
	if (Number.isFinite(seconds) && seconds >= 1 && seconds <= 300) return seconds;
	throw new Error(`must be a number from 1 to 300 s, not ${JSON.stringify(value)}`);
}

/** TABLE of the inputs: a message may say each of them differently for its own call. */
export const ACTION_INPUTS = {
	action: { message: "action", config: "action", default: "", read: readAction },
	entity: { message: "entity", config: "entity", default: [] as readonly string[], read: readEntities },
	target: { message: "target", config: "", default: {} as Data, read: readData },
	timeoutSeconds: { message: "timeout", config: "timeoutSeconds", default: 10, read: readSeconds },
	response: { message: "response", config: "response", default: false, read: readFlag },
} as const;

/** The data stands alone: what the message says is laid over what the node says. */
const NODE_DATA = { data: { message: "", config: "data", default: {} as Data, read: readData } } as const;
const MESSAGE_DATA = { data: { message: "data", config: "", default: {} as Data, read: readData } } as const;

/** A call, complete and checked. */
export interface ActionCall {
	readonly action: HomeAssistantAction;
	readonly name: string;
	readonly timeoutMs: number;
}

/** An action may also lie in the payload, as other Home Assistant nodes take it: {action, target, data}. */
function flattened(message: Data): Data {
	const { payload } = message;
	return isRecord(payload) && typeof payload.action === "string" ? { ...message, ...payload } : message;
}

/** The call of a message. Throws a ConfigError in words that names the property. */
export function actionCall(message: object, config: object): ActionCall {
	const said = flattened(message as Data);
	const { action: name, entity, target, timeoutSeconds, response } = readInputs(ACTION_INPUTS, said, config);
	if (name === "")
		throw new ConfigError("invalid", 'No action is named: give one in the node or in msg.action, such as "switch.turn_off".');
	const [domain = "", service = ""] = name.split(".");
	const data = { ...readInputs(NODE_DATA, {}, config).data, ...readInputs(MESSAGE_DATA, said, {}).data };
	const wanted = entity.length === 0 ? target : { ...target, entity_id: entity };
	const isAimed = Object.keys(wanted).length > 0;
	return {
		action: { domain, service, data, returnResponse: response, ...(isAimed ? { target: wanted } : {}) },
		name,
		timeoutMs: timeoutSeconds * 1000,
	};
}
