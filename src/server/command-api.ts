import { createHash } from "node:crypto";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { type Request, type RequestHandler, type Response, Router } from "express";
import type { BankRegistry } from "../bank-registry.ts";
import type { Bank } from "../bms/bank.ts";
import { type BankCommands, type Caller, COMMAND_NAMES, commandOf, type WriteAccess } from "../bms/command/command.ts";
import type { BmsError, ErrorCode, ErrorKind } from "../errors.ts";

/** Names one program among those of one machine, so that what it arms is its own; kept as a digest only. */
export const SESSION_HEADER = "X-Rack-Battery-Session";
/** An answer in lines: `{"progress"}` while it goes on, at last `{"result"}` or `{"error"}`. */
const LINES = "application/x-ndjson";
const MOST_AUDIT_ENTRIES = 1000;
const USUAL_AUDIT_ENTRIES = 100;

const PASSWORD = { type: "string", minLength: 1, maxLength: 1024 } as const;
const body = (properties: object, required: readonly string[]) => ({ type: "object", additionalProperties: false, properties, required });

/** TABLE of the bodies that are taken. What the arguments must be stands in the table of commands. */
export const BODIES = {
	commands: body({ command: { type: "string", maxLength: 64 }, arguments: { type: "object" } }, ["command"]),
	arm: body({ class: { type: "string", maxLength: 64 }, password: PASSWORD }, ["class", "password"]),
	disarm: body({}, []),
	password: body({ old: { type: ["string", "null"], maxLength: 1024 }, password: PASSWORD }, ["password"]),
} as const;

/** TABLE of the status of an answer that says no, by code; by kind where the code is not here. */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
	unknown: 404,
	"bad-argument": 400,
	"out-of-range": 400,
	"not-enabled": 403,
	"not-armed": 403,
	"wrong-password": 403,
	"wrong-pack": 409,
	unsupported: 501,
	"not-connected": 503,
	busy: 429,
	cancelled: 409,
	"not-saved": 500,
	"not-confirmed": 502,
};
const STATUS_OF_KIND: Record<ErrorKind, number> = {
	command: 400,
	transport: 503,
	timeout: 504,
	frame: 502,
	rejected: 502,
	decode: 502,
	config: 500,
};

/** Commands over HTTP, below `/banks/:id`: `/commands`, `/arm`, `/disarm`, `/password`, `/audit`. It decides nothing: the bank's commands do. */
export function createCommandApi(registry: BankRegistry): Router {
	const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
	const api = Router();
	const get = (path: string, answer: (commands: BankCommands, request: Request) => unknown) =>
		api.get(
			path,
			handled(registry, async (commands, request, response) => void response.json(await answer(commands, request))),
		);
	const post = (
		path: keyof typeof BODIES,
		answer: (commands: BankCommands, given: Given, request: Request, response: Response) => Promise<void>,
	) => {
		const validate = ajv.compile(BODIES[path]);
		const handler = handled(registry, async (commands, request, response) => {
			const given = checked(validate, request.body);
			if (typeof given === "string") sayNo(response, 400, "bad-request", given);
			else await answer(commands, given, request, response);
		});
		api.post(`/banks/:id/${path}`, handler);
	};
	get("/banks/:id/commands", (commands, request) => ({
		commands: tableOf(commands),
		access: accessFor(commands.access, callerOf(request)),
	}));
	get("/banks/:id/audit", (commands, request) => commands.audit?.(entriesWanted(request.query.last)) ?? []);
	post("commands", runCommand);
	post("arm", async (commands, { class: wanted = "", password = "" }, request, response) => {
		await commands.arm({ class: wanted, password, caller: callerOf(request) });
		response.json({ access: accessFor(commands.access, callerOf(request)) });
	});
	post("disarm", async (commands, _given, request, response) => {
		commands.disarm(callerOf(request));
		response.json({ access: accessFor(commands.access, callerOf(request)) });
	});
	post("password", async (commands, { old = null, password = "" }, request, response) => {
		await commands.setPassword({ old, password, caller: callerOf(request) });
		response.json({ access: accessFor(commands.access, callerOf(request)) });
	});
	return api;
}

/** What the bodies may bring, checked by their schemas. */
interface Given {
	readonly command?: string;
	readonly arguments?: Readonly<Record<string, unknown>>;
	readonly class?: string;
	readonly old?: string | null;
	readonly password?: string;
}

type Answer = (commands: BankCommands, request: Request, response: Response) => Promise<void>;

