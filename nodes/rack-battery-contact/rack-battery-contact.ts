import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from "node-red";
import { type Bank, ConfigError, type ContactSource, type ContactState } from "../../src/index.ts";
import type { BankAccess } from "../lib/bank-access.ts";
import { connectToBank, failInput } from "../lib/bank-user.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { readInputs } from "../lib/inputs.ts";
import { languageOf } from "../lib/language.ts";
import { type BadgeKey, bankBadge, type StatusBadge } from "../lib/status.ts";
import { occurrencesIn, type SeenContacts, viewed } from "./contact-edges.ts";
import { BEHAVIOUR_INPUTS, CHOICE_INPUTS, isChosen, toldContact, toldPosition } from "./contact-inputs.ts";
import { type ContactEventName, type ContactMessage, contactMessage } from "./contact-messages.ts";

interface ContactConfig extends NodeDef {
	readonly bank?: string;
}

/** TABLE of the outputs, by what a message tells. */
const OUTPUTS = { closed: 0, opened: 1, state: 2, mismatch: 2, agreement: 2 } as const satisfies Record<ContactEventName, number>;

/** The message at its output. */
function routed(message: object, event: ContactEventName): (NodeMessage | null)[] {
	return [0, 1, 2].map((output) => (output === OUTPUTS[event] ? (message as NodeMessage) : null));
}

/** The gravest of the chosen contacts; the line's trouble where it hides the answer. */
export function contactBadge(snapshot: Bank["snapshot"], states: readonly ContactState[]): BadgeKey {
	if (states.some(({ mismatch }) => mismatch !== null)) return "contactMismatch";
	const active = states.find((state) => state.active === true);
	if (active) return active.state === "open" ? "contactOpenActive" : "contactClosed";
	const line = bankBadge(snapshot);
	if (states.length === 0 || states.some((state) => state.active === null)) return line === "live" || line === "noPack" ? "unknown" : line;
	return states.some(({ state }) => state === "closed") ? "contactClosedIdle" : "contactOpen";
}

function contactsOf(access: BankAccess, bank: Bank): ContactSource {
	const contacts = access.contactsOf(bank);
	if (contacts === null) throw new ConfigError("invalid", "This bank's dry contacts are not watched here.");
	return contacts;
}

/** Sends what happens to the chosen contacts until it is stopped. */
function follow(RED: NodeAPI, node: Node, config: ContactConfig, bank: Bank, badge: StatusBadge, contacts: ContactSource) {
	const choice = readInputs(CHOICE_INPUTS, {}, config);
	const { sendActive } = readInputs(BEHAVIOUR_INPUTS, {}, config);
	const language = languageOf(choice.language, RED);
	let seen: SeenContacts = new Map();
	let isToldUnused = false;
	const look = (all: readonly ContactState[]) => {
		const { snapshot, clock } = bank;
		const states = all.filter((state) => isChosen(choice, state));
		badge.show(contactBadge(snapshot, states), snapshot.origin);
		if (!isToldUnused && states.length > 0 && states.every((state) => viewed(state, choice.view) === null)) {
			isToldUnused = true;
			node.warn(
				`By the bank's dry contact settings these contacts are not ${choice.view === "wired" ? "wired" : "worked out from the alarms"}, so this node will send nothing.`,
			);
		}
		const step = occurrencesIn(states, seen, { view: choice.view, sendActive, now: clock.now() });
		seen = step.seen;
		for (const occurrence of step.occurrences) node.send(routed(contactMessage(snapshot, occurrence, language), occurrence.event));
	};
	look(contacts.states);
	const stops = [
		contacts.subscribe(look),
		bank.subscribe((snapshot) =>
			badge.show(
				contactBadge(
					snapshot,
					contacts.states.filter((state) => isChosen(choice, state)),
				),
				snapshot.origin,
			),
		),
	];
	return () => {
		for (const stop of stops) stop();
	};
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryContact(this: Node, config: ContactConfig): void {
		RED.nodes.createNode(this, config);
		let open: { readonly bank: Bank; readonly contacts: ContactSource } | null = null;
		const { badge } = connectToBank(kind, this, config.bank, (bank, shown, access) => {
			const contacts = contactsOf(access, bank);
			const unfollow = follow(RED, this, config, bank, shown, contacts);
			open = { bank, contacts };
			const stop = () => {
				open = null;
				unfollow();
			};
			return { stop };
		});
		const answer = (message: NodeMessageInFlow): readonly ContactMessage[] => {
			if (!open) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
			const { bank, contacts } = open;
			const choice = readInputs(CHOICE_INPUTS, message, config);
			const position = toldPosition(message as { readonly contact?: unknown });
			if (position !== null) {
				contacts.tell(toldContact(choice.which), position);
				return [];
			}
			const states = contacts.states.filter((state) => isChosen(choice, state));
			if (states.length === 0) throw new ConfigError("invalid", `There is no pack ${choice.pack} in this bank.`);
			const now = bank.clock.now();
			const asked = { event: "state", at: now, durationMs: null, initial: false } as const;
			return states.map((state) => contactMessage(bank.snapshot, { ...asked, state }, languageOf(choice.language, RED)));
		};
		this.on("input", (message, send, done) => {
			try {
				for (const each of answer(message)) send(routed({ ...RED.util.cloneMessage(message), ...each }, "state"));
				badge.mended();
				done();
			} catch (error) {
				failInput(badge, done, error);
			}
		});
	}
	RED.nodes.registerType("rack-battery-contact", RackBatteryContact);
}
