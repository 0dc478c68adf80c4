import { PARAMETER_KEYS } from "../bms/battery/parameters.ts";
import type { BankSnapshot, PackSnapshot } from "../bms/battery/snapshot.ts";
import type { InverterProtocol } from "../bms/battery/stored-record.ts";
import { SWITCH_KEYS, switchOf } from "../bms/battery/switches.ts";
import { ARMED_CLASSES, type BankCommands, type Caller, type CommandName, WRITE_CLASSES, type WriteClass } from "../bms/command/command.ts";
import type { Clock } from "../clock.ts";
import { CommandError, messageOf } from "../errors.ts";
import type { MqttLink } from "../mqtt-link/mqtt-link.ts";
import { armingComponents, armingKey, controlComponents, controlsOf } from "./control-components.ts";
import { type CommandArguments, type Control, inverterChoice } from "./controls.ts";
import type { Component } from "./discovery-config.ts";
import { snakeCase } from "./entities.ts";
import type { Json, Values } from "./state-payload.ts";
import type { DeviceKey, Names } from "./topics.ts";

/** Commands that may wait for one another; more at once is no person any more. */
const MOST_WAITING = 8;

export interface ControlFeedDeps {
	readonly link: Pick<MqttLink, "publish" | "subscribe" | "onConnection">;
	readonly names: Names;
	readonly clock: Clock;
	/** The broker, for the audit log: whoever may write there may command. */
	readonly broker: string;
	/** The settings messages differ, or (`again`) must be said once more: Home Assistant shows something else. */
	readonly changed: (again: DeviceKey | null) => void;
}

interface LastCommand {
	readonly word: "ok" | "unconfirmed" | "rejected" | "failed";
	readonly details: Readonly<Record<string, Json>>;
}

/**
 * Home Assistant's commands: announces what may be commanded, takes the messages, has them carried out and says what
 * became of them. It decides nothing: the bank's commands do.
 */
export class ControlFeed {
	readonly #commands: BankCommands;
	readonly #deps: ControlFeedDeps;
	readonly #caller: Caller;
	readonly #unsubscribe: readonly (() => void)[];
	readonly #last = new Map<number, LastCommand>();
	readonly #inverters = new Map<number, InverterProtocol | null>();
	readonly #said = new Map<WriteClass, string>();
	#waiting = 0;
	#isStopped: boolean = false;

