import {
	BANK_SETTINGS,
	type BankOrigin,
	type BankSettings,
	CONTACT_SETTINGS,
	ConfigError,
	type ContactSettings,
	defaultsOf,
	type ServerHandover,
	SIMULATOR_SETTINGS,
	type SimulatorSettings,
} from "../../src/index.ts";
import { bankProperty, simulatorProperty } from "./bank-properties.ts";
import { configProblems, type Problem, readSettings } from "./read-settings.ts";

/** Where a bank's settings come from. */
export const BANK_SOURCES = ["server", "own", "simulator"] as const;
export type BankSource = (typeof BANK_SOURCES)[number];

/** Everything that is needed to open a bank, complete and checked. */
export interface BankPlan {
	readonly origin: BankOrigin;
	readonly settings: BankSettings;
	/** Set when the bank is simulated inside this Node-RED. */
	readonly simulator: SimulatorSettings | null;
	readonly contacts: ContactSettings;
	/** What may be open once only: the port, or the simulator of one configuration. */
	readonly line: string;
}

/** Ports that mean the same line give the same text. */
export function lineOf(port: string): string {
	return /^tcp:/i.test(port) || /^com\d+$/i.test(port) ? port.toLowerCase() : port;
}

function problemsOf(read: () => unknown): readonly Problem[] {
	try {
		read();
		return [];
	} catch (error) {
		if (error instanceof ConfigError && error.context.problems) return error.context.problems;
		throw error;
	}
}

function serverPlan(handover: ServerHandover | undefined): BankPlan {
	if (handover) {
		const { origin, bank, contacts = defaultsOf(CONTACT_SETTINGS) } = handover;
		return { origin, settings: bank, simulator: null, contacts, line: lineOf(bank.port) };
	}
	const message =
		"This Node-RED does not run inside the Rack Battery server, so there is no bank of this server. Open the bank's configuration and choose a port of this machine, or the simulator.";
	throw new ConfigError("invalid", message, { problems: [{ path: "source", message }] });
}

function ownPlan(config: Readonly<Record<string, unknown>>): BankPlan {
	const problems = [
		...problemsOf(() => readSettings(BANK_SETTINGS, config, bankProperty)),
		...problemsOf(() => readSettings(CONTACT_SETTINGS, config)),
	];
	if (problems.length > 0) throw configProblems(problems);
	const settings = readSettings(BANK_SETTINGS, config, bankProperty);
	const contacts = readSettings(CONTACT_SETTINGS, config);
	if (settings.port !== "" && settings.port !== "simulator")
		return { origin: "real", settings, simulator: null, contacts, line: lineOf(settings.port) };
	throw configProblems([
		{
			path: "port",
			message: "say where the battery is: /dev/ttyUSB0, COM3 or tcp://192.168.1.20:8899; for a simulated bank choose the simulator",
		},
	]);
}

function simulatorPlan(nodeId: string, config: Readonly<Record<string, unknown>>): BankPlan {
	const own = { bankId: config.bankId, name: config.name, writeClasses: config.writeClasses };
	const problems = [
		...problemsOf(() => readSettings(BANK_SETTINGS, own, bankProperty)),
		...problemsOf(() => readSettings(SIMULATOR_SETTINGS, config, simulatorProperty)),
		...problemsOf(() => readSettings(CONTACT_SETTINGS, config)),
	];
	if (problems.length > 0) throw configProblems(problems);
	const simulator = readSettings(SIMULATOR_SETTINGS, config, simulatorProperty);
	return {
		origin: simulator.replay === "" ? "simulated" : "replayed",
		// What the simulator speaks is what the bank reads.
		settings: readSettings(BANK_SETTINGS, { ...own, protocol: simulator.protocol }, bankProperty),
		simulator,
		contacts: readSettings(CONTACT_SETTINGS, config),
		line: `simulator of ${nodeId}`,
	};
}

/**
 * The plan of a `rack-battery` configuration. An empty name takes the table's default. Throws a ConfigError
 * in words when the settings cannot be used.
 */
export function planOf(nodeId: string, config: Readonly<Record<string, unknown>>, handover: ServerHandover | undefined): BankPlan {
	const named = { ...config, ...(config.name === "" ? { name: undefined } : {}) };
	const source = config.source ?? "server";
	if (source === "server") return serverPlan(handover);
	if (source === "own") return ownPlan(named);
	if (source === "simulator") return simulatorPlan(nodeId, named);
	throw configProblems([{ path: "source of the bank", message: `must be one of ${BANK_SOURCES.join(", ")}` }]);
}
