import { afterEach, describe, expect, it } from "vitest";
import { autonomyPayload } from "../../nodes/rack-battery-autonomy/autonomy-payload.ts";
import { reportMessage } from "../../nodes/rack-battery-load-shed/shed-messages.ts";
import { ShedRun, type ShedView } from "../../nodes/rack-battery-load-shed/shed-run.ts";
import { bankPayload, packPayload } from "../../nodes/rack-battery-telemetry/telemetry-payload.ts";
import type { ConditionKey } from "../../src/bms/battery/conditions.ts";
import { STATE_KEYS } from "../../src/bms/battery/states.ts";
import { createDryContacts } from "../../src/dry-contact/dry-contact-service.ts";
import { CONTACT_SETTINGS } from "../../src/dry-contact/options.ts";
import {
	AUTONOMY_SETTINGS,
	addPower,
	DEFAULT_STAGES,
	defaultsOf,
	estimateAutonomy,
	SHED_SETTINGS,
	type SmoothedPower,
} from "../../src/index.ts";
import { LANGUAGES } from "../../src/languages.ts";
import { silentLogger } from "../../src/logger.ts";
import { newState } from "../../src/notification/issue.ts";
import { decide } from "../../src/notification/manager.ts";
import { noticeWords } from "../../src/notification/notice-words.ts";
import { NOTIFICATION_SETTINGS } from "../../src/notification/options.ts";
import { pageView } from "../../src/server/page/page-view.ts";
import { textOf } from "../../src/server/page/vnode.ts";
import { VOCABULARY } from "../../src/server/status-api.ts";
import type { SimulatorSettings } from "../../src/simulator/options.ts";
import { isLive, openSimulatedBank, presences } from "../bms/driver/simulated-bank.ts";
import { utc } from "../notification/watch.ts";

/**
 * Batteries on protocols that leave things out, read by the real driver: everybody who looks at them says so in words,
 * and takes nothing that is not told for 0, off or well.
 */

type Dialect = Extract<SimulatorSettings["protocol"], `ascii-0x20-${string}`>;

/** TABLE of what these dialects leave out (rs485-v20 §§3.3, 3.4, 4.1, 4.2, 5). */
const LEAVES_OUT = {
	"ascii-0x20-pylontech": { current: false, health: true, lowCharge: true, alarms: true, balancing: true },
	"ascii-0x20-pace": { current: true, health: true, lowCharge: true, alarms: true, balancing: true },
	"ascii-0x20-eg4": { current: false, health: false, lowCharge: false, alarms: false, balancing: false },
	"ascii-0x20-seplos": { current: false, health: false, lowCharge: false, alarms: false, balancing: false },
} as const satisfies Record<Dialect, object>;
const DIALECTS = Object.keys(LEAVES_OUT) as readonly Dialect[];