	constructor(commands: BankCommands, deps: ControlFeedDeps) {
		this.#commands = commands;
		this.#deps = deps;
		this.#caller = { kind: "mqtt", id: deps.broker };
		for (const armed of ARMED_CLASSES) {
			deps.link.subscribe(deps.names.command("bank", armingKey(armed)), (payload, retained) => this.#armHeard(armed, payload, retained));
		}
		this.#unsubscribe = [
			commands.onAccess(() => this.#sayAccess()),
			commands.onWritten?.((command, pack) => this.#written(command, pack)) ?? (() => {}),
			deps.link.onConnection((connected) => {
				this.#said.clear();
				if (connected) this.#sayAccess();
			}),
		];
	}

	stop(): void {
		this.#isStopped = true;
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
		this.#commands.disarm(this.#caller);
	}

	/** What can be commanded on a device, as components. */
	components(device: DeviceKey, snapshot: BankSnapshot, slug: string): Readonly<Record<string, Component>> {
		if (device === "bank") return armingComponents(this.#classes, this.#deps.names, slug);
		const pack = snapshot.packs.find(({ address }) => address === device);
		return pack === undefined ? {} : this.#packComponents(pack, slug);
	}

	/** From now on the pack's command topics are listened to. */
	#packComponents(pack: PackSnapshot, slug: string): Readonly<Record<string, Component>> {
		const controls = this.#controlsOf(pack);
		if (controls.length === 0) return {};
		for (const control of controls) {
			const topic = this.#deps.names.command(pack.address, control.key);
			this.#deps.link.subscribe(topic, (payload, retained) => this.#heard(pack.address, control, payload, retained));
		}
		if (controls.some(({ platform }) => platform === "select")) void this.#readInverter(pack.address);
		return controlComponents(pack, controls, this.#deps.names, slug);
	}

	/** What the components of a pack depend on, as a text. */
	signature(pack: PackSnapshot): string {
		return this.#controlsOf(pack)
			.map(({ key, range, parameter }) => {
				const value = parameter === undefined ? undefined : pack.parameters?.[parameter];
				const isOutside = range !== undefined && value !== undefined && (value < range.minimum || value > range.maximum);
				return isOutside ? `${key}=${value}` : key;
			})
			.join();
	}

	/** The settings message of a pack; null where nothing can be commanded. */
	values(pack: PackSnapshot): Values | null {
		if (this.#controlsOf(pack).length === 0) return null;
		const status = pack.status === null || pack.status.stale ? null : pack.status.value;
		const inverter = this.#inverters.get(pack.address) ?? null;
		const last = this.#last.get(pack.address);
		return {
			switches: Object.fromEntries(
				SWITCH_KEYS.map((key) => {
					const { state, onWhen, unverified } = switchOf(key);
					// Which way round an unverified bit is nobody knows: shown as unknown, with both buttons.
					const isKnown = status !== null && !unverified && !status.unsupported?.includes(state);
					return [snakeCase(key), isKnown ? status.states[state] === onWhen : null];
				}),
			),
			parameters: Object.fromEntries(PARAMETER_KEYS.map((key) => [snakeCase(key), pack.parameters?.[key] ?? null])),
			inverter_protocol: { can: inverterChoice("can", inverter), rs485: inverterChoice("rs485", inverter) },
			last_command: last?.word ?? null,
			last_command_details: last?.details ?? {},
		};
	}

	get #classes(): ReadonlySet<WriteClass> {
		return new Set(this.#commands.access.enabled);
	}

	#controlsOf(pack: PackSnapshot): readonly Control[] {
		return this.#commands.reaches(pack.address) ? controlsOf(this.#commands) : [];
	}

	/** Comfort needs no arming; the other classes are there while they are armed for us. */
	#sayAccess(): void {
		const { armed } = this.#commands.access;
		for (const writeClass of WRITE_CLASSES) {
			const isArmed = armed?.class === writeClass && armed.caller.kind === this.#caller.kind && armed.caller.id === this.#caller.id;
			const word = this.#classes.has(writeClass) && (writeClass === "comfort" || isArmed) ? "online" : "offline";
			if (this.#said.get(writeClass) === word) continue;
			const topic = this.#deps.names.access(writeClass);
			if (this.#deps.link.publish({ topic, payload: word, qos: 1, retain: true })) this.#said.set(writeClass, word);
		}
	}

	#armHeard(armed: (typeof ARMED_CLASSES)[number], password: string, retained: boolean): void {
		if (password === "" || this.#isStopped) return;
		if (retained) {
			this.#reject("bank", armingKey(armed), null, KEPT);
			return;
		}
		this.#commands.arm({ class: armed, password, caller: this.#caller }).catch((error: unknown) => {
			this.#reject("bank", armingKey(armed), null, messageOf(error));
		});
	}

	#heard(address: number, control: Control, payload: string, retained: boolean): void {
		// An empty message is how a kept one is taken back.
		if (payload === "" || this.#isStopped) return;
		const wanted = control.toArguments(payload);
		if (retained) this.#refuse(address, control, payload, KEPT);
		else if (wanted === null) this.#refuse(address, control, payload, `"${payload.slice(0, 60)}" is nothing that ${control.name} can be.`);
		else if (this.#waiting >= MOST_WAITING) this.#refuse(address, control, payload, "Too many commands at once.");
		else void this.#carryOut(address, control, payload, wanted);
	}

	async #carryOut(address: number, control: Control, payload: string, wanted: CommandArguments): Promise<void> {
		this.#waiting += 1;
		try {
			const result = await this.#commands.run({
				command: control.command,
				arguments: { ...wanted, pack: address },
				caller: this.#caller,
			});
			this.#settle(address, control, payload, result.confirmed === false ? "unconfirmed" : "ok", result.text);
		} catch (error) {
			const isRefusal = error instanceof CommandError && error.code !== "not-confirmed";
			if (isRefusal) this.#refuse(address, control, payload, messageOf(error));
			else this.#settle(address, control, payload, "failed", messageOf(error));
		} finally {
			this.#waiting -= 1;
		}
	}

	#refuse(address: number, control: Control, payload: string, reason: string): void {
		this.#reject(address, control.key, payload.slice(0, 60), reason);
		this.#settle(address, control, payload, "rejected", reason);
	}

	#settle(address: number, { key }: Control, payload: string, word: LastCommand["word"], text: string): void {
		const at = new Date(this.#deps.clock.now()).toISOString();
		this.#last.set(address, { word, details: { command: key, value: payload.slice(0, 60), text: text.slice(0, 500), at } });
		if (!this.#isStopped) this.#deps.changed(address);
	}

	#reject(device: DeviceKey, key: string, value: string | null, reason: string): void {
		const at = new Date(this.#deps.clock.now()).toISOString();
		const payload = JSON.stringify({ event_type: "command_rejected", key, value, reason, at });
		this.#deps.link.publish({ topic: this.#deps.names.event(device), payload, qos: 1, retain: false });
	}

	/** Whoever wrote it: what was read before may be old, and nothing else tells it. */
	#written(command: CommandName, address: number): void {
		if (!INVERTER_WRITERS.includes(command) || !this.#inverters.delete(address)) return;
		void this.#readInverter(address);
	}

	/** Asked once a pack, and after it was written: nothing else tells it. A pack that has none stays without. */
	async #readInverter(address: number): Promise<void> {
		if (this.#inverters.has(address)) return;
		this.#inverters.set(address, null);
		try {
			const { value } = await this.#commands.run({
				command: "read-inverter-protocol",
				arguments: { pack: address },
				caller: this.#caller,
			});
			this.#inverters.set(address, inverterIn(value));
			if (!this.#isStopped) this.#deps.changed(null);
		} catch {
			// Shown as unknown; asked again at the next announcement.
			this.#inverters.delete(address);
		}
	}
}

/** Commands after which a pack may speak another inverter protocol. */
const INVERTER_WRITERS: readonly CommandName[] = ["set-inverter-protocol", "restore-defaults"];

const KEPT = "The broker had kept this command: a command is carried out once, when it is given. Send it without retain.";

function inverterIn(value: unknown): InverterProtocol | null {
	return typeof value === "object" && value !== null && "can" in value && "rs485" in value && "mode" in value
		? (value as InverterProtocol)
		: null;
}
