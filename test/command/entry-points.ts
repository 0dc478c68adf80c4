import { resolve } from "node:path";
import { BankRegistry } from "../../src/bank-registry.ts";
import type { Bank } from "../../src/bms/bank.ts";
import { silentLogger } from "../../src/logger.ts";
import { startHttpServer } from "../../src/server/http-server.ts";
import { ask } from "../support/http-ask.ts";
import { PASSWORD } from "./fake-battery.ts";
import { overMqtt } from "./over-mqtt.ts";
import { overNode } from "./over-node.ts";

/** A way in: what a person or a program there can do to a bank. Everything is tried, whatever comes back. */
export interface OpenEntry {
	give(command: string, given: unknown): Promise<unknown>;
	arm(armedClass: string): Promise<unknown>;
	end(): Promise<void>;
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

/** Moves time on until a promise settles. */
export type WhileWaiting = <T>(promise: Promise<T>) => Promise<T>;

interface EntryPoint {
	readonly open: (bank: Bank, whileWaiting: WhileWaiting) => Promise<OpenEntry>;
	/** How much of what is asked there gets as far as the commands of a bank that is only read, and is refused by them. */
	readonly refused: number;
	/** Whether it can also ask what only reads. */
	readonly reads: boolean;
}

/**
 * TABLE of the ways in. Whoever makes another one adds a row. The command line opens lines of its own: what it asks is seen
 * in test/cli/the-command-line-only-reads.test.ts.
 */
export const ENTRY_POINTS: Readonly<Record<string, EntryPoint>> = {
	"a node": { open: overNode, refused: 50, reads: true },
	// Listens to nothing but the passwords there.
	MQTT: { open: overMqtt, refused: 2, reads: false },
	HTTP: { open: overHttp, refused: 50, reads: true },
};
