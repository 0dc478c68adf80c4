import type { Bank } from "../bms/bank.ts";
import {
	type ContactEvent,
	type ContactKey,
	type ContactListener,
	type ContactPosition,
	type ContactSource,
	type ContactState,
	type LineStates,
	MODEM_LINES,
	type ModemLine,
} from "../bms/battery/contact.ts";
import type { Clock } from "../clock.ts";
import { ConfigError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { WireBoard, type WireInput, wireInputs } from "./contact-inputs.ts";
import { type ContactRule, contactRules } from "./contact-rules.ts";
import { noInputText } from "./contact-words.ts";
import { type ContactMemory, evaluateContacts, newContacts } from "./evaluate-contacts.ts";
import { type LineReader, LineWatch } from "./line-watch.ts";
import type { ContactSettings } from "./options.ts";
import { positionInText } from "./positions.ts";

export interface DryContactDeps {
	/** The world's time, for looking at serial lines; everything that is decided goes by the bank's own. */
	readonly clock: Clock;
	readonly logger: Logger;
	/** Opens the lines of a serial adapter: of the battery's own (null), or of the one at a port. */
	readonly openLines: (port: string | null) => LineReader;
}

/** The contacts of a bank, at work. */
export interface DryContacts extends ContactSource {
	/** Ends it; leaves no timer, line or listener. Never rejects. */
	stop(): Promise<void>;
}

/** Watches a bank's two dry contacts from now on until `stop`. */
export function createDryContacts(bank: Bank, settings: ContactSettings, deps: DryContactDeps): DryContacts {
	return new DryContactService(bank, settings, deps);
}

class DryContactService implements DryContacts {
	readonly #bank: Bank;
	readonly #deps: DryContactDeps;
	readonly #rules: readonly ContactRule[];
	readonly #inputs: readonly WireInput[];
	readonly #wires: WireBoard;
	readonly #listeners = new Set<ContactListener>();
	readonly #watches: readonly LineWatch[];
	readonly #unsubscribe: () => void;
	readonly #outbox: (readonly [readonly ContactState[], readonly ContactEvent[]])[] = [];
	/** Topics and lines that said something nobody understands, told once. */
	readonly #misunderstood = new Set<string>();
	#memory: ContactMemory;
	#states: readonly ContactState[] = [];
	#cancelTimer: () => void = () => {};
	#isStopped = false;

	constructor(bank: Bank, settings: ContactSettings, deps: DryContactDeps) {
		this.#bank = bank;
		this.#deps = deps;
		this.#rules = contactRules(settings);
		this.#inputs = wireInputs(settings, this.#rules);
		this.#wires = new WireBoard(settings);
		this.#memory = newContacts(bank.clock.now());
		this.#evaluate();
		this.#unsubscribe = bank.subscribe(() => this.#evaluate());
		this.#watches = this.#watchLines();
	}

	get states(): readonly ContactState[] {
		return this.#states;
	}

	get inputTopics(): readonly string[] {
		return [...new Set(this.#inputs.flatMap((input) => (input.kind === "mqtt" ? [input.topic] : [])))];
	}

	subscribe(listener: ContactListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	heard(topic: string, payload: string | null): void {
		const position = payload === null ? "unknown" : positionInText(payload);
		if (position === null)
			this.#sayOnce(
				`The message "${payload?.slice(0, 60)}" on ${topic} is no position of a contact: open and closed are understood, ON and OFF, true and false, 1 and 0.`,
			);
		const contacts = this.#inputs.filter((input) => input.kind === "mqtt" && input.topic === topic).map(({ contact }) => contact);
		this.#hear(contacts, position ?? "unknown");
	}

	tell(contact: ContactKey, position: ContactPosition): void {
		const input = this.#inputs.find((each) => each.contact === contact && each.kind === "message");
		if (input === undefined) throw new ConfigError("invalid", noInputText(contact));
		this.#hear([contact], position);
	}

	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#cancelTimer();
		this.#unsubscribe();
		this.#listeners.clear();
		await Promise.all(this.#watches.map((watch) => watch.stop()));
	}

	#hear(contacts: readonly ContactKey[], position: ContactPosition): void {
		const isNew = contacts.map((contact) => this.#wires.set(contact, position)).includes(true);
		if (isNew && !this.#isStopped) this.#evaluate();
	}

	#evaluate(): void {
		const { clock } = this.#bank;
		const now = clock.now();
		const { memory, states, events, dueAt } = evaluateContacts(this.#bank.snapshot, this.#wires.closed, this.#rules, this.#memory, now);
		const isChanged = states.length !== this.#states.length || states.some((state, index) => state !== this.#states[index]);
		this.#memory = memory;
		if (isChanged) this.#states = states;
		this.#cancelTimer();
		this.#cancelTimer = dueAt === null ? () => {} : clock.after(Math.max(0, dueAt - now), () => this.#evaluate());
		for (const { type, contact } of events) if (type === "mismatch") this.#deps.logger.warn(contact.mismatch?.text ?? "");
		if (!isChanged && events.length === 0) return;
		this.#outbox.push([states, events]);
		// What is in front of it is being told right now, and it after that.
		if (this.#outbox.length === 1) this.#deliver();
	}

	/** Listeners hear of every change in order, also when one of them causes the next; one that fails harms nobody else. */
	#deliver(): void {
		for (let next = this.#outbox[0]; next !== undefined; next = this.#outbox[0]) {
			for (const listener of [...this.#listeners]) {
				try {
					listener(...next);
				} catch (error) {
					this.#deps.logger.error(`Something that follows the dry contacts failed: ${messageOf(error)}`);
				}
			}
			this.#outbox.shift();
		}
	}

	#watchLines(): readonly LineWatch[] {
		const lines = this.#inputs.filter((input) => input.kind === "line");
		const ports = [...new Set(lines.map(({ port }) => port))];
		return ports.map((port) => {
			const onPort = lines.filter((input) => input.port === port);
			const seen = (states: LineStates | null) => {
				for (const { contact, line } of onPort) this.#hear([contact], this.#positionOf(states, line));
			};
			return new LineWatch(this.#deps.openLines(port), this.#deps, seen);
		});
	}

	#positionOf(states: LineStates | null, line: ModemLine): ContactPosition {
		const isOn = states?.[line];
		if (states !== null && isOn === undefined)
			this.#sayOnce(`The serial adapter does not report its line ${line}: use another of ${MODEM_LINES.join(", ")}.`);
		return isOn === undefined ? "unknown" : isOn ? "closed" : "open";
	}

	#sayOnce(text: string): void {
		if (this.#misunderstood.has(text) || this.#misunderstood.size > 20) return;
		this.#misunderstood.add(text);
		this.#deps.logger.warn(text);
	}
}
