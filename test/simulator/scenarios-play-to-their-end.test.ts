import { describe, expect, it } from "vitest";
import type { BankEvent } from "../../src/bms/battery/snapshot.ts";
import { READY_SCENARIOS, readyScenario } from "../../src/simulator/ready-scenarios.ts";
import { loadAt, type Scenario } from "../../src/simulator/scenario.ts";
import { openSimulatedBank } from "../bms/driver/simulated-bank.ts";

/** Every scenario, read over the true protocol by driver and store; what its description claims comes and goes, and when. */

const MINUTE = 60_000;
const NOON = 12 * 60 * MINUTE;

interface Play {
	/** "HH:MM what", by the minute in which the store told of it. */
	readonly told: readonly { readonly minute: number; readonly what: string }[];
	readonly energyAt: ReadonlyMap<number, { readonly charged: number; readonly discharged: number } | null>;
	readonly lowestCharge: number;
	readonly highestCharge: number;
	readonly lastCharge: number | null;
}

function wordsOf(event: BankEvent): string {
	if (event.type === "link") return `link ${event.state}`;
	if ("condition" in event) {
		const who = event.scope === "bank" ? "bank" : `pack ${event.condition.pack}`;
		return `${event.type === "condition-raised" ? "+" : "-"} ${event.condition.key} ${who}`;
	}
	return `${event.type} ${event.pack}`;
}

/** Plays a scenario once, to its end; the energy counters are noted at noon and at the end. */
async function play(scenario: Scenario, gapMs: number): Promise<Play> {
	const { bank, clock, control, events, close } = openSimulatedBank({
		simulator: { baudRate: 0, answerDelayMs: 0, seed: scenario.seed ?? 1 },
		settings: { gapMs, staleAfterMs: 120_000 },
	});
	control.startScenario({ ...scenario, repeat: false });
	const beganAt = clock.now();
	const told: { minute: number; what: string }[] = [];
	control.onSignal(({ name, value, at }) => told.push({ minute: Math.floor((at - beganAt) / MINUTE), what: `${name} ${value}` }));
	const energyAt = new Map<number, Play["energyAt"] extends ReadonlyMap<number, infer E> ? E : never>();
	const charges: number[] = [];
	for (const stop of [Math.min(NOON, scenario.lastsMs), scenario.lastsMs]) {
		while (clock.now() - beganAt < stop) {
			await clock.advance(Math.min(MINUTE, stop - (clock.now() - beganAt)));
			charges.push(...control.state().packs.map(({ measurements }) => measurements.stateOfCharge));
		}
		energyAt.set(stop, bank.snapshot.energy);
	}
	expect(control.state().scenario).toMatchObject({ name: scenario.name, state: "ended", problem: null });
	const lastCharge = bank.snapshot.totals?.value.stateOfCharge ?? null;
	for (const event of events) told.push({ minute: Math.floor((event.at - beganAt) / MINUTE), what: wordsOf(event) });
	await close();
	expect(clock.pending).toBe(0);
	return { told, energyAt, lowestCharge: Math.min(...charges), highestCharge: Math.max(...charges), lastCharge };
}

/** TABLE of what must be told, each in this minute or the one after it, and of what may not be told at all. */
const CLAIMS: Readonly<Record<string, { readonly gapMs: number; readonly told: readonly (readonly [minute: number, what: string])[] }>> = {
	"discharge-to-low-soc": {
		gapMs: 3000,
		told: [
			[104, "+ alarm.low_soc bank"],
			[104, "+ alarm.low_soc pack 1"],
			[104, "+ alarm.low_soc pack 2"],
			[116, "- alarm.low_soc pack 2"],
			[117, "- alarm.low_soc pack 1"],
			[117, "- alarm.low_soc bank"],
		],
	},
	"cell-overvoltage": {
		gapMs: 1000,
		told: [
			[6, "+ alarm.cell_overvoltage bank"],
			[6, "+ alarm.cell_overvoltage pack 1"],
			[9, "+ protection.cell_overvoltage bank"],
			[9, "+ protection.cell_overvoltage pack 1"],
			[16, "- alarm.cell_overvoltage bank"],
			[19, "- protection.cell_overvoltage pack 1"],
			[19, "- protection.cell_overvoltage bank"],
		],
	},
	overtemperature: {
		gapMs: 1000,
		told: [
			[16, "+ alarm.charge_high_temperature pack 1"],
			[18, "+ protection.charge_high_temperature bank"],
			[19, "+ alarm.discharge_high_temperature pack 1"],
			[21, "+ protection.discharge_high_temperature pack 1"],
			[30, "- alarm.discharge_high_temperature bank"],
			[30, "- protection.discharge_high_temperature bank"],
			[33, "- alarm.charge_high_temperature bank"],
			[34, "- protection.charge_high_temperature bank"],
		],
	},
	"asleep-and-woken": {
		gapMs: 1000,
		told: [
			[2, "pack-absent 2"],
			[10, "pack-live 2"],
			[15, "+ alarm.cell_undervoltage pack 2"],
			[15, "+ protection.cell_undervoltage pack 2"],
			[15, "pack-absent 2"],
			[30, "pack-live 2"],
			[30, "- protection.cell_undervoltage pack 2"],
			[30, "- alarm.cell_undervoltage pack 2"],
		],
	},
	// Whatever is wrong with the line: packs become unknown and come back, and no condition is told that is none.
	"noisy-line": {
		gapMs: 1000,
		told: [
			[25, "pack-unknown 1"],
			[25, "link silent"],
			[27, "pack-live 1"],
			[27, "pack-live 2"],
			[30, "link silent"],
			[32, "link online"],
			[32, "pack-live 1"],
			[32, "pack-live 2"],
		],
	},
	"pack-lost-and-back": {
		gapMs: 1000,
		told: [
			[2, "pack-absent 2"],
			[8, "pack-live 2"],
			[12, "pack-absent 2"],
			[18, "pack-live 2"],
		],
	},
	"cable-pulled": {
		gapMs: 1000,
		told: [
			[2, "link silent"],
			[2, "pack-unknown 1"],
			[7, "link online"],
			[7, "pack-live 2"],
			[11, "link lost"],
			[11, "pack-unknown 1"],
			[16, "link online"],
			[16, "pack-live 2"],
		],
	},
	"grid-outage": {
		gapMs: 3000,
		told: [
			[5, "grid off"],
			[120, "grid on"],
			[120, "grid off"],
			[185, "grid on"],
		],
	},
	"fault-at-night": {
		gapMs: 5000,
		told: [
			[250, "+ fault.cell bank"],
			[250, "+ fault.cell pack 1"],
			[300, "- fault.cell pack 1"],
			[300, "- fault.cell bank"],
		],
	},
	"normal-day": {
		gapMs: 5000,
		told: [
			[753, "+ protection.fully bank"],
			[1063, "- protection.fully pack 1"],
			[1063, "- protection.fully bank"],
		],
	},
};

