import { randomUUID } from "node:crypto";
import type { CommandProgress, CommandResult, WriteAccess } from "../bms/command/command.ts";
import { type Config, DEFAULT_CONFIG } from "../config/config.ts";
import { CommandError, type ErrorCodes, messageOf } from "../errors.ts";
import type { Battery, RequestHooks } from "./battery.ts";
import { UsageError } from "./battery-options.ts";

/** An answer in lines: progress while it goes on, the result or an error at last (docs/http-api.md). */
const LINES = "application/x-ndjson";

/** A running server, asked over its HTTP API. */
interface Server {
	readonly address: string;
	/** Sends one request; what the server refuses is thrown in its words. */
	send(path: string, body?: object, options?: { readonly signal?: AbortSignal; readonly accept?: string }): Promise<Response>;
}

interface ListedBank {
	readonly id: string;
	readonly origin: Battery["origin"];
}

/** Asks a running server to do it. Rejects in words when it cannot be reached, or has no such bank. */
export async function openServerBattery(text: string, config: Config, signal: AbortSignal): Promise<Battery> {
	const server = serverAt(text, config.server.password);
	const bank = chosenBank(
		(await json(await server.send("/api/banks", undefined, { signal }))) as readonly ListedBank[],
		config.bank.id,
		server,
	);
	const path = (what: string) => `/api/banks/${encodeURIComponent(bank.id)}/${what}`;
	return {
		origin: bank.origin,
		run: (command, given, hooks) => run(server, path("commands"), { command, arguments: given }, hooks),
		async access() {
			const { access } = (await json(await server.send(path("commands")))) as {
				readonly access: Pick<WriteAccess, "enabled" | "hasPassword">;
			};
			return access;
		},
		async arm(wanted) {
			await server.send(path("arm"), wanted);
		},
		async setPassword(change) {
			await server.send(path("password"), change);
		},
		// What was armed is for this call only.
		close: async () => {
			await server.send(path("disarm"), {}).catch(() => undefined);
		},
	};
}

/** The bank of the settings; where they name none, the only one, when there is only one. */
function chosenBank(banks: readonly ListedBank[], wanted: string, { address }: Server): ListedBank {
	const [first, ...others] = banks;
	const isOpen = wanted === DEFAULT_CONFIG.bank.id && others.length === 0;
	const bank = banks.find(({ id }) => id === wanted) ?? (isOpen ? first : undefined);
	if (bank !== undefined) return bank;
	const open =
		banks.length === 0 ? "No flow of it has opened one." : `It has ${banks.map(({ id }) => id).join(", ")}: choose one by --bank-id.`;
	throw new CommandError("not-connected", `The server at ${address} has no bank "${wanted}". ${open}`);
}

function serverAt(text: string, password: string): Server {
	const isAddress = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
	if (!isAddress)
		throw new UsageError(`--server needs the address of the server's pages, for example http://127.0.0.1:1881, not "${text}".`);
	const { origin, pathname, username, password: inAddress } = new URL(text);
	if (username !== "" || inAddress !== "") throw new UsageError("The server's password belongs into --password, not into its address.");
	const address = origin + pathname.replace(/\/$/, "");
	const login = password === "" ? {} : { Authorization: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}` };
	const headers = { ...login, "X-Rack-Battery-Session": randomUUID() };
	return {
		address,
		async send(path, body, { signal, accept } = {}) {
			const request = {
				headers: {
					...headers,
					...(accept === undefined ? {} : { Accept: accept }),
					...(body === undefined ? {} : { "Content-Type": "application/json" }),
				},
				...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
				...(signal === undefined ? {} : { signal }),
			};
			let response: Response;
			try {
				response = await fetch(address + path, request);
			} catch (error) {
				throw signal?.aborted ? cancelled() : unreachable(address, error);
			}
			if (!response.ok) throw await refusalOf(response, address);
			return response;
		},
	};
}

async function run(server: Server, path: string, body: object, { signal, onProgress }: RequestHooks): Promise<CommandResult> {
	const response = await server.send(path, body, { signal, accept: LINES });
	try {
		for await (const line of linesOf(response)) {
			const { progress, result, error } = JSON.parse(line) as {
				readonly progress?: CommandProgress;
				readonly result?: CommandResult;
				readonly error?: { readonly code: string; readonly message: string };
			};
			if (progress !== undefined) onProgress?.(progress);
			if (error !== undefined) throw commandError(error.code, error.message);
			if (result !== undefined) return result;
		}
	} catch (error) {
		if (signal.aborted) throw cancelled();
		throw error instanceof CommandError ? error : unreachable(server.address, error);
	}
	throw new CommandError(
		"not-connected",
		`The server at ${server.address} ended its answer in the middle. Whether it was carried out is not known.`,
	);
}

async function* linesOf(response: Response): AsyncGenerator<string> {
	if (response.body === null) return;
	let rest = "";
	const decoder = new TextDecoder();
	for await (const chunk of response.body) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
		rest = lines.pop() ?? "";
		yield* lines.filter((line) => line.trim() !== "");
	}
	if (rest.trim() !== "") yield rest;
}

async function json(response: Response): Promise<unknown> {
	try {
		return await response.json();
	} catch (error) {
		throw new CommandError("not-connected", "What answers there is no Rack Battery server.", {}, error);
	}
}

/** What a server answered instead of doing it. */
async function refusalOf(response: Response, address: string): Promise<CommandError> {
	if (response.status === 401) return new CommandError("wrong-password", `The server at ${address} wants its own password: --password …`);
	const found = (await response.json().catch(() => null)) as {
		readonly error?: { readonly code?: string; readonly message?: string };
	} | null;
	const { code, message } = found?.error ?? {};
	if (typeof code === "string" && typeof message === "string") return commandError(code, message);
	return new CommandError(
		"not-connected",
		`What answers at ${address} is no Rack Battery server of this version (status ${response.status}).`,
	);
}

/** An error of the server under its own code. */
function commandError(code: string, message: string): CommandError {
	return new CommandError(code as ErrorCodes["command"], message);
}

function unreachable(address: string, error: unknown): CommandError {
	const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
	return new CommandError(
		"not-connected",
		`The server at ${address} cannot be reached (${cause}). Is it running, and is this its address?`,
		{},
		error,
	);
}

function cancelled(): CommandError {
	return new CommandError("cancelled", "Ended by Ctrl-C: nothing more is asked. What was written stays written.");
}
