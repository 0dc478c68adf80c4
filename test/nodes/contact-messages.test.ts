import { describe, expect, it } from "vitest";
import { occurrencesIn, type SeenContacts } from "../../nodes/rack-battery-contact/contact-edges.ts";
import { isChosen, toldContact, toldPosition } from "../../nodes/rack-battery-contact/contact-inputs.ts";
import { contactMessage } from "../../nodes/rack-battery-contact/contact-messages.ts";
import { contactBadge } from "../../nodes/rack-battery-contact/rack-battery-contact.ts";
import type { ContactState, Language } from "../../src/index.ts";
import { active, LOW, OVERVOLTAGE } from "../dry-contact/contact-bench.ts";
import { AT, bankSnapshot } from "../support/snapshots.ts";

function contact(changes: Partial<ContactState> = {}): ContactState {
	return {
		contact: "fault",
		pack: null,
		state: "open",
		active: false,
		since: AT,
		causes: [],
		source: "model",
		modelled: "open",
		wired: null,
		stale: false,
		mismatch: null,
		unsupported: [],
		closings: 0,
		...changes,
	};
}

const CLOSED = { state: "closed", active: true, modelled: "closed", causes: [active(OVERVOLTAGE, 2)], closings: 1 } as const;
const UNKNOWN = { state: "unknown", active: null, modelled: "unknown" } as const;

/** What a node that sees these states one after the other tells, a second apart. */
function told(states: readonly Partial<ContactState>[], options: Partial<Parameters<typeof occurrencesIn>[2]> = {}) {
	let seen: SeenContacts = new Map();
	return states.flatMap((state, index) => {
		const step = occurrencesIn([contact(state)], seen, { view: "contact", sendActive: true, now: AT + index * 1000, ...options });
		seen = step.seen;
		return step.occurrences.map(({ event, durationMs, initial }) => ({ event, durationMs, initial }));
	});
}

describe("the edges a node tells", () => {
	it("are one each, with how long it was the other way, unknown or not in between", () => {
		expect(told([{}, CLOSED, CLOSED, UNKNOWN, CLOSED, UNKNOWN, {}])).toEqual([
			{ event: "closed", durationMs: 1000, initial: false },
			{ event: "opened", durationMs: 5000, initial: false },
		]);
	});

	it("begin with trouble that was there before, marked, when that is wanted; never with a contact at rest", () => {
		expect(told([UNKNOWN, CLOSED])).toEqual([{ event: "closed", durationMs: null, initial: true }]);
		expect(told([UNKNOWN, CLOSED, {}], { sendActive: false })).toEqual([{ event: "opened", durationMs: 2000, initial: false }]);
		expect(told([UNKNOWN, {}])).toEqual([]);
	});

	it("of an inverted contact are trouble when it opens", () => {
		const idle = { state: "closed", active: false } as const;
		const reporting = { state: "open", active: true } as const;
		expect(told([idle])).toEqual([]);
		expect(told([reporting])).toEqual([{ event: "opened", durationMs: null, initial: true }]);
		expect(told([idle, reporting]).map(({ event }) => event)).toEqual(["opened"]);
	});

	it("may be those of the wire or of the alarms alone", () => {
		const states = [{ wired: "open" }, { wired: "closed" }, { wired: "closed", ...CLOSED }, { wired: null }] as const;
		expect(told(states, { view: "wired" }).map(({ event }) => event)).toEqual(["closed"]);
		expect(told(states, { view: "model" }).map(({ event }) => event)).toEqual(["closed", "opened"]);
	});

	it("are joined by the beginning and the end of a mismatch", () => {
		const mismatch = { mismatch: { since: AT - 30_000, text: "" } };
		expect(told([{}, mismatch, mismatch, {}])).toEqual([
			{ event: "mismatch", durationMs: null, initial: false },
			{ event: "agreement", durationMs: 33_000, initial: false },
		]);
	});
});

