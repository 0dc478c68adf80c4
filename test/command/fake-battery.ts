import {
	PARAMETER_GROUP_KEYS,
	PARAMETER_KEYS,
	type ParameterGroupKey,
	type ParameterValues,
	parameterOf,
	parametersOfGroup,
} from "../../src/bms/battery/parameters.ts";
import type { ReadingOf } from "../../src/bms/battery/readings.ts";
import type { BankSnapshot, LinkState } from "../../src/bms/battery/snapshot.ts";
import { STATE_KEYS, type StateKey } from "../../src/bms/battery/states.ts";
import type { ClockTime, InverterProtocol, StoredRecord } from "../../src/bms/battery/stored-record.ts";
import { SWITCH_KEYS, type SwitchKey, switchOf } from "../../src/bms/battery/switches.ts";
import { createBankCommands } from "../../src/bms/command/bank-commands.ts";
import type { Caller, CommandResult, WriteClass } from "../../src/bms/command/command.ts";
import type { AuditEntry, CommandStore, ConfirmedSwitch, ParameterSave } from "../../src/bms/command/command-store.ts";
import { cabledLine, type LineAccess, sharedLine } from "../../src/bms/command/line-access.ts";
import type { PasswordBrake } from "../../src/bms/command/password-brake.ts";
import type { Ask } from "../../src/bms/command/place.ts";
import type { Answered, Exchange, PackAccess, Protocol } from "../../src/bms/protocol/protocol.ts";
import { CommandError, type LineError, RejectedError, TimeoutError } from "../../src/errors.ts";
import { silentLogger } from "../../src/logger.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, pack } from "../support/snapshots.ts";

export const CALLER: Caller = { kind: "http", id: "test" };
export const PASSWORD = "correct horse";

/** One question as it was put on the line. */
export interface Asked {
	readonly what: string;
	readonly isWrite: boolean;
	readonly priority: string;
	readonly attempts: number | undefined;
}

/** What the next write of that name does instead of being carried out. */
export type Mishap = "refused" | "lost-before" | "lost-after" | "ignored";

/** A pack with everything that commands read and write; the test is its wire. */
export class FakeBattery {
	readonly clock = new ManualClock(Date.UTC(2026, 10, 29, 12));
	readonly asked: Asked[] = [];
	/** DIP address that its replies bear. */
	address = 1;
	state: LinkState = "online";
	parameters = new Map<string, number>(PARAMETER_KEYS.map((key) => [key, parameterOf(key).default ?? 0]));
	states = new Map<StateKey, boolean>(STATE_KEYS.map((key) => [key, key === "chargeMosfet" || key === "dischargeMosfet"]));
	records = 3;
	/** This firmware does not let them be read. */
	refusesRecords: boolean = false;
	inverter: InverterProtocol = { can: 1, rs485: 2, mode: "manual" };
	localTime = "2026-11-29T12:00:00";
	/** Of the BMS; null: this firmware does not tell it. */
	serial: string | null = "BMS1";
	/** Of this machine against UTC, ms. */
	readonly offsetMs = new Date(Date.UTC(2026, 10, 29, 12)).getTimezoneOffset() * 60_000;
	/** By the name of the write. */
	readonly mishaps = new Map<string, Mishap>();
	/** Called before each question. */
	before: (what: string) => void = () => {};
	readonly #replies = new Map<Exchange, { readonly what: string; readonly isWrite: boolean; run(): unknown }>();

	get writes(): readonly string[] {
		return this.asked.filter(({ isWrite }) => isWrite).map(({ what }) => what);
	}

	readonly ask: Ask = async <T>(exchange: Exchange<T>, options: Parameters<Ask>[1]): Promise<T> => {
		const reply = this.#replies.get(exchange as Exchange);
		if (reply === undefined) throw new Error("a question of nobody");
		this.before(reply.what);
		this.asked.push({ what: reply.what, isWrite: reply.isWrite, priority: options.priority, attempts: options.attempts });
		await Promise.resolve();
		const mishap = reply.isWrite ? this.mishaps.get(reply.what.split(" ")[0] ?? "") : undefined;
		if (mishap === "refused") throw new RejectedError("refused", "The battery refused.", { rtn: 9 });
		if (mishap === "lost-before") throw this.noAnswer();
		const value = mishap === "ignored" ? { repliedBy: this.address, value: null } : reply.run();
		if (mishap === "lost-after") throw this.noAnswer();
		return value as T;
	};

	noAnswer(): LineError {
		return new TimeoutError("no-answer", "No answer.");
	}

