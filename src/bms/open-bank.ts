import { type Clock, systemClock } from "../clock.ts";
import { CommandError, messageOf, TransportError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { addressesIn } from "./address-list.ts";
import type { Bank } from "./bank.ts";
import { createBatteryStore } from "./battery/battery-store.ts";
import type { LineStates } from "./battery/contact.ts";
import type { EnergyStore } from "./battery/energy.ts";
import type { BankOrigin, BankSnapshot, EnergyCounters, LinkSnapshot } from "./battery/snapshot.ts";
import type { BatteryStore, StoreListener } from "./battery/store-interface.ts";
import { type BankCommandsParts, createBankCommands, type OwnedBankCommands } from "./command/bank-commands.ts";
import type { CommandStore } from "./command/command-store.ts";
import { cabledLine, type LineAccess, sharedLine } from "./command/line-access.ts";
import { NO_STORE } from "./command/no-store.ts";
import { writeClassesIn } from "./command/write-classes.ts";
import { BmsDriver, type DriverParts } from "./driver/bms-driver.ts";
import { checkBankSettings } from "./driver/check-settings.ts";
import { EnergyKeeper } from "./driver/energy-keeper.ts";
import type { BankSettings } from "./options.ts";
import { AutoDriver, type BankDriver } from "./probe/auto-driver.ts";
import type { ResolvedProtocol } from "./probe/auto-protocol.ts";
import { type LineProtocol, PROTOCOLS } from "./protocol/protocols.ts";
import { openTransport } from "./transport/open-transport.ts";
import { createTrafficRing, type RecentTraffic, recorded } from "./transport/traffic-ring.ts";
import type { Transport } from "./transport/transport.ts";

export interface OpenBankDeps {
	/** Where the bytes come from; shown wherever the numbers appear. */
	readonly origin: BankOrigin;
	readonly logger: Logger;
	/** The machine's time when not given. */
	readonly clock?: Clock;
	/** Time of the disk under the energy store, which is no faster when the battery's time is; `clock` when not given. */
	readonly storageClock?: Clock;
	/** Keeps energy counters over restarts; without it they begin at 0. */
	readonly energyStore?: EnergyStore;
	/** Keeps what the commands need over restarts (password, audit log, saved parameters); without it nothing can be written to the battery. */
	readonly commandStore?: CommandStore;
	/** Instead of the transport that the port names: a line inside this process. */
	readonly transport?: Transport;
	/** Random number in 0..1 for the jitter of reconnects. */
	readonly random?: () => number;
}

/**
 * Opens a bank: reads it from now on until it is closed. Trouble on the line shows in the snapshot and is never
 * thrown. Throws a ConfigError when the settings cannot be used.
 */
export function openBank(settings: BankSettings, deps: OpenBankDeps): Bank {
	checkBankSettings(settings);
	const { origin, clock = systemClock, storageClock = clock, random = Math.random } = deps;
	const logger = deps.logger.child("bms");
	const createStore = (initialEnergy: ReadonlyMap<number, EnergyCounters>) =>
		createBatteryStore({ id: settings.id, name: settings.name, origin, port: settings.port, settings, clock, initialEnergy });
	const keeper = deps.energyStore
		? new EnergyKeeper({ bankId: settings.id, energyStore: deps.energyStore, clock: storageClock, logger: logger.child("energy") })
		: null;
	const traffic = createTrafficRing();
	const lineOf = ({ protocol, baudRate }: Pick<ResolvedProtocol, "protocol" | "baudRate">): LineInUse => {
		const line: LineProtocol = PROTOCOLS[protocol];
		const opened = deps.transport ?? openTransport({ port: settings.port, baudRate, clock });
		const transport = recorded(opened, traffic.add, () => clock.now());
		return { transport, line, settings: raisedTo(line, { ...settings, baudRate }), access: accessOf(line) };
	};
	// With `auto` a line that is never opened stands here until it is found out what the battery speaks.
	let inUse = lineOf({ protocol: settings.protocol === "auto" ? "ascii-0x25" : settings.protocol, baudRate: settings.baudRate });
	let isFound = settings.protocol !== "auto";
	const modemLines = () => {
		const { transport } = inUse;
		if (transport.modemLines) return transport.modemLines();
		const message = `${settings.port} is no serial port of this machine, so it has no lines CTS, DSR or DCD.`;
		return Promise.reject(new TransportError("failed", message, { port: settings.port }));
	};
	const openCommands = (line: CommandLine) =>
		createBankCommands({
			...line,
			line: () => (isFound ? inUse.access : null),
			enabled: writeClassesIn(settings.writeClasses),
			store: deps.commandStore ?? NO_STORE,
			clock,
			worldClock: storageClock,
			logger: logger.child("commands"),
		});
	return new OpenBank({
		// On RS232 no addresses are told: the pack with the cable knows the others.
		packsTold: () => (inUse.line.reach === "cabled" ? settings.packs : addressesIn(settings.addresses).length || settings.packs),
		modemLines,
		traffic,
		openCommands,
		clock,
		logger,
		keeper,
		createStore,
		createDriver: (store) => {
			const driverOf = () => new BmsDriver({ ...inUse, store, clock, logger: logger.child("driver"), random });
			if (settings.protocol !== "auto") return driverOf();
			const createDriver = (found: ResolvedProtocol) => {
				inUse = lineOf(found);
				isFound = true;
				return driverOf();
			};
			const given = deps.transport ? { transport: deps.transport } : {};
			return new AutoDriver({
				settings,
				store,
				clock,
				logger: logger.child("probe"),
				random,
				createDriver,
				onTraffic: traffic.add,
				...given,
			});
		},
	});
}

/** The line as it is read, and what commands can reach on it. */
interface LineInUse extends Pick<DriverParts, "transport" | "line" | "settings"> {
	readonly access: LineAccess;
}

/** What the commands need of the open bank. */
type CommandLine = Pick<BankCommandsParts, "ask" | "snapshot" | "apply" | "onShutDown">;

/** The settings with the pauses and limits the protocol needs at least. */
function raisedTo({ gapMs, firstByteTimeoutMs }: LineProtocol, settings: BankSettings): BankSettings {
	return {
		...settings,
		gapMs: Math.max(settings.gapMs, gapMs),
		firstByteTimeoutMs: Math.max(settings.firstByteTimeoutMs, firstByteTimeoutMs),
	};
}

/** What commands can reach: the pack with the cable, or every pack at its own address. */
function accessOf(line: LineProtocol): LineAccess {
	return line.reach === "cabled" ? cabledLine(line.protocol) : sharedLine(line.protocol);
}

interface OpenBankParts {
	readonly packsTold: () => number;
	readonly openCommands: (line: CommandLine) => OwnedBankCommands;
	readonly modemLines: () => Promise<LineStates>;
	readonly traffic: RecentTraffic;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly keeper: EnergyKeeper | null;
	readonly createStore: (initialEnergy: ReadonlyMap<number, EnergyCounters>) => BatteryStore;
	readonly createDriver: (store: BatteryStore) => BankDriver;
}

/** A bank whose reading begins as soon as its energy counters are there to go on from. */
class OpenBank implements Bank {
	readonly #parts: OpenBankParts;
	readonly #listeners = new Set<StoreListener>();
	/** Listeners that have thrown. */
	readonly #broken = new WeakSet<StoreListener>();
	readonly #closing = new AbortController();
	readonly #started: Promise<void>;
	readonly commands: OwnedBankCommands;
	/** An empty one until the energy counters are loaded: nothing is counted before. */
	#store: BatteryStore;
	#driver: BankDriver | null = null;
	#hasEnergy: boolean = true;
	#closed: Promise<void> | null = null;
	#view: { readonly of: BankSnapshot; readonly problem: LinkSnapshot["problem"]; readonly shown: BankSnapshot } | null = null;

	constructor(parts: OpenBankParts) {
		this.#parts = parts;
		this.#store = parts.createStore(new Map());
		this.commands = parts.openCommands({
			ask: (exchange, options) => this.#driver?.ask(exchange, options) ?? Promise.reject(notOpenError()),
			snapshot: () => this.snapshot,
			apply: (reading, at) => this.#store.apply(reading, at),
			onShutDown: (pack) => this.#driver?.letSleepNow(pack),
		});
		this.#started = this.#start();
	}

	get clock(): Clock {
		return this.#parts.clock;
	}

	get packsTold(): number {
		return this.#parts.packsTold();
	}

	get modemLines(): () => Promise<LineStates> {
		return this.#parts.modemLines;
	}

	get traffic(): RecentTraffic {
		return this.#parts.traffic;
	}

	get snapshot(): BankSnapshot {
		return this.#shown(this.#store.snapshot);
	}

	subscribe(listener: StoreListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	close(): Promise<void> {
		this.#closed ??= this.#close();
		return this.#closed;
	}

	async #start(): Promise<void> {
		const { keeper, createStore, createDriver } = this.#parts;
		const energy = keeper ? await keeper.load(this.#closing.signal) : new Map<number, EnergyCounters>();
		if (this.#closing.signal.aborted) return;
		this.#hasEnergy = energy !== null;
		const store = energy === null || energy.size === 0 ? this.#store : createStore(energy);
		if (store !== this.#store) this.#store.close();
		this.#store = store;
		store.subscribe((snapshot, events, cycle) => {
			const shown = this.#shown(snapshot);
			for (const listener of [...this.#listeners]) this.#tell(listener, shown, events, cycle);
		});
		keeper?.start(() => store.energy);
		this.#driver = createDriver(store);
		this.#driver.start();
	}

	async #close(): Promise<void> {
		this.commands.close();
		this.#closing.abort();
		await this.#started;
		await this.#driver?.close();
		await this.#parts.keeper?.close(this.#store.energy);
		this.#store.close();
		this.#listeners.clear();
	}

	/** A consumer's mistake must not end the reading for the others; told once a consumer. */
	#tell(listener: StoreListener, ...news: Parameters<StoreListener>): void {
		try {
			listener(...news);
		} catch (error) {
			if (this.#broken.has(listener)) return;
			this.#broken.add(listener);
			this.#parts.logger.error(`A consumer of the bank failed: ${error instanceof Error ? error.stack : messageOf(error)}`);
		}
	}

	/** The snapshot with the storage's trouble; energy that cannot be gone on with is absent, not counted from 0. */
	#shown(snapshot: BankSnapshot): BankSnapshot {
		const problem = this.#parts.keeper?.problem ?? null;
		if (problem === null) return snapshot;
		if (this.#view?.of === snapshot && this.#view.problem === problem) return this.#view.shown;
		const link = { ...snapshot.link, problem: snapshot.link.problem ?? problem };
		const energy = this.#hasEnergy ? snapshot.energy : null;
		const packs = this.#hasEnergy ? snapshot.packs : snapshot.packs.map((pack) => ({ ...pack, energy: null }));
		const shown: BankSnapshot = Object.freeze({ ...snapshot, link, energy, packs });
		this.#view = { of: snapshot, problem, shown };
		return shown;
	}
}

function notOpenError(): CommandError {
	return new CommandError("not-connected", "The line to the battery is not open yet.");
}