const MINUTE = 60_000;
/** Words of programs, not of people. */
const NO_WORDS = /null|undefined|NaN|Infinity|\[object|\{|\}/;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

/** Two packs, used with 800 W. */
async function open(protocol: Dialect, { loadW = 800, gapMs = 200 } = {}) {
	const opened = openSimulatedBank({ simulator: { protocol, packs: 2, loadW }, settings: { protocol, addresses: "1-2", gapMs } });
	ends.push(() => opened.close());
	await opened.until((bank) => Object.keys(presences(bank)).length === 2 && isLive(bank) && bank.snapshot.conditions !== null, 120_000);
	return opened;
}
type Opened = Awaited<ReturnType<typeof open>>;

function shedding({ bank, clock }: Opened, { withContacts }: { readonly withContacts: boolean }) {
	const views: ShedView[] = [];
	const contacts = withContacts
		? createDryContacts(bank, defaultsOf(CONTACT_SETTINGS), { logger: silentLogger, clock, openLines: noLines })
		: null;
	if (contacts) ends.push(() => contacts.stop());
	const run = new ShedRun({
		bank,
		contacts,
		settings: { stages: DEFAULT_STAGES, rules: defaultsOf(SHED_SETTINGS) },
		autonomy: defaultsOf(AUTONOMY_SETTINGS),
		kept: null,
		decided: (view) => views.push(view),
		keep() {},
	});
	ends.push(() => run.stop());
	return {
		actions: () => views.flatMap(({ actions }) => actions.map(({ stage, to }) => `${stage} ${to}`)),
		report: (language: (typeof LANGUAGES)[number]) => reportMessage(run.decide([]), DEFAULT_STAGES, language).payload,
		minutes: (minutes: number) => clock.advance(minutes * MINUTE),
	};
}

function noLines(): never {
	throw new Error("no contact is wired here");
}

function pageOf({ bank, clock }: Opened): string {
	const now = clock.now();
	const server = {
		version: "1",
		bankId: bank.snapshot.id,
		origin: "simulated",
		replay: null,
		hasOwnBroker: true,
		brokerUrl: "mqtt://host:1883",
		editorPath: "/red/",
	} as const;
	const status = { now, server, banks: [{ snapshot: bank.snapshot, publishers: [] }] } as const;
	return pageView(status, VOCABULARY, now, "").map(textOf).join(" ").replaceAll(/\s+/g, " ");
}

describe.each(DIALECTS)("a battery that speaks %s", (protocol) => {
	const leavesOut = LEAVES_OUT[protocol];

	it.each([{ withContacts: false }, { withContacts: true }])(
		"sheds by what it tells and restores, whatever else it has no word for (%j)",
		async (how) => {
			const opened = await open(protocol, { loadW: 0, gapMs: 2_000 });
			const shed = shedding(opened, how);
			await shed.minutes(2);
			opened.control.setStateOfCharge(45);
			await shed.minutes(3);
			expect(shed.actions()).toEqual(["comfort off"]);
			const { readings, stages } = shed.report("en-US");
			expect(readings).toMatchObject({ stateOfCharge: 45, fault: false, lowBattery: leavesOut.lowCharge ? null : false });
			for (const { text } of stages) {
				expect(text).not.toMatch(NO_WORDS);
				if (leavesOut.lowCharge) expect(text).toMatch(/not told by this battery.*low-battery contact/);
				else expect(text).not.toContain("not told");
			}
			opened.control.setStateOfCharge(90);
			await shed.minutes(15);
			expect(shed.actions()).toEqual(["comfort off", "comfort on"]);
			for (const language of LANGUAGES) for (const { text } of shed.report(language).stages) expect(text).not.toMatch(NO_WORDS);
		},
	);

	it("is said to last so long, or nobody can say why not", async () => {
		const { bank, clock } = await open(protocol);
		const settings = defaultsOf(AUTONOMY_SETTINGS);
		let power: SmoothedPower | null = null;
		for (let n = 0; n < 60; n += 1) {
			await clock.advance(5_000);
			const { totals } = bank.snapshot;
			if (totals !== null && totals.value.power !== null) power = addPower(power, totals.value.power, totals.at, 10 * MINUTE);
		}
		const now = clock.now();
		for (const language of LANGUAGES) {
			const told = autonomyPayload(bank.snapshot, estimateAutonomy(bank.snapshot, power, settings, now + 60 * MINUTE, now), now, language);
			expect(told.text).not.toMatch(NO_WORDS);
			if (!leavesOut.current) expect(told).toMatchObject({ lasts: "yes", power: expect.any(Number) as number });
			else expect(told).toMatchObject({ lasts: "unknown", power: null, minutesLeft: null, emptyAt: null });
			if (leavesOut.current && language === "en-US") expect(told.text).toMatch(/does not tell its current/);
			// What is left in it is told all the same.
			expect(told.usableEnergy).toBeGreaterThan(1);
		}
	});

	it("is shown on the page with unknown where it tells nothing", async () => {
		const opened = await open(protocol);
		const text = pageOf(opened);
		expect(text).not.toMatch(NO_WORDS);
		const behind = (name: string) => text.slice(text.indexOf(name) + name.length).trim();
		expect(behind("Current").startsWith("unknown")).toBe(leavesOut.current);
		expect(behind("Health").startsWith("unknown")).toBe(leavesOut.health);
		expect(text.includes("does not tell its current")).toBe(leavesOut.current);
		expect(behind("Alarms")).toMatch(
			leavesOut.alarms ? /^No protection, no fault among those/ : /^No alarm, no protection, no fault among/,
		);
		expect(text).toMatch(/\d+ of the alarms, protections and faults cannot be told/);
	});

	it("is told in messages with null where it tells nothing", async () => {
		const { bank, clock } = await open(protocol);
		const { snapshot } = bank;
		const whole = bankPayload(snapshot, clock.now());
		expect(whole.current === null).toBe(leavesOut.current);
		expect(whole.power === null).toBe(leavesOut.current);
		expect(whole.alarms).toEqual(leavesOut.alarms ? null : []);
		for (const pack of snapshot.packs) {
			const told = packPayload(snapshot, pack, clock.now());
			expect(told.stateOfHealth === null).toBe(leavesOut.health);
			expect(told.balancingCells).toEqual(leavesOut.balancing ? null : []);
			for (const key of STATE_KEYS) expect(told.states?.[key] === null).toBe(told.unsupported.includes(key));
		}
	});

	it("what goes wrong in it is told in whole sentences", async () => {
		const { bank, clock, control, until } = await open(protocol);
		const settings = defaultsOf(NOTIFICATION_SETTINGS);
		let state = newState(bank.snapshot.id, "simulated", clock.now());
		const key: ConditionKey = "protection.discharge_high_temperature";
		control.setCondition(2, key, true);
		await until(({ snapshot }) => snapshot.conditions?.some((condition) => condition.key === key) === true, 20_000);
		const notices = [];
		for (let n = 0; n < 30; n += 1) {
			await clock.advance(1_000);
			const step = decide(state, { snapshot: bank.snapshot, contacts: [] }, { settings, toLocalTime: utc, now: clock.now() });
			state = step.state;
			notices.push(...step.notices);
		}
		expect(notices.map(({ kind, sighting }) => [kind, sighting?.family, sighting?.pack])).toEqual([["raised", "hot", 2]]);
		for (const notice of notices)
			for (const language of LANGUAGES) {
				const { title, sentence, facts } = noticeWords(notice, {
					language,
					snapshot: bank.snapshot,
					toLocalTime: utc,
					shed: null,
					timeLeft: null,
				});
				for (const text of [title, sentence, ...facts]) expect(text).not.toMatch(NO_WORDS);
				if (leavesOut.current) expect(facts.join(" ")).not.toMatch(/ W/);
			}
	});
});