	get access(): PackAccess {
		const answer = <T>(what: string, run: () => T) =>
			this.#exchange<Answered<T>>(what, false, () => ({ repliedBy: this.address, value: run() }));
		const write = (what: string, run: () => void) =>
			this.#exchange<Answered<null>>(what, true, () => {
				run();
				return { repliedBy: this.address, value: null };
			});
		return {
			parameterGroups: PARAMETER_GROUP_KEYS,
			parameters: (_address, group) => answer(`parameters ${group}`, () => this.#group(group)),
			setParameters: (_address, group, values) => {
				if (!Number.isInteger(values.sleepDelay ?? 0)) throw new RangeError("Sleep delay cannot be sent exactly.");
				return write(`setParameters ${group}`, () => {
					for (const key of parametersOfGroup(group)) this.parameters.set(key, values[key] ?? 0);
				});
			},
			record: (_address, index) => answer(`record ${index}`, () => this.#record(index)),
			switches: SWITCH_KEYS,
			setSwitch: (_address, key, on) => write(`setSwitch ${key} ${on}`, () => this.#switch(key, on)),
			setClock: (_address, time) => write("setClock", () => this.#set(time)),
			shutDown: () => write("shutDown", () => {}),
			restoreDefaults: () =>
				write("restoreDefaults", () => {
					for (const key of PARAMETER_KEYS) this.parameters.set(key, parameterOf(key).default ?? 0);
				}),
			clearRecords: () =>
				write("clearRecords", () => {
					this.records = 0;
				}),
			inverterProtocol: () => answer("inverterProtocol", () => this.inverter),
			setInverterProtocol: (_address, wanted) =>
				write("setInverterProtocol", () => {
					this.inverter = wanted;
				}),
		};
	}

	get protocol(): Protocol {
		const reading = <T>(what: string, run: () => T) => this.#exchange<T>(what, false, run);
		const never = () => {
			throw new Error("not asked by commands");
		};
		return {
			name: "fake",
			createFramer: never,
			telemetry: never,
			packCount: never,
			status: () => reading("status", () => this.#status()),
			version: () =>
				reading("version", () => ({ kind: "version", repliedBy: this.address, version: "P16S100A-1812-1.00", bluetoothName: null })),
			serials: () =>
				reading("serials", () => ({ kind: "serials", repliedBy: this.address, bmsSerial: this.#serial(), packSerial: "PACK1" })),
			capacity: () =>
				reading("capacity", () => ({
					kind: "capacity",
					repliedBy: this.address,
					remainingCapacity: 60,
					fullCapacity: 101,
					designCapacity: 100,
				})),
			clock: () => reading("clock", () => ({ kind: "clock", repliedBy: this.address, localTime: this.localTime })),
			access: this.access,
		};
	}

	#exchange<T>(what: string, isWrite: boolean, run: () => T): Exchange<T> {
		const exchange: Exchange<T> = { label: what, request: new Uint8Array(), accept: () => ({ kind: "foreign", reason: "no wire" }) };
		this.#replies.set(exchange as Exchange, { what, isWrite, run });
		return exchange;
	}

	#record(index: number): StoredRecord | null {
		if (this.refusesRecords) throw new RejectedError("unknown-command", "The battery does not know this.", { rtn: 4 });
		return index < this.records ? record(index) : null;
	}

	#serial(): string {
		if (this.serial === null) throw new RejectedError("unknown-command", "The battery does not know this.", { rtn: 4 });
		return this.serial;
	}

	#group(group: ParameterGroupKey): ParameterValues {
		return Object.fromEntries(parametersOfGroup(group).map((key) => [key, this.parameters.get(key) ?? 0]));
	}

	#switch(key: SwitchKey, on: boolean): void {
		const { state, onWhen } = switchOf(key);
		this.states.set(state, on === onWhen);
	}

	#set({ year, month, day, hour, minute, second }: ClockTime): void {
		const two = (value: number) => String(value).padStart(2, "0");
		this.localTime = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
	}

	#status(): ReadingOf<"status"> {
		const states = Object.fromEntries(STATE_KEYS.map((key) => [key, this.states.get(key) ?? false])) as Record<StateKey, boolean>;
		return {
			kind: "status",
			repliedBy: this.address,
			asked: 1,
			blocks: [
				{
					absent: false,
					value: {
						conditions: [],
						states,
						cellCodes: [],
						probeCodes: [],
						chargeCurrentCode: 0,
						packVoltageCode: 0,
						dischargeCurrentCode: 0,
						balancingCells: [],
						unknownBits: [],
						indicationZero: false,
					},
				},
			],
		};
	}
}

