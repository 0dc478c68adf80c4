import {
	type Bank,
	type BankSnapshot,
	ConfigError,
	commandGenerator,
	decideGenerator,
	type GeneratorCommand,
	type GeneratorInputs,
	type GeneratorSettings,
	type GeneratorState,
	initialGenerator,
	resumedGenerator,
} from "../../src/index.ts";

/** What messages have told; null = not known, or nobody said. */
export type Told = Pick<GeneratorInputs, "grid" | "running" | "lowBattery">;

export interface GeneratorRunDeps {
	readonly bank: Bank;
	readonly settings: GeneratorSettings;
	/** State from before a restart; null for none. */
	readonly kept: GeneratorState | null;
	/** Told when a switch shall change, and once at the beginning. */
	switched(what: "generator" | "load", on: boolean, state: GeneratorState): void;
	/** Told when the generator goes on to another phase, and once at the beginning. */
	changed(state: GeneratorState): void;
	/** Told when there is something new to keep. */
	keep(state: GeneratorState): void;
}

/** After a start the battery has this long to be heard before anything is decided without it, ms. */
const FIRST_WORD_MS = 60_000;

const isFresh = ({ totals }: BankSnapshot) => totals !== null && !totals.stale;

function inputsOf(snapshot: BankSnapshot, told: Told): GeneratorInputs {
	const totals = snapshot.totals?.stale === false ? snapshot.totals.value : null;
	// What the battery has no word for is not known, and not "open".
	const isTold = !snapshot.unsupported.includes("alarm.low_soc");
	const modelled = isTold ? (snapshot.conditions?.some(({ key }) => key === "alarm.low_soc") ?? null) : null;
	return {
		soc: totals?.stateOfCharge ?? null,
		lowestCell: totals?.cellVoltageMin ?? null,
		lowBattery: told.lowBattery === true || modelled === true ? true : (modelled ?? told.lowBattery),
		grid: told.grid,
		running: told.running,
	};
}

/** Everything of the state but what changes by itself with every reading. */
const keptPart = ({ phase, since, attempt, cause, reason, mode }: GeneratorState) =>
	JSON.stringify([phase, since, attempt, cause, reason, mode]);

/** Decides with every snapshot, every message and when a time is over; carries the state. */
export class GeneratorRun {
	readonly #deps: GeneratorRunDeps;
	readonly #stopListening: () => void;
	#state: GeneratorState;
	#told: Told = { grid: null, running: null, lowBattery: null };
	#orders = new Map<"generator" | "load", boolean>();
	#shown = "";
	#mayDecide: boolean;
	#cancel: () => void = () => {};
	readonly #cancelFirst: () => void;

	constructor(deps: GeneratorRunDeps) {
		this.#deps = deps;
		const { bank, kept } = deps;
		const now = bank.clock.now();
		this.#state = kept === null ? initialGenerator(now) : resumedGenerator(kept, now);
		this.#mayDecide = isFresh(bank.snapshot);
		this.#stopListening = bank.subscribe((snapshot) => {
			if (isFresh(snapshot)) this.#mayDecide = true;
			this.#decide();
		});
		this.#cancelFirst = bank.clock.after(FIRST_WORD_MS, () => {
			this.#mayDecide = true;
			this.#decide();
		});
		this.#decide();
	}

	get state(): GeneratorState {
		return this.#state;
	}

	/** Takes signals as they are told. */
	told(signals: Partial<Told>): void {
		this.#told = { ...this.#told, ...signals };
		this.#decide();
	}

	/** Carries out a command. Throws a ConfigError in words when it cannot be done now. */
	command(command: GeneratorCommand): void {
		const next = commandGenerator(this.#state, command, this.#deps.bank.clock.now());
		if (next === null) {
			const why = command === "reset" ? "There is no fault to reset." : `It cannot be started now (${this.#state.phase}).`;
			throw new ConfigError("invalid", `The generator does not obey "${command}". ${why}`);
		}
		this.#state = next;
		// Whoever says so by hand need not wait for the battery.
		this.#mayDecide = true;
		this.#decide();
	}

	stop(): void {
		this.#stopListening();
		this.#cancel();
		this.#cancelFirst();
	}

	#decide(): void {
		if (!this.#mayDecide) return;
		const { bank, settings } = this.#deps;
		const { state, orders, wakeAt } = decideGenerator(this.#state, inputsOf(bank.snapshot, this.#told), settings, bank.clock.now());
		this.#state = state;
		this.#cancel();
		this.#cancel = wakeAt === null ? () => {} : bank.clock.after(Math.max(0, wakeAt - bank.clock.now()), () => this.#decide());
		this.#tell(orders);
	}

	/** The load goes before the generator stops, and comes after it has started. */
	#tell(orders: { readonly generator: boolean; readonly load: boolean }): void {
		const part = keptPart(this.#state);
		if (part !== this.#shown) {
			this.#shown = part;
			this.#deps.keep(this.#state);
			this.#deps.changed(this.#state);
		}
		for (const what of orders.generator ? (["generator", "load"] as const) : (["load", "generator"] as const)) {
			if (this.#orders.get(what) === orders[what]) continue;
			this.#orders.set(what, orders[what]);
			this.#deps.switched(what, orders[what], this.#state);
		}
	}
}
