import type { Clock } from "../../clock.ts";
import { CommandError, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { type Arming, type ArmingInput, DISARMED, isArmed, nextArming } from "./arming.ts";
import { ARMED_CLASSES, type ArmedClass, type BankCommands, type Caller, type WriteAccess, type WriteClass } from "./command.ts";
import type { AdminPassword } from "./command-store.ts";
import type { PasswordBrake } from "./password-brake.ts";

/** Shortest password, characters. */
const SHORTEST_PASSWORD = 8;
/** Longest, so that nobody keeps this machine busy with hashing. */
const LONGEST_PASSWORD = 256;

interface ArmoryEvent {
	readonly command: "arm" | "disarm" | "set-password";
	readonly class: ArmedClass | null;
	readonly caller: Caller;
	readonly code: string;
	readonly text: string;
}

export interface ArmoryParts {
	readonly password: AdminPassword;
	readonly brake: PasswordBrake;
	/** Time of this machine. */
	readonly clock: Clock;
	readonly enabled: readonly WriteClass[];
	readonly logger: Logger;
	readonly audit: (event: ArmoryEvent) => Promise<void>;
}

/** The administrator's password and what it arms, in time. Neither the password nor anything made of it leaves this place. */
export class Armory {
	readonly #parts: ArmoryParts;
	readonly #listeners = new Set<() => void>();
	#arming: Arming = DISARMED;
	#hasPassword: boolean = false;
	#cancelTimer: (() => void) | null = null;
	#isClosed: boolean = false;

	constructor(parts: ArmoryParts) {
		this.#parts = parts;
		parts.password.isSet().then(
			(isSet) => this.#learn(isSet),
			(error: unknown) => parts.logger.error(`The administrator's password cannot be looked up: ${messageOf(error)}`),
		);
	}

	get access(): WriteAccess {
		const { enabled, clock } = this.#parts;
		const { armed } = nextArming(this.#arming, { type: "time", at: clock.now() });
		return { enabled, hasPassword: this.#hasPassword, armed };
	}

	onAccess(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Throws a CommandError when this class is not enabled, or not armed for this caller now. */
	check(wanted: WriteClass, caller: Caller): void {
		this.#checkEnabled(wanted);
		if (!isArmedClass(wanted) || isArmed(this.#arming, wanted, caller, this.#parts.clock.now())) return;
		throw new CommandError(
			"not-armed",
			`Class ${wanted} is not armed for this caller: arm it with the administrator's password; it holds for five minutes.`,
		);
	}

	async arm({ class: wanted, password, caller }: Parameters<BankCommands["arm"]>[0]): Promise<void> {
		const armed = ARMED_CLASSES.find((known) => known === wanted) ?? null;
		await this.#audited({ command: "arm", class: armed, caller }, `class ${armed} is armed for five minutes`, async () => {
			if (armed === null) throw new CommandError("bad-argument", `The class to arm must be ${ARMED_CLASSES.join(" or ")}.`);
			this.#checkEnabled(armed);
			await this.#parts.brake.inTurn(async () => {
				if (!(await this.#readIsSet()))
					throw new CommandError("not-armed", "There is no administrator's password yet: set one first, then arm with it.");
				await this.#checkPassword(password);
				this.#move({ type: "armed", class: armed, caller, at: this.#parts.clock.now() });
			});
		});
	}

	disarm(caller: Caller): void {
		const before = this.#arming.armed;
		this.#move({ type: "disarmed", caller });
		if (before === null || this.#arming.armed !== null) return;
		void this.#parts.audit({ command: "disarm", class: before.class, caller, code: "ok", text: "disarmed" });
	}

	async setPassword({ old, password, caller }: Parameters<BankCommands["setPassword"]>[0]): Promise<void> {
		await this.#audited({ command: "set-password", class: null, caller }, "the administrator's password was set", () =>
			this.#parts.brake.inTurn(async () => {
				const isSet = await this.#readIsSet();
				if (isSet) {
					if (old === null || old === undefined)
						throw new CommandError("wrong-password", "To change the administrator's password the old one is needed.");
					await this.#checkPassword(old);
				}
				if (typeof password !== "string" || password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD)
					throw new CommandError(
						"bad-argument",
						`The administrator's password needs ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters.`,
					);
				await this.#save(password);
				this.#hasPassword = true;
				this.#move({ type: "ended" });
				this.#tell();
			}),
		);
	}

	close(): void {
		this.#isClosed = true;
		this.#cancelTimer?.();
		this.#cancelTimer = null;
		this.#arming = DISARMED;
		this.#listeners.clear();
	}

	#checkEnabled(wanted: WriteClass): void {
		if (this.#parts.enabled.includes(wanted)) return;
		const now = this.#parts.enabled.length === 0 ? "it is read only" : `it allows ${this.#parts.enabled.join(", ")}`;
		throw new CommandError("not-enabled", `Class ${wanted} is not enabled in this bank's settings (write classes): ${now}.`);
	}

	#checkPassword(password: unknown): Promise<void> {
		const { brake, password: known } = this.#parts;
		return brake.check(async () => typeof password === "string" && password.length <= LONGEST_PASSWORD && (await known.isRight(password)));
	}

	/** Another program may have set it. */
	async #readIsSet(): Promise<boolean> {
		const isSet = await this.#parts.password.isSet();
		this.#learn(isSet);
		return isSet;
	}

	async #save(password: string): Promise<void> {
		try {
			await this.#parts.password.set(password);
		} catch (error) {
			throw new CommandError("not-saved", `The administrator's password cannot be kept: ${messageOf(error)}`);
		}
	}

	async #audited(event: Pick<ArmoryEvent, "command" | "class" | "caller">, done: string, task: () => Promise<void>): Promise<void> {
		try {
			await task();
		} catch (error) {
			const code = error instanceof CommandError ? error.code : "failed";
			await this.#parts.audit({ ...event, code, text: messageOf(error) });
			throw error;
		}
		await this.#parts.audit({ ...event, code: "ok", text: done });
	}

	#learn(isSet: boolean): void {
		if (isSet === this.#hasPassword) return;
		this.#hasPassword = isSet;
		this.#tell();
	}

	#move(input: ArmingInput): void {
		const before = this.#arming.armed;
		if (this.#isClosed) return;
		this.#arming = nextArming(this.#arming, input);
		const { armed } = this.#arming;
		if (armed === before) return;
		const { clock } = this.#parts;
		this.#cancelTimer?.();
		// When it goes off the time is over, also when this machine's clock was set back meanwhile.
		this.#cancelTimer = armed === null ? null : clock.after(armed.until - clock.now(), () => this.#move({ type: "time", at: armed.until }));
		this.#tell();
	}

	/** A listener's mistake must not end the others. */
	#tell(): void {
		for (const listener of [...this.#listeners]) {
			try {
				listener();
			} catch (error) {
				this.#parts.logger.error(`A listener of the commands failed: ${messageOf(error)}`);
			}
		}
	}
}

function isArmedClass(wanted: WriteClass): wanted is ArmedClass {
	return (ARMED_CLASSES as readonly WriteClass[]).includes(wanted);
}