function record(index: number): StoredRecord {
	return {
		index,
		localTime: `2026-11-2${9 - index}T12:00:00`,
		cellVoltages: [],
		temperatures: [],
		current: 0,
		voltage: 52,
		remainingCapacity: 60,
		fullCapacity: 100,
		cycleCount: index,
		conditions: [],
		states: [],
		unknownBits: [],
		isPowerOn: null,
	};
}

/** Keeps everything in memory; what should fail fails. */
export class MemoryStore implements CommandStore {
	readonly entries: AuditEntry[] = [];
	readonly kept: ParameterSave[] = [];
	known: string | null = null;
	confirmedSwitches: Readonly<Record<string, ConfirmedSwitch>> = {};
	failing: "audit" | "saves" | null = null;
	/** Passwords that were compared. */
	looks = 0;
	readonly audit = {
		append: async (entry: AuditEntry) => {
			if (this.failing === "audit") throw new Error("disk full");
			this.entries.push(structuredClone(entry));
		},
		last: async (count: number) => this.entries.slice(-count).reverse(),
	};
	readonly saves = {
		add: async (save: Omit<ParameterSave, "version" | "id">) => {
			if (this.failing === "saves") throw new Error("disk full");
			const id = `pack${save.pack}-20261129T120000Z-${this.kept.length + 1}`;
			this.kept.push({ version: 1, id, ...save });
			return id;
		},
		list: async (packNumber: number) => this.kept.filter(({ pack: of }) => of === packNumber).reverse(),
	};
	readonly password = {
		isSet: async () => this.known !== null,
		isRight: async (password: string) => {
			this.looks += 1;
			return password === this.known;
		},
		set: async (password: string) => {
			this.known = password;
		},
	};
	readonly confirmed = {
		load: async () => this.confirmedSwitches,
		save: async (confirmed: Readonly<Record<string, ConfirmedSwitch>>) => {
			this.confirmedSwitches = confirmed;
		},
	};
}

export interface FakeSetup {
	readonly enabled?: readonly WriteClass[];
	readonly cabledPack?: number | null;
	/** Addresses that were heard. */
	readonly heard?: readonly number[];
	/** Every pack on the line answers for itself. */
	readonly isShared?: boolean;
	readonly line?: (line: LineAccess) => LineAccess | null;
	/** Shared with other banks; one of its own when not given. */
	readonly brake?: PasswordBrake;
}

const ALL: readonly WriteClass[] = ["comfort", "control", "parameter"];

/** Commands of a bank with a fake battery at the end of its line. */
export function openCommands({
	enabled = ALL,
	cabledPack = 1,
	heard = [1, 2],
	isShared = false,
	line = (same) => same,
	brake,
}: FakeSetup = {}) {
	const battery = new FakeBattery();
	const store = new MemoryStore();
	const applied: unknown[] = [];
	const snapshot = (): BankSnapshot => {
		const whole = bankSnapshot({ packs: heard.map((address) => pack(address)) });
		return { ...whole, cabledPack, link: { ...whole.link, state: battery.state, problem: null } };
	};
	const lineAccess = isShared
		? sharedLine({ ...battery.protocol, telemetry: neverAsked, status: (address) => battery.protocol.status(address, 1) })
		: cabledLine(battery.protocol);
	const commands = createBankCommands({
		ask: battery.ask,
		line: () => line(lineAccess),
		snapshot,
		apply: (reading) => applied.push(reading),
		enabled,
		store: brake ? Object.assign(store, { brake }) : store,
		clock: battery.clock,
		worldClock: battery.clock,
		logger: silentLogger,
	});
	return {
		battery,
		store,
		applied,
		commands,
		run: (command: string, given: Readonly<Record<string, unknown>> = {}, caller = CALLER): Promise<CommandResult> => {
			const result = commands.run({ command, arguments: given, caller });
			// A command may wait for the battery to settle.
			void result.catch(() => {});
			void battery.clock.advance(10_000);
			return result;
		},
		/** Sets the password and arms. */
		arm: async (armed: "control" | "parameter", caller = CALLER) => {
			store.known = PASSWORD;
			await commands.arm({ class: armed, password: PASSWORD, caller });
		},
	};
}

function neverAsked(): never {
	throw new Error("not asked by commands");
}

/** The code with which a promise rejects. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
	try {
		await promise;
	} catch (error) {
		return error instanceof CommandError || error instanceof RejectedError ? error.code : `no CommandError: ${String(error)}`;
	}
	return "resolved";
}
