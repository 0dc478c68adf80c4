import { isDeepStrictEqual } from "node:util";
import { ConfigError, type Logger } from "../../src/index.ts";
import type { BankPlan } from "./bank-plan.ts";
import { type BankUser, type OpenedBank, SharedBank } from "./shared-bank.ts";

interface Entry {
	readonly plan: BankPlan;
	readonly shared: SharedBank;
}

function differences(one: BankPlan, other: BankPlan): string {
	const all = ({ settings, contacts }: BankPlan): Readonly<Record<string, unknown>> => ({ ...settings, ...contacts });
	const keys = Object.keys(all(one)).filter((key) => all(one)[key] !== all(other)[key]);
	return keys.length === 0 ? "" : ` and other settings (${keys.join(", ")})`;
}

function lineConflict(wanted: BankPlan, inUse: BankPlan): ConfigError {
	return new ConfigError(
		"conflict",
		`The port ${wanted.settings.port} is already used by the bank "${inUse.settings.name}"${differences(wanted, inUse)}. A cable serves one bank: let both use the same configuration, or give this one another port.`,
		{ port: wanted.settings.port },
	);
}

function idConflict(wanted: BankPlan, inUse: BankPlan): ConfigError {
	return new ConfigError(
		"conflict",
		`The short name "${wanted.settings.id}" already belongs to the bank "${inUse.settings.name}" on ${inUse.settings.port}. Topics and energy counters would mix: give this bank another short name.`,
		{ port: wanted.settings.port },
	);
}

const isSameLine = (one: BankPlan, other: BankPlan) => one.line === other.line;
const isSameId = (one: BankPlan, other: BankPlan) => one.settings.id === other.settings.id && one.origin === other.origin;

/** The banks that are open in one Node-RED: one a port, one a short name. */
export class BanksInUse {
	readonly #open: (plan: BankPlan, logger: Logger) => Promise<OpenedBank>;
	#entries: readonly Entry[] = [];

	constructor(open: (plan: BankPlan, logger: Logger) => Promise<OpenedBank>) {
		this.#open = open;
	}

	/** Name of the bank that uses a line; null when it is free. */
	userOf(isLine: (line: string) => boolean): string | null {
		return this.#entries.find(({ plan, shared }) => shared.isUsed && isLine(plan.line))?.plan.settings.name ?? null;
	}

	/**
	 * Uses the bank of a plan, together with whoever has the same plan; whoever opens it logs. Returns the way to release it. Throws a
	 * ConfigError ("conflict") when its port or short name serves another bank.
	 */
	use(plan: BankPlan, user: BankUser, logger: Logger): () => Promise<void> {
		this.#entries = this.#entries.filter((entry) => !entry.shared.isIdle);
		const related = this.#entries.filter((entry) => isSameLine(entry.plan, plan) || isSameId(entry.plan, plan));
		const same = related.find((entry) => isDeepStrictEqual(entry.plan, plan));
		if (same) return same.shared.use(user);
		for (const { plan: inUse, shared } of related) {
			if (shared.isUsed) throw isSameLine(inUse, plan) ? lineConflict(plan, inUse) : idConflict(plan, inUse);
		}
		const ended = Promise.all(related.map((entry) => entry.shared.settled)).then(() => undefined);
		const shared = new SharedBank(() => this.#open(plan, logger), ended);
		this.#entries = [...this.#entries, { plan, shared }];
		return shared.use(user);
	}
}
