import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DEFAULT_DASHBOARD, dashboardFile } from "../../tools/home-assistant-dashboard.ts";
import { startChromium } from "../real/support/chromium.ts";
import { eventually, repository, Scene } from "../real/support/scene.ts";
import { openPage, type Shown, shownOn } from "./support/dashboard-page.ts";
import { weekOfEnergy } from "./support/energy-history.ts";
import { announcements, type House, startHouse } from "./support/house.ts";
import { Tally } from "./support/tally.ts";
import { battery } from "./support/truth.ts";

/** The dashboard of home-assistant/ as an owner sees it, in Chromium. Screenshots go to test-output/. */

const scene = new Scene();
const tally = new Tally();
const pictures = join(repository, "test-output");
const WIDTHS = [
	["desktop", { width: 1400, height: 900 }],
	["phone", { width: 390, height: 844 }],
] as const;
let house: House;
let browser: Browser;

/** One of each: an entity and a card that do not exist, and a name that has no room. */
const BROKEN = `title: Broken
views:
  - path: bank
    type: sections
    sections:
      - type: grid
        cards:
          - type: tile
            entity: sensor.nowhere
          - type: no-such-card
          - type: tile
            entity: sensor.battery_bank_simulated_soc
            name: A name that is far too long for a tile of the usual width
`;

beforeAll(async () => {
	await mkdir(pictures, { recursive: true });
	house = await startHouse(scene, [], {
		configuration: `frontend:
lovelace:
  dashboards:
    rack-battery: { mode: yaml, title: Battery, filename: rack-battery.yaml }
    broken-one: { mode: yaml, title: Broken, filename: broken.yaml, show_in_sidebar: false }
`,
		files: { "rack-battery.yaml": dashboardFile({ ...DEFAULT_DASHBOARD, simulated: true }), "broken.yaml": BROKEN },
	});
	await eventually("three devices are announced", () => announcements(house).length === 3, 30_000);
	await weekOfEnergy(house.homeAssistant.api(), "battery_bank_simulated");
	browser = await startChromium(scene);
});
afterEach(() => tally.settle());
afterAll(async () => {
	tally.report();
	await scene.end();
});

const open = async (width: (typeof WIDTHS)[number][1], path: string) => {
	const page = await openPage(scene, browser, house.homeAssistant.api(), width);
	await page.goto(`${house.homeAssistant.url}/${path}`);
	return page;
};
/** What the page shows as soon as it is as told. */
const shownOnce = (page: Page, what: string, accepts: (shown: Shown) => Promise<boolean> | boolean) =>
	eventually(
		what,
		async () => {
			const shown = await shownOn(page);
			if (await accepts(shown)) return shown;
			throw new Error(`it shows ${JSON.stringify(shown.tiles)}`);
		},
		30_000,
	);

const says = (name: string, what: RegExp) => (shown: Shown) => shown.tiles.some((tile) => tile.name === name && what.test(tile.says));

/** Numbers of all tiles of that name, from the first pack to the last. */
const numbers = ({ tiles }: Shown, name: RegExp) =>
	tiles.filter((tile) => name.test(tile.name)).map(({ says }) => Number.parseFloat(says.replace(",", "")));
const near = (shown: readonly number[], told: readonly number[], by: number) =>
	told.length > 0 && shown.length === told.length && shown.every((value, index) => Math.abs(value - (told[index] ?? Number.NaN)) <= by);

interface Reading {
	readonly stateOfCharge: number;
	readonly voltage: number;
	readonly activity: string;
}
interface Snapshot {
	readonly totals: { readonly value: Reading };
	readonly packs: readonly { readonly telemetry: { readonly value: Reading & { readonly cellVoltages: readonly number[] } } }[];
}

/** What must be seen on each view: what the snapshot says, within what a tile rounds and two dead bands. */
const VIEWS: readonly { readonly path: string; readonly charts: number; readonly tells: (shown: Shown, bank: Snapshot) => boolean }[] = [
	{
		path: "bank",
		charts: 3,
		tells: (shown, { totals }) =>
			near(numbers(shown, /^State of charge$/), [totals.value.stateOfCharge], 0.1) &&
			near(numbers(shown, /^Voltage$/), [totals.value.voltage], 0.05) &&
			shown.texts.some((text) => text.toLowerCase() === totals.value.activity),
	},
	{
		path: "packs",
		charts: 0,
		tells: (shown, { packs }) =>
			near(
				numbers(shown, /^State of charge$/),
				packs.map(({ telemetry }) => telemetry.value.stateOfCharge),
				0.1,
			),
	},
	{
		path: "cells",
		charts: 0,
		tells: (shown, { packs }) =>
			near(
				numbers(shown, /^Cell \d+$/),
				packs.flatMap(({ telemetry }) => telemetry.value.cellVoltages),
				0.004,
			),
	},
];