const plays = new Map<string, Promise<Play>>();
/** The play of a ready scenario; every one is played once for all tests. */
function playOf(name: string): Promise<Play> {
	const playing = plays.get(name) ?? play(readyScenario(name), CLAIMS[name]?.gapMs ?? 0);
	plays.set(name, playing);
	return playing;
}

/** What is told of the line and the packs at the beginning. */
const AT_THE_BEGINNING = ["link online", "pack-live 1", "pack-live 2", "grid on"];

describe("ready scenarios", () => {
	it("have a claim each, and a description", () => {
		expect(new Set(READY_SCENARIOS.map(({ name }) => name))).toEqual(new Set(Object.keys(CLAIMS)));
		for (const { description } of READY_SCENARIOS) expect(description.length).toBeGreaterThan(40);
	});

	// A day takes some seconds, and longer on a busy machine.
	it.each(Object.keys(CLAIMS))("%s: what it claims comes and goes, and nothing else does", { timeout: 90_000 }, async (name) => {
		const claims = CLAIMS[name]?.told ?? [];
		const { told } = await playOf(name);
		for (const [minute, what] of claims) {
			const minutes = told.filter((one) => one.what === what).map((one) => one.minute);
			expect(
				minutes.some((at) => at === minute || at === minute + 1),
				`${what} at minute ${minute}, was at ${minutes.join(", ")}`,
			).toBe(true);
		}
		const keyOf = (what: string) => what.replace(/^[+-] /, "").replace(/ (bank|pack \d+)$/, "");
		const claimed = new Set([...claims.map(([, what]) => keyOf(what)), ...AT_THE_BEGINNING, "pack-unknown 2", "link connecting"]);
		const strays = told.filter(({ what }) => !claimed.has(keyOf(what)));
		expect(strays).toEqual([]);
		const raised = told.filter(({ what }) => what.startsWith("+ ")).map(({ what }) => what.slice(2));
		const cleared = told.filter(({ what }) => what.startsWith("- ")).map(({ what }) => what.slice(2));
		expect(cleared.toSorted()).toEqual(raised.toSorted());
	});

	it("a normal day goes from a third to full and down again", { timeout: 90_000 }, async () => {
		const { energyAt, lowestCharge, highestCharge, lastCharge } = await playOf("normal-day");
		expect(lowestCharge).toBeGreaterThan(30);
		expect(lowestCharge).toBeLessThan(38);
		expect(highestCharge).toBe(100);
		expect(lastCharge).toBeGreaterThan(50);
		expect(lastCharge).toBeLessThan(65);
		// Until it is nearly full the bank carries all that the profile says.
		const carried = integral(readyScenario("normal-day"), NOON);
		expectWithin(energyAt.get(NOON)?.discharged, carried.discharged, 0.01);
		expectWithin(energyAt.get(NOON)?.charged, carried.charged, 0.01);
	});

	it.each([
		["discharge-to-low-soc", { discharged: 1500 * (112 / 60), charged: null }],
		["grid-outage", { discharged: 1800 * ((115 + 64.5) / 60), charged: 2000 / 120 + 2500 * (115 / 60) }],
	])(
		"%s: the energy counted is the integral of its power on simulated time",
		{ timeout: 90_000 },
		async (name, { discharged, charged }) => {
			const energy = (await playOf(name)).energyAt.get(readyScenario(name).lastsMs);
			expectWithin(energy?.discharged, discharged / 1000, 0.01);
			if (charged !== null) expectWithin(energy?.charged, charged / 1000, 0.01);
		},
	);
});

/** What the profile of a scenario makes the bank give and take until then, kWh. */
function integral({ profile }: Scenario, untilMs: number): { readonly charged: number; readonly discharged: number } {
	if (profile === null) throw new Error("no profile");
	const stepMs = 1000;
	let [charged, discharged] = [0, 0];
	for (let at = 0; at < untilMs; at += stepMs) {
		const kWh = (loadAt(profile, at + stepMs / 2) * stepMs) / 3_600_000_000;
		if (kWh > 0) discharged += kWh;
		else charged -= kWh;
	}
	return { charged, discharged };
}

function expectWithin(value: number | undefined, wanted: number, share: number): void {
	expect(value).toBeGreaterThan(wanted * (1 - share));
	expect(value).toBeLessThan(wanted * (1 + share));
}
