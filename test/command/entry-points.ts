import { resolve } from "node:path";
import { BankRegistry } from "../../src/bank-registry.ts";
import type { Bank } from "../../src/bms/bank.ts";
import type { Caller } from "../../src/bms/command/command.ts";
import { silentLogger } from "../../src/logger.ts";
import { startHttpServer } from "../../src/server/http-server.ts";
import { ask } from "../support/http-ask.ts";
import { PASSWORD } from "./fake-battery.ts";

/** A way in: what a person or a program there can do to a bank. Everything is tried, whatever comes back. */
export interface OpenEntry {
	give(command: string, given: unknown): Promise<unknown>;
	arm(armedClass: string): Promise<unknown>;
	end(): Promise<void>;
}

function directly(kind: Caller["kind"]): (bank: Bank) => Promise<OpenEntry> {
	return async ({ commands }) => {
		if (commands === undefined) throw new Error("the bank has no commands");
		const caller = { kind, id: "test" };
		return {
			give: (command, given) => commands.run({ command, arguments: given as Readonly<Record<string, unknown>>, caller }),
			arm: (armed) => commands.arm({ class: armed, password: PASSWORD, caller }),
			end: async () => {},
		};
	};
}

async function overHttp(bank: Bank): Promise<OpenEntry> {
	const registry = new BankRegistry();
	registry.add(bank);
	const http = await startHttpServer({
		host: "127.0.0.1",
		port: 0,
		password: "",
		hostNames: [],
		registry,
		facts: { version: "1", bankId: "bank", origin: "simulated", replay: null, hasOwnBroker: true, brokerUrl: "", editorPath: "/red/" },
		pageFolder: resolve(import.meta.dirname, "../../src/server/page"),
		simulatorApi: null,
		clock: bank.clock,
		logger: silentLogger,
	});
	const post = (path: string, body: unknown) =>
		ask(http.port, `/api/banks/${bank.snapshot.id}/${path}`, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify(body),
		});
	return {
		give: (command, given) => post("commands", { command, arguments: given }),
		arm: (armed) => post("arm", { class: armed, password: PASSWORD }),
		end: () => http.stop(),
	};
}

/** TABLE of the ways in. Whoever makes another one adds a row. */
export const ENTRY_POINTS: Readonly<Record<string, (bank: Bank) => Promise<OpenEntry>>> = {
	"a node": directly("node"),
	MQTT: directly("mqtt"),
	"the command line": directly("cli"),
	HTTP: overHttp,
};