test.each(WIDTHS)("on a %s every view shows what the battery says, whole, without a card that fails", async (device, width) => {
	for (const { path, charts, tells } of VIEWS) {
		const page = await open(width, `rack-battery/${path}`);
		const shown = await shownOnce(
			page,
			`${path} shows the snapshot`,
			async (now) => now.charts === charts && tells(now, (await house.server.json("/api/bank")) as Snapshot),
		);
		tally.holds("ready to use", `${path} on a ${device} shows what the snapshot says`, true);
		tally.equal("ready to use", `${path} on a ${device}: what fails`, shown.wrong, []);
		tally.equal("ready to use", `${path} on a ${device}: what is cut`, shown.cut, []);
		for (const { name, says } of shown.tiles)
			tally.holds(
				"ready to use",
				`${path} on a ${device}: ${name} says something`,
				says !== "" && (!/unknown/i.test(says) || name === "Last event"),
			);
		const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		tally.holds("ready to use", `${path} on a ${device} is ${wider} pixels too wide`, wider <= 0);
		await page.screenshot({ path: join(pictures, `home-assistant-${path}-${device}.png`), fullPage: true });
	}
});

test("bars go as far as their values", async () => {
	const page = await open(WIDTHS[0][1], "rack-battery/bank");
	await battery(house, "soc 41");
	await shownOnce(page, "the bar follows the battery", ({ tiles }) =>
		tiles.some(({ name, bar }) => name === "State of charge" && bar !== null && Math.abs(bar - 41) <= 1),
	);
	await battery(house, "soc 72");
	tally.holds("ready to use", "the bar follows the battery without a reload", true);
});

test("a protection and its contact are seen with their causes, and seen to go", async () => {
	const page = await open(WIDTHS[0][1], "rack-battery/bank");
	await battery(house, "set 1 protection.cell_overvoltage");
	await shownOnce(page, "the protection with its code", says("Protection", /^Problem · OVP/));
	await shownOnce(page, "the contact with its cause", says("Fault contact 1/2", /^Problem · cell_overvoltage/));
	await shownOnce(page, "the event", says("Last event", /^protection_raised/));
	// The picture of the README: what a first look shows, without the day's graphs, which are empty here.
	await page.screenshot({ path: join(pictures, "home-assistant-dashboard.png"), clip: { x: 0, y: 0, width: 1400, height: 545 } });
	await battery(house, "release 1");
	await shownOnce(page, "the protection is gone", says("Protection", /^OK/));
	await shownOnce(page, "the contact is open", says("Fault contact 1/2", /^OK/));
	tally.holds("ready to use", "a protection is seen to come and go", true);
});

test("when the cable is pulled nothing old is shown as if it were now", async () => {
	const page = await open(WIDTHS[0][1], "rack-battery/bank");
	await shownOnce(page, "the link is there", says("Battery link", /^Connected/));
	await battery(house, "pull");
	await shownOnce(page, "the link is lost", says("Battery link", /^Disconnected/));
	const { tiles } = await shownOnce(page, "the values are gone", says("State of charge", /^Unavailable/));
	// What the server knows by itself, and the counters, stay.
	const known = ["Battery link", "Server", "Packs online", "Version", "Charged", "Discharged", "Last event"];
	const old = tiles.filter((tile) => !known.includes(tile.name) && !/^(Unavailable|Unknown)/.test(tile.says));
	tally.equal("ready to use", "old values on the dashboard", old, []);
	await page.screenshot({ path: join(pictures, "home-assistant-pulled.png"), fullPage: true });
	await battery(house, "plug");
	await shownOnce(page, "the values are back", says("State of charge", /^\d/));
	tally.holds("ready to use", "a pulled cable is seen, and seen to be back", true);
});

test("what fails or is cut would be seen", async () => {
	const page = await open(WIDTHS[0][1], "broken-one/bank");
	const { wrong, cut } = await shownOnce(page, "the page with mistakes", ({ tiles }) => tiles.length === 2);
	expect(wrong).toEqual(expect.arrayContaining(["hui-error-card", "Entity not found"]));
	expect(cut).toEqual(["A name that is far too long for a tile of the usual width"]);
});