describe("the sentence of a message", () => {
	const sentence = (event: "closed" | "opened" | "state" | "mismatch" | "agreement", state: Partial<ContactState>, language: Language) => {
		const occurrence = { event, state: contact(state), at: AT, durationMs: null, initial: false };
		return contactMessage(bankSnapshot({ name: "Shed", origin: "simulated" }), occurrence, language).payload.text;
	};

	it("says place, contact and cause in each language", () => {
		expect(sentence("closed", CLOSED, "en-US")).toBe("Shed: Fault contact 1/2 closed (Protection Cell over-voltage, pack 2). [simulated]");
		expect(sentence("closed", CLOSED, "de")).toBe(
			"Shed: Fehlerkontakt 1/2 hat geschlossen (Schutz „Zellüberspannung“, Pack 2). [simuliert]",
		);
		expect(sentence("closed", CLOSED, "zh-CN")).toBe("Shed：故障干接点 1/2 已闭合（电池包 2 的保护“单体过压”）。【模拟】");
		const low = { ...CLOSED, contact: "low-battery", pack: 1, causes: [active(LOW, 1)] } as const;
		expect(sentence("closed", low, "en-US")).toBe("Shed, pack 1: Low battery contact 3/4 closed (Alarm Low state of charge). [simulated]");
		expect(sentence("closed", low, "de")).toBe(
			"Shed, Pack 1: Kontakt „Batterie schwach“ 3/4 hat geschlossen (Alarm „Ladezustand niedrig“). [simuliert]",
		);
	});

	it("says what was behind it when it opens, and no stale cause when it is asked about", () => {
		const open = { causes: [active(OVERVOLTAGE, null)] };
		expect(sentence("opened", open, "en-US")).toBe("Shed: Fault contact 1/2 opened (it was: Protection Cell over-voltage). [simulated]");
		expect(sentence("state", open, "en-US")).toBe("Shed: Fault contact 1/2 is open. [simulated]");
		expect(sentence("state", UNKNOWN, "de")).toBe("Shed: Fehlerkontakt 1/2 ist unbekannt. [simuliert]");
	});

	it("says what a mismatch may mean", () => {
		expect(sentence("mismatch", { wired: "open" }, "de")).toMatch(/die Leitung meldet offen\. Ist die Ader gebrochen/);
		expect(sentence("mismatch", { wired: "closed" }, "zh-CN")).toContain("接线显示闭合");
		expect(sentence("agreement", {}, "en-US")).toBe("Shed: Fault contact 1/2: alarms and wire agree again. [simulated]");
	});
});

describe("a message's pack", () => {
	const packOf = (state: Partial<ContactState>) =>
		contactMessage(bankSnapshot(), { event: "closed", state: contact(state), at: AT, durationMs: null, initial: false }, "en-US").pack;

	it("is the contact's own, or the only one behind the bank's", () => {
		expect(packOf({ pack: 3 })).toBe(3);
		expect(packOf(CLOSED)).toBe(2);
		expect(packOf({ causes: [active(OVERVOLTAGE, 2), active(OVERVOLTAGE, 5)] })).toBeNull();
		expect(packOf({ causes: [active(OVERVOLTAGE, null)] })).toBeNull();
		expect(packOf({})).toBeNull();
	});
});

describe("what is chosen and told", () => {
	it("is by contact, scope and pack", () => {
		const all = [contact(), contact({ contact: "low-battery" }), contact({ pack: 1 }), contact({ pack: 2 })];
		const chosen = (choice: Parameters<typeof isChosen>[0]) =>
			all.filter((state) => isChosen(choice, state)).map((state) => all.indexOf(state));
		expect(chosen({ which: "fault", scope: "bank", pack: "all" })).toEqual([0]);
		expect(chosen({ which: "both", scope: "bank", pack: 2 })).toEqual([0, 1]);
		expect(chosen({ which: "both", scope: "pack", pack: "all" })).toEqual([2, 3]);
		expect(chosen({ which: "fault", scope: "pack", pack: 2 })).toEqual([3]);
	});

	it("is a position in many words, or nothing", () => {
		expect(["closed", "ON", 1, true, "true"].map((value) => toldPosition({ contact: value }))).toEqual(Array(5).fill("closed"));
		expect(["open", "off", 0, false].map((value) => toldPosition({ contact: value }))).toEqual(Array(4).fill("open"));
		expect(toldPosition({ contact: "unknown" })).toBe("unknown");
		expect([undefined, null, ""].map((value) => toldPosition({ contact: value }))).toEqual([null, null, null]);
		for (const bad of ["ajar", 2, {}, []]) expect(() => toldPosition({ contact: bad })).toThrow(/msg\.contact must be/);
		expect(() => toldContact("both")).toThrow(/msg\.which/);
		expect(toldContact("low-battery")).toBe("low-battery");
	});
});

describe("the badge", () => {
	const online = bankSnapshot();
	const silent = bankSnapshot({ link: { ...online.link, state: "silent" } });

	it("shows the gravest contact, and the line's trouble where nothing is known", () => {
		expect(contactBadge(online, [contact()])).toBe("contactOpen");
		expect(contactBadge(online, [contact(), contact({ ...CLOSED, pack: 2 })])).toBe("contactClosed");
		expect(contactBadge(online, [contact(CLOSED), contact({ mismatch: { since: AT, text: "" } })])).toBe("contactMismatch");
		expect(contactBadge(online, [contact({ state: "closed", active: false })])).toBe("contactClosedIdle");
		expect(contactBadge(online, [contact({ state: "open", active: true })])).toBe("contactOpenActive");
		expect(contactBadge(online, [contact(UNKNOWN)])).toBe("unknown");
		expect(contactBadge(silent, [contact(UNKNOWN)])).toBe("silent");
		expect(contactBadge(silent, [contact()])).toBe("contactOpen");
		expect(contactBadge(online, [])).toBe("unknown");
	});
});