/** Finds the bank; what is refused goes out as JSON, anything else on to the server's own handler. */
function handled(registry: BankRegistry, answer: Answer): RequestHandler {
	return async (request, response) => {
		response.set("Cache-Control", "no-store");
		const bank = registry.list().find((open) => open.bank.snapshot.id === request.params.id)?.bank;
		const commands = bank?.commands;
		if (bank === undefined) sayNo(response, 404, "no-such-bank", `No open bank has the id ${JSON.stringify(request.params.id)}.`);
		else if (commands === undefined) sayNo(response, 501, "unsupported", noCommands(bank));
		else {
			try {
				await answer(commands, request, response);
			} catch (error) {
				if (!isRefusal(error)) throw error;
				sayNo(response, statusOf(error), error.code, error.message);
			}
		}
	};
}

const noCommands = ({ snapshot }: Bank) => `Nothing can be asked of ${snapshot.name} beyond what is shown.`;

/** Carries it out; whoever hangs up meanwhile has it cancelled, as far as nothing is written. */
async function runCommand(
	commands: BankCommands,
	{ command = "", arguments: wanted = {} }: Given,
	request: Request,
	response: Response,
): Promise<void> {
	const hungUp = new AbortController();
	response.on("close", () => hungUp.abort());
	const caller = callerOf(request);
	if (request.get("Accept") !== LINES) {
		response.json(await commands.run({ command, arguments: wanted, caller, signal: hungUp.signal }));
		return;
	}
	response.type(LINES);
	const line = (content: object) => void response.write(`${JSON.stringify(content)}\n`);
	try {
		const result = await commands.run({
			command,
			arguments: wanted,
			caller,
			signal: hungUp.signal,
			onProgress: (progress) => line({ progress }),
		});
		line({ result });
	} catch (error) {
		if (!isRefusal(error)) throw error;
		if (response.headersSent) line({ error: { code: error.code, message: error.message } });
		else throw error;
	}
	response.end();
}

/** The table of commands, each with whether this battery and line can do it. */
function tableOf(commands: BankCommands): object {
	return Object.fromEntries(COMMAND_NAMES.map((name) => [name, { ...commandOf(name), offered: commands.offers(name) }]));
}

/** Whom something is armed for is nobody else's business. */
function accessFor({ enabled, hasPassword, armed }: WriteAccess, caller: Caller): object {
	const isYours = armed !== null && armed.caller.kind === caller.kind && armed.caller.id === caller.id;
	return { enabled, hasPassword, armed: armed === null ? null : { class: armed.class, until: armed.until, isYours } };
}

/** The machine that asks, and the program on it where it says so. */
export function callerOf(request: Request): Caller {
	const from = (request.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
	const session = request.get(SESSION_HEADER);
	if (session === undefined || session === "") return { kind: "http", id: from };
	return { kind: "http", id: `${from} ${createHash("sha256").update(session).digest("hex").slice(0, 16)}` };
}

function checked(validate: ValidateFunction, given: unknown): Given | string {
	if (given === undefined) return "Send a JSON object, with Content-Type application/json.";
	if (validate(given)) return given as Given;
	return `${(validate.errors ?? []).map(problemWords).join("; ")}.`;
}

function problemWords({ instancePath, message = "is wrong", params }: ErrorObject): string {
	const unknown: unknown = params.additionalProperty;
	const what = instancePath === "" ? "the body" : instancePath.slice(1);
	return typeof unknown === "string" ? `${what} must not have ${JSON.stringify(unknown.slice(0, 60))}` : `${what} ${message}`;
}

function entriesWanted(last: unknown): number {
	const wanted = typeof last === "string" && /^\d{1,6}$/.test(last) ? Number(last) : USUAL_AUDIT_ENTRIES;
	return Math.min(Math.max(1, wanted), MOST_AUDIT_ENTRIES);
}

type Refusal = Pick<BmsError, "code" | "kind" | "message">;

/** Told by what it says of itself: the nodes, which open the banks, have a copy of the class of their own. */
function isRefusal(error: unknown): error is Refusal {
	if (!(error instanceof Error) || !("kind" in error) || !("code" in error)) return false;
	return typeof error.kind === "string" && Object.hasOwn(STATUS_OF_KIND, error.kind) && typeof error.code === "string";
}

function statusOf({ code, kind }: Refusal): number {
	return STATUS_OF_CODE[code as ErrorCode] ?? STATUS_OF_KIND[kind];
}

function sayNo(response: Response, status: number, code: string, message: string): void {
	// Whoever hung up hears nothing more.
	if (!response.headersSent) response.status(status).type("json").json({ error: { code, message } });
}
