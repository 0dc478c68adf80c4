import type { NodeAPI, NodeDef } from "node-red";
import {
	createCommandFiles,
	createEnergyFile,
	messageOf,
	openBank,
	PasswordBrake,
	type ServerHandover,
	startSimulatedLine,
	systemClock,
} from "../../src/index.ts";
import { type BankConfigNode, createBankAccess, type OpenContacts, type Publishers } from "../lib/bank-access.ts";
import { planOf } from "../lib/bank-plan.ts";
import { BanksInUse } from "../lib/banks-in-use.ts";
import { dataFolderOf } from "../lib/data-folder.ts";
import { isTracing, nodeLogger } from "../lib/node-logger.ts";
import { type OpenTools, openPlan } from "./open-plan.ts";
import { serveProbe } from "./probe-endpoint.ts";

interface Settings {
	readonly rackBattery?: ServerHandover;
	readonly logging?: unknown;
}

/** The tools of a real installation. */
export function realTools(): OpenTools {
	// The administrator's password is one for all banks, whichever it is tried at.
	const brake = new PasswordBrake(systemClock);
	return {
		openBank,
		energyStore: (folder, origin, logger) => createEnergyFile({ folder, origin, logger, clock: systemClock }),
		commandStore: (folder, bank, origin, logger) => createCommandFiles({ folder, bank, origin, logger, clock: systemClock, brake }),
		startLine: (settings, logger, clock) => startSimulatedLine(settings, { logger, clock, readerKeepsTime: true }),
	};
}

/** Registers the node type; the tools are those of a real installation unless a test brings others. */
export function registerWith(RED: NodeAPI, tools: OpenTools): void {
	const settings = RED.settings as unknown as Settings;
	const server = settings.rackBattery;
	const publishers: Publishers = new Map();
	const contacts: OpenContacts = new Map();
	const banks = new BanksInUse((plan, logger) =>
		openPlan(plan, tools, {
			logger,
			dataFolder: dataFolderOf(settings),
			registry: server?.registry ?? null,
			contacts,
			clock: server?.clock ?? systemClock,
		}),
	);

	serveProbe(RED, { userOf: (isLine) => banks.userOf(isLine) });

	function RackBattery(this: BankConfigNode, config: NodeDef): void {
		RED.nodes.createNode(this, config);
		const access = createBankAccess({
			plan: () => planOf(this.id, config as unknown as Readonly<Record<string, unknown>>, server),
			banks,
			publishers,
			contacts,
			server,
			logger: nodeLogger(this, isTracing(settings)),
		});
		this.bankAccess = access;
		this.on("close", (_removed: boolean, done: () => void) => {
			access.end().then(done, (error: unknown) => {
				this.warn(messageOf(error));
				done();
			});
		});
	}
	RED.nodes.registerType("rack-battery", RackBattery, {
		settings: { rackBatteryServer: { value: server !== undefined, exportable: true } },
	});
}

export default function register(RED: NodeAPI): void {
	registerWith(RED, realTools());
}
