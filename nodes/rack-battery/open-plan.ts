import {
	type Bank,
	type BankOrigin,
	type BankRegistry,
	type BankSettings,
	type Clock,
	type CommandStore,
	createDryContacts,
	type EnergyStore,
	gapAtFactor,
	type LineReader,
	type Logger,
	messageOf,
	openModemLines,
	type SimulatorSettings,
	worldClock,
} from "../../src/index.ts";
import type { OpenContacts } from "../lib/bank-access.ts";
import type { BankPlan } from "../lib/bank-plan.ts";
import type { OpenedBank } from "../lib/shared-bank.ts";

/** What opening a bank needs from outside, handed in so that tests can hold the other end of the line. */
export interface OpenTools {
	openBank(
		settings: BankSettings,
		deps: {
			origin: BankOrigin;
			logger: Logger;
			energyStore: EnergyStore;
			commandStore: CommandStore;
			clock: Clock;
			storageClock: Clock;
		},
	): Bank;
	/** Keeps energy counters in a folder; banks of different origin keep their own. */
	energyStore(folder: string, origin: BankOrigin, logger: Logger): EnergyStore;
	/** Keeps password, audit log and saved parameters in a folder; banks of different origin keep their own but the password. */
	commandStore(folder: string, bank: string, origin: BankOrigin, logger: Logger): CommandStore;
	/** A simulated or replayed battery on a line of its own, and the time it lives by. */
	startLine(
		settings: SimulatorSettings,
		logger: Logger,
		world: Clock,
	): Promise<{ readonly port: string; readonly clock: Clock; stop(): Promise<void> }>;
}

/** The modem lines of the battery's own adapter (null), or of another one; a port that cannot be says so when it is read. */
function linesOf(bank: Bank, port: string | null): LineReader {
	if (port === null) {
		const read = () => bank.modemLines?.() ?? Promise.reject(new Error("this bank has no serial adapter"));
		return { read, close: async () => {} };
	}
	try {
		return openModemLines(port, { clock: worldClock(bank.clock) });
	} catch (error) {
		return { read: () => Promise.reject(new Error(messageOf(error))), close: async () => {} };
	}
}

const gapOf = ({ settings, simulator }: BankPlan) => gapAtFactor(settings.gapMs, simulator?.timeFactor ?? 1);

/** Opens the bank of a plan: its simulator first where it has one; the registry knows it while it is open. */
export async function openPlan(
	plan: BankPlan,
	tools: OpenTools,
	deps: {
		readonly logger: Logger;
		readonly dataFolder: string;
		readonly registry: BankRegistry | null;
		readonly contacts: OpenContacts;
		/** Time of *bank of this server*; the world's stands behind it. */
		readonly clock: Clock;
	},
): Promise<OpenedBank> {
	const world = worldClock(deps.clock);
	const line = plan.simulator ? await tools.startLine(plan.simulator, deps.logger.child("simulator"), world) : null;
	try {
		const settings = line ? { ...plan.settings, port: line.port, gapMs: gapOf(plan) } : plan.settings;
		const energyStore = tools.energyStore(deps.dataFolder, plan.origin, deps.logger);
		// A real battery lives in the world's time, whatever the server's own bank does.
		const clock = line?.clock ?? (plan.origin === "real" ? world : deps.clock);
		const { origin } = plan;
		const commandStore = tools.commandStore(deps.dataFolder, settings.id, origin, deps.logger);
		const bank = tools.openBank(settings, { origin, logger: deps.logger, energyStore, commandStore, clock, storageClock: world });
		const unregister = deps.registry?.add(bank);
		const contacts = createDryContacts(bank, plan.contacts, {
			clock: bank.clock,
			logger: deps.logger.child("contacts"),
			openLines: (port) => linesOf(bank, port),
		});
		deps.contacts.set(bank, contacts);
		const close = async () => {
			unregister?.();
			deps.contacts.delete(bank);
			await contacts.stop();
			await bank.close();
			await line?.stop();
		};
		return { bank, close };
	} catch (error) {
		await line?.stop();
		throw error;
	}
}
