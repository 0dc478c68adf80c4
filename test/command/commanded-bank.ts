import {
	PARAMETER_GROUP_KEYS,
	PARAMETER_KEYS,
	type ParameterValues,
	parameterOf,
	parametersOfGroup,
} from "../../src/bms/battery/parameters.ts";
import type { InverterProtocol } from "../../src/bms/battery/stored-record.ts";
import type { SwitchKey } from "../../src/bms/battery/switches.ts";
import { switchOf } from "../../src/bms/battery/switches.ts";
import type { WriteClass } from "../../src/bms/command/command.ts";
import { openBank } from "../../src/bms/open-bank.ts";
import { BANK_SETTINGS } from "../../src/bms/options.ts";
import { ASCII_COMMANDS } from "../../src/bms/protocol/ascii/ascii-commands.ts";
import { buildFrame, checkFrame } from "../../src/bms/protocol/ascii/ascii-frame.ts";
import {
	acknowledgement,
	inverterProtocolAnswer,
	parametersAnswer,
	readPackRequest,
	recordAnswer,
	switchAnswer,
} from "../../src/bms/protocol/ascii/ascii-pack-answers.ts";
import { ASCII_PACK_COMMANDS } from "../../src/bms/protocol/ascii/ascii-pack-commands.ts";
import { ASCII_PARAMETERS } from "../../src/bms/protocol/ascii/ascii-parameters.ts";
import { CONTROL, INDICATION } from "../../src/bms/protocol/ascii/ascii-status-bits.ts";
import type { Transport } from "../../src/bms/transport/transport.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { createMemoryLine } from "../../src/simulator/memory-line.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import { type Responder, SimulatedBank } from "../../src/simulator/simulated-bank.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { MemoryStore } from "./fake-battery.ts";

/** Codes that only read, by the protocol's tables. */
const READ_CODES: ReadonlySet<number> = new Set([
	...Object.values(ASCII_COMMANDS).map(({ code }) => code),
	...PARAMETER_GROUP_KEYS.map((group) => ASCII_PARAMETERS[group].read),
	ASCII_PACK_COMMANDS.readRecord.code,
	ASCII_PACK_COMMANDS.readInverterProtocol.code,
]);

/** Whether bytes may change a battery: everything that is not surely a read. */
export function mayWrite(bytes: Uint8Array): boolean {
	const check = checkFrame(bytes);
	return !check.ok || !READ_CODES.has(check.frame.code);
}

/** A simulated battery whose cabled pack also carries out commands, over the true frames. */
class CommandedBattery implements Responder {
	readonly #bank: SimulatedBank;
	readonly #clock: ManualClock;
	readonly states = new Map<string, boolean>();
	values: ParameterValues = Object.fromEntries(PARAMETER_KEYS.map((key) => [key, parameterOf(key).default ?? 0]));
	#inverter: InverterProtocol = { can: 1, rs485: 1, mode: "manual" };

	constructor(bank: SimulatedBank, clock: ManualClock) {
		this.#bank = bank;
		this.#clock = clock;
	}

