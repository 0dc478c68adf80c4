import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "./support/chromium.ts";
import { bankOnce, type RunningServer, startServer } from "./support/rack-battery.ts";
import { eventually, repository, Scene } from "./support/scene.ts";

/** The flow editor in the languages of our nodes, as a person sees it in Chromium. Screenshots go to test-output/. */

const scene = new Scene();
const pictures = join(repository, "test-output");
const types = ["rack-battery-telemetry", "rack-battery-alarm", "rack-battery-discovery"] as const;
let browser: Browser;
let server: RunningServer;

/** The bank of the first flow, and one that this test deploys beside it with a number that is out of range. */
const WRONG_BANK = { id: "f1f1f1f1f1f1f1f1", type: "rack-battery", name: "", source: "simulator", bankId: "wrong", packs: 99 };

beforeAll(async () => {
	await mkdir(pictures, { recursive: true });
	browser = await startChromium(scene);
	// Node-RED itself runs in the language of the machine: German here, whoever looks at the editor.
	server = await startServer(scene, { env: { LC_ALL: "de_DE.UTF-8" } });
	const flows: readonly { id: string; type: string }[] = await server.json("/red/flows");
	const bank = flows.find(({ type }) => type === "rack-battery")?.id;
	await server.post("/red/flows", [
		...flows,
		WRONG_BANK,
		...ASKING.map((node) => (node.type === "rack-battery-alarm" ? { ...node, bank } : node)),
	]);
	await bankOnce(server, "both packs are live", (snapshot) => snapshot.totals?.value.packs.length === 2);
});
afterAll(() => scene.end());

// biome-ignore lint/suspicious/noExplicitAny: a catalogue; each test reads what it asserts
async function catalogueOf(type: string, language: string): Promise<any> {
	const path = join(repository, "nodes", type, "locales", language, `${type}.json`);
	return JSON.parse(await readFile(path, "utf8"))["rack-battery"];
}

/** Asks an alarm node for what is set, over HTTP; the node speaks Node-RED's own language. */
const ASKING = [
	{ id: "f2f2f2f2f2f2f2f1", type: "tab", label: "asking" },
	{
		id: "f2f2f2f2f2f2f2f2",
		type: "http in",
		z: "f2f2f2f2f2f2f2f1",
		url: "/alarms",
		method: "get",
		x: 100,
		y: 100,
		wires: [["f2f2f2f2f2f2f2f3"]],
	},
	{
		id: "f2f2f2f2f2f2f2f3",
		type: "rack-battery-alarm",
		z: "f2f2f2f2f2f2f2f1",
		sendActive: false,
		x: 300,
		y: 100,
		wires: [["f2f2f2f2f2f2f2f4"]],
	},
	{ id: "f2f2f2f2f2f2f2f4", type: "http response", z: "f2f2f2f2f2f2f2f1", x: 500, y: 100, wires: [] },
];

/** As a browser in that language, or with the language chosen in the editor's own settings. */
const VIEWERS: readonly { language: string; how: string; context: BrowserContextOptions; chosen: string | null; range: string }[] = [
	{ language: "de", how: "a German browser", context: { locale: "de-DE" }, chosen: null, range: "muss eine ganze Zahl von 0 bis 15 sein" },
	{
		language: "zh-CN",
		how: "Chinese chosen in the editor",
		context: { locale: "en-US" },
		chosen: "zh-CN",
		range: "必须是 0 到 15 之间的整数",
	},
];

describe.each(VIEWERS)("the editor for $how", ({ language, context: options, chosen, range }) => {
	test("shows names, badges, forms and help in that language", async () => {
		const context = await browser.newContext({ viewport: { width: 1500, height: 1000 }, ...options });
		scene.onEnd(() => context.close());
		if (chosen !== null) await context.addInitScript((value) => localStorage.setItem("editor-language", value), chosen);
		const page = await context.newPage();
		const errors: string[] = [];
		page.on("pageerror", (error) => errors.push(String(error)));
		await page.goto(`${server.page}/red/`);
		await page.locator("#red-ui-workspace-chart .red-ui-flow-node").first().waitFor({ timeout: 30_000 });
		const flows: readonly { id: string; type: string }[] = await server.json("/red/flows");
		const form = page.locator("#red-ui-editor-stack .red-ui-tray").last();

		for (const type of types) {
			const { label } = await catalogueOf(type, language);
			const inPalette = page.locator(`#red-ui-palette .red-ui-palette-node[data-palette-type="${type}"] .red-ui-palette-label`);
			await eventually(`the palette's name of ${type}`, async () => (await inPalette.innerText()).replace(/\s+/g, " ") === label.node);

			await page.locator(`[id="${flows.find((node) => node.type === type)?.id}"] .red-ui-flow-node`).dblclick();
			await form.locator("#dialog-form").waitFor();
			const shown = await form.innerText();
			expect(shown).toContain(label.bank);
			expect(shown).not.toMatch(/rack-battery(-\w+)?\.(?!json\b)\w+|\{\{|__\w+__/);
			await page.locator("#node-dialog-cancel").click({ trial: true });
			await page.screenshot({ path: join(pictures, `editor-${language}-${type}.png`) });
			await page.locator("#node-dialog-cancel").click();
			await page.locator("#dialog-form").waitFor({ state: "detached" });

			const help = await readFile(join(repository, "nodes", type, "locales", language, `${type}.html`), "utf8");
			const beginning = /<p>([^<]{20,60})/.exec(help)?.[1]?.replace(/\s+/g, " ") ?? "no help";
			await page.evaluate(`RED.sidebar.help.show(${JSON.stringify(type)})`);
			await page.locator(".red-ui-sidebar-help-stack, .red-ui-help").filter({ hasText: beginning }).first().waitFor();
		}

		const { status } = await catalogueOf("rack-battery-telemetry", language);
		await page.locator(".red-ui-flow-node-status-label").filter({ hasText: status.live.simulated }).first().waitFor();
		await page.screenshot({ path: join(pictures, `editor-${language}.png`) });
		const problems = await page.evaluate(`JSON.stringify(RED.nodes.node("${WRONG_BANK.id}").validationErrors)`);
		expect(problems).toContain(range);
		const { label } = await catalogueOf("rack-battery", language);
		expect(await page.evaluate(`RED.utils.getNodeLabel(RED.nodes.node("${WRONG_BANK.id}"))`)).toBe(
			label.simulated.replace("__name__", "wrong"),
		);
		expect(errors).toEqual([]);
	});
});

test("alarm sentences are in the language Node-RED runs in", async () => {
	await server.post("/api/simulator/command", { command: "set 2 fault.charge_mosfet" });
	const alarm = await eventually("the fault of pack 2", async () => {
		const alarms: readonly { pack: number; slug: string; label: string; text: string; language: string }[] =
			await server.json("/flows/alarms");
		return alarms.find(({ pack, slug }) => pack === 2 && slug === "charge_mosfet");
	});
	expect(alarm).toMatchObject({ language: "de", label: "Lade-MOSFET defekt" });
	expect(alarm?.text).toBe("Battery bank, Pack 2: Fehler „Lade-MOSFET defekt“. [simuliert]");
});
