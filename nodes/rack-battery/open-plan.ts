import type { Bank, BankOrigin, BankRegistry, BankSettings, EnergyStore, Logger, SimulatorSettings } from "../../src/index.ts";
import type { BankPlan } from "../lib/bank-plan.ts";
import type { OpenedBank } from "../lib/shared-bank.ts";

/** What opening a bank needs from outside, handed in so that tests can hold the other end of the line. */
export interface OpenTools {
	openBank(settings: BankSettings, deps: { origin: BankOrigin; logger: Logger; energyStore: EnergyStore }): Bank;
	/** Keeps energy counters in a folder; banks of different origin keep their own. */
	energyStore(folder: string, origin: BankOrigin, logger: Logger): EnergyStore;
	/** A simulated or replayed battery on a line of its own. */
	startLine(settings: SimulatorSettings, logger: Logger): Promise<{ readonly port: string; stop(): Promise<void> }>;
}

/** Opens the bank of a plan: its simulator first where it has one; the registry knows it while it is open. */
export async function openPlan(
	plan: BankPlan,
	tools: OpenTools,
	deps: { readonly logger: Logger; readonly dataFolder: string; readonly registry: BankRegistry | null },
): Promise<OpenedBank> {
	const line = plan.simulator ? await tools.startLine(plan.simulator, deps.logger.child("simulator")) : null;
	try {
		const settings = line ? { ...plan.settings, port: line.port } : plan.settings;
		const energyStore = tools.energyStore(deps.dataFolder, plan.origin, deps.logger);
		const bank = tools.openBank(settings, { origin: plan.origin, logger: deps.logger, energyStore });
		const unregister = deps.registry?.add(bank);
		const close = async () => {
			unregister?.();
			await bank.close();
			await line?.stop();
		};
		return { bank, close };
	} catch (error) {
		await line?.stop();
		throw error;
	}
}