	answer(request: Uint8Array): Uint8Array | null {
		const check = checkFrame(request);
		const wanted = check.ok ? readPackRequest(check.frame) : null;
		if (wanted === null)
			return this.#withStates(check.ok ? check.frame.code : 0, check.ok ? (check.frame.info[0] ?? 0) : 0, this.#bank.answer(request));
		const address = this.#bank.cabledAddress;
		switch (wanted.kind) {
			case "readParameters":
				return parametersAnswer(
					address,
					wanted.group,
					Object.fromEntries(parametersOfGroup(wanted.group).map((key) => [key, this.values[key] ?? 0])),
				);
			case "writeParameters":
				this.values = { ...this.values, ...wanted.values };
				return acknowledgement(address);
			case "switch":
				return this.#switch(wanted.switch, wanted.on);
			case "readRecord":
				return recordAnswer(address, null);
			case "readInverterProtocol":
				return inverterProtocolAnswer(address, this.#inverter);
			case "setInverterProtocol":
				this.#inverter = wanted.wanted;
				return acknowledgement(address);
			default:
				return acknowledgement(address);
		}
	}

	get now(): number {
		return this.#clock.now();
	}

	#switch(key: SwitchKey, on: boolean): Uint8Array {
		const { state, onWhen } = switchOf(key);
		this.states.set(state, on === onWhen);
		const states = Object.fromEntries(this.states) as Parameters<typeof switchAnswer>[1]["states"];
		return switchAnswer(this.#bank.cabledAddress, { key, on, states });
	}

	/** The status of the cabled pack alone shows what was switched. */
	#withStates(code: number, selector: number, answer: Uint8Array | null): Uint8Array | null {
		const check = answer === null ? null : checkFrame(answer);
		if (code !== ASCII_COMMANDS.status.code || selector !== 1 || check === null || !check.ok) return answer;
		const info = Uint8Array.from(check.frame.info);
		// 16 cells and 6 probes (rs232-v25 §6).
		for (const [offset, bits] of [
			[31, INDICATION],
			[32, CONTROL],
		] as const)
			for (const [bit, state] of Object.entries(bits)) {
				const isSet = this.states.get(state);
				const mask = 1 << Number(bit);
				if (isSet !== undefined) info[offset] = isSet ? (info[offset] ?? 0) | mask : (info[offset] ?? 0) & ~mask;
			}
		return buildFrame({ address: check.frame.address, code: 0, info });
	}
}

export interface CommandedSetup {
	readonly classes?: readonly WriteClass[];
	readonly packs?: number;
	readonly cabledAddress?: number;
	readonly loadW?: number;
}

/** A bank on a paced line of 9600 baud to a simulated battery that carries out commands; everything written is recorded. */
export function openCommandedBank({ classes = [], packs = 1, cabledAddress = 1, loadW = 0 }: CommandedSetup = {}) {
	const clock = new ManualClock(Date.UTC(2026, 10, 29, 12));
	const simulator = { ...defaultsOf(SIMULATOR_SETTINGS), packs, loadW, baudRate: 9600, answerDelayMs: 30 };
	const battery = new CommandedBattery(new SimulatedBank(simulator, { clock, cabledAddress }), clock);
	const { transport } = createMemoryLine(battery, simulator, clock);
	const written: Uint8Array[] = [];
	const recorded: Transport = {
		port: transport.port,
		baudRate: transport.baudRate,
		open: (handlers) => transport.open(handlers),
		close: () => transport.close(),
		write(bytes) {
			written.push(Uint8Array.from(bytes));
			return transport.write(bytes);
		},
	};
	const store = new MemoryStore();
	const settings = { ...defaultsOf(BANK_SETTINGS), packs, writeClasses: classes.join(", ") };
	const bank = openBank(settings, {
		origin: "simulated",
		logger: silentLogger,
		clock,
		transport: recorded,
		random: () => 0,
		commandStore: store,
	});
	async function whileWaiting<T>(promise: Promise<T>): Promise<T> {
		let isSettled = false;
		const done = () => {
			isSettled = true;
		};
		promise.then(done, done);
		for (let n = 0; n < 30_000 && !isSettled; n += 1) await clock.advance(10);
		if (!isSettled) throw new Error("it does not end");
		return promise;
	}
	return {
		bank,
		clock,
		store,
		written,
		battery,
		/** Moves time on until a promise settles. */
		whileWaiting,
		/** Moves time on until the battery was read once. */
		async online(): Promise<void> {
			for (let n = 0; n < 6000 && bank.snapshot.packs.filter(({ presence }) => presence === "live").length < packs; n += 1)
				await clock.advance(10);
		},
		async close(): Promise<void> {
			await whileWaiting(bank.close());
		},
	};
}
