import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startChromium } from "./support/chromium.ts";
import { startMosquitto } from "./support/mosquitto.ts";
import { bankOnce, type RunningServer, startServer } from "./support/rack-battery.ts";
import { eventually, repository, Scene } from "./support/scene.ts";

/** The pages as a person sees them, in Chromium. Screenshots go to test-output/. */

const scene = new Scene();
const shared = new Scene();
const pictures = join(repository, "test-output");
let browser: Browser;
let server: RunningServer;

beforeAll(async () => {
	await mkdir(pictures, { recursive: true });
	browser = await startChromium(shared);
	server = await startServer(shared);
	await bankOnce(
		server,
		"both packs are live",
		(snapshot) => snapshot.packs.filter((pack: { presence: string }) => pack.presence === "live").length === 2,
	);
});
afterEach(() => scene.end());
afterAll(() => shared.end());

/** An open tab with what went wrong in it: console errors, and requests to anybody but our server. */
interface Tab {
	readonly page: Page;
	readonly errors: readonly string[];
	readonly foreign: readonly string[];
}

async function open(address: string, viewport = { width: 1280, height: 900 }): Promise<Tab> {
	const context = await browser.newContext({ viewport, locale: "en-US" });
	scene.onEnd(() => context.close());
	const page = await context.newPage();
	const errors: string[] = [];
	const foreign: string[] = [];
	const own = new URL(address).host;
	page.on("console", (message) => {
		if (message.type() === "error") errors.push(message.text());
	});
	page.on("pageerror", (error) => errors.push(String(error)));
	page.on("request", (request) => {
		const url = new URL(request.url());
		if (!["data:", "blob:", "about:"].includes(url.protocol) && url.host !== own) foreign.push(request.url());
	});
	await page.goto(address);
	return { page, errors, foreign };
}

const text = async (page: Page, testId: string) => (await page.getByTestId(testId).innerText()).trim();
/** The first number in a text, as a person reads it; null where there is none. */
const numberIn = (shown: string) => {
	const found = /-?\d+(?:[.,]\d+)?/.exec(shown)?.[0];
	return found === undefined ? null : Number(found.replace(",", "."));
};

test("the status page shows the snapshot's SOC, both packs, and that the battery is simulated", async () => {
	const { page, errors, foreign } = await open(`${server.page}/`);
	await page.getByTestId("bank-soc").getByText(/\d/).waitFor();
	await eventually("the SOC a person sees equals the snapshot's", async () => {
		const snapshot = await server.json("/api/bank");
		return Math.abs((numberIn(await text(page, "bank-soc")) ?? Number.NaN) - snapshot.totals.value.stateOfCharge) <= 0.5;
	});
	expect(await page.locator("body").innerText()).toMatch(/SIMULATED/i);
	expect(await page.getByText(/pack 1/i).count()).toBeGreaterThan(0);
	expect(await page.getByText(/pack 2/i).count()).toBeGreaterThan(0);
	await page.screenshot({ path: join(pictures, "status-page.png"), fullPage: true });
	expect(errors).toEqual([]);
	expect(foreign).toEqual([]);
});

test("the status page follows the battery without a reload, and names an alarm and a lost pack", async () => {
	const { page, errors } = await open(`${server.page}/`);
	let loads = 0;
	page.on("load", () => loads++);
	await page.getByTestId("bank-soc").getByText(/\d/).waitFor();
	const command = async (line: string) => {
		const response = await server.post("/api/simulator/command", { command: line });
		expect(response.status, `${line}: ${await response.clone().text()}`).toBe(200);
	};
	await command("soc 41");
	await eventually("the page shows the new SOC", async () => Math.round(numberIn(await text(page, "bank-soc")) ?? -1) === 41);
	await command("set 2 protection.cell_overvoltage");
	await page
		.getByText(/cell over-voltage/i)
		.first()
		.waitFor({ timeout: 15_000 });
	await page.screenshot({ path: join(pictures, "status-page-protection.png"), fullPage: true });
	await command("clear 2 protection.cell_overvoltage");
	await command("pull");
	await bankOnce(server, "the link is not online", (snapshot) => snapshot.link.state !== "online");
	await page.screenshot({ path: join(pictures, "status-page-pulled.png"), fullPage: true });
	await command("plug");
	await bankOnce(server, "the link is online again", (snapshot) => snapshot.link.state === "online", 60_000);
	await command("soc 72");
	expect(loads).toBe(0);
	expect(errors).toEqual([]);
});

test("the status page says so when the server is gone, and reads well on a phone", async () => {
	const own = await startServer(scene);
	await bankOnce(own, "a pack is live", (snapshot) => snapshot.totals !== null);
	const { page } = await open(`${own.page}/`, { width: 390, height: 844 });
	await page.getByTestId("bank-soc").getByText(/\d/).waitFor();
	await page.screenshot({ path: join(pictures, "status-page-phone.png"), fullPage: true });
	const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	expect(overflow, "pixels the page is wider than the phone").toBeLessThanOrEqual(0);
	const ending = await own.process.end("SIGINT", 10_000);
	expect(ending.code).toBe(0);
	expect(ending.tookMs, "an open page must not hold up the end").toBeLessThan(3000);
	await page
		.getByText(/connection to the server|server .*(lost|gone|away)/i)
		.first()
		.waitFor({ timeout: 15_000 });
	await page.screenshot({ path: join(pictures, "status-page-server-gone.png"), fullPage: true });
});

test("the status page lives on through a redeploy", async () => {
	const { page } = await open(`${server.page}/`);
	await page.getByTestId("bank-soc").getByText(/\d/).waitFor();
	const deployed = await server.post("/red/flows", await server.json("/red/flows"));
	expect(deployed.ok, await deployed.clone().text()).toBe(true);
	await bankOnce(server, "the reopened bank is live", (snapshot) => snapshot.totals !== null, 20_000);
	await page.getByTestId("bank-soc").getByText(/\d/).waitFor({ timeout: 10_000 });
});

test("a wrong broker password is said in words on the page, and the password is nowhere", async () => {
	const broker = await startMosquitto(scene, { user: "battery", password: "right" });
	const own = await startServer(scene, { args: ["--mqtt", `mqtt://battery:wr0ng-s3cret@127.0.0.1:${broker.port}`] });
	const { page } = await open(`${own.page}/`);
	await page
		.getByText(/refuse/i)
		.first()
		.waitFor({ timeout: 20_000 });
	await page.screenshot({ path: join(pictures, "status-page-refused.png"), fullPage: true });
	const shown = [
		await page.content(),
		JSON.stringify(await own.json("/api/bank")),
		JSON.stringify(await own.json("/api/banks")),
		own.process.output(),
	];
	for (const where of shown) expect(where).not.toContain("wr0ng-s3cret");
});

test("the flow editor opens with our nodes and the default flow, without errors or foreign requests", async () => {
	const { page, errors, foreign } = await open(`${server.page}/red/`, { width: 1500, height: 1000 });
	await page.locator("#red-ui-workspace-chart").waitFor({ timeout: 30_000 });
	const types = ["rack-battery-telemetry", "rack-battery-alarm", "rack-battery-discovery"];
	for (const type of types) {
		await page.locator(`#red-ui-palette .red-ui-palette-node[data-palette-type="${type}"]`).waitFor({ state: "attached", timeout: 30_000 });
	}
	await page.locator("#red-ui-workspace-chart .red-ui-flow-node").first().waitFor();
	const shown = await page
		.locator("#red-ui-palette .red-ui-palette-category")
		.filter({ hasText: /rack battery/i })
		.count();
	expect(shown).toBeGreaterThan(0);
	const flows: readonly { type: string }[] = await server.json("/red/flows");
	expect(flows.map((node) => node.type)).toEqual(expect.arrayContaining(["rack-battery", ...types]));
	expect(await page.locator("#red-ui-workspace-chart .red-ui-flow-node-error:visible").count()).toBe(0);
	await page.screenshot({ path: join(pictures, "editor.png") });
	expect(errors).toEqual([]);
	expect(foreign).toEqual([]);
});

test("every node's form opens filled in, names the battery's settings, and closes without errors", async () => {
	const { page, errors } = await open(`${server.page}/red/`, { width: 1500, height: 1000 });
	await page.locator("#red-ui-workspace-chart .red-ui-flow-node").first().waitFor({ timeout: 30_000 });
	const flows: readonly { id: string; type: string }[] = await server.json("/red/flows");
	const form = page.locator("#red-ui-editor-stack .red-ui-tray").last();
	for (const type of ["rack-battery-telemetry", "rack-battery-alarm", "rack-battery-discovery"]) {
		const node = flows.find((candidate) => candidate.type === type);
		await page.locator(`[id="${node?.id}"] .red-ui-flow-node`).dblclick();
		await form.locator("#dialog-form").waitFor();
		// A text that is missing from the catalogue is shown as its key.
		expect(await form.innerText()).not.toMatch(/rack-battery(-\w+)?\.(?!json\b)\w+/);
		expect(await form.locator("label").count()).toBeGreaterThan(1);
		// The form slides in: a button can be pressed only when it stands still.
		await page.locator("#node-dialog-cancel").click({ trial: true });
		await page.screenshot({ path: join(pictures, `editor-${type}.png`) });
		if (type === "rack-battery-telemetry") {
			await form.locator("#node-input-lookup-bank, #node-input-btn-bank-edit").first().click();
			await page.locator("#node-config-dialog-edit-form").waitFor();
			expect(await page.locator("#node-config-dialog-edit-form").innerText()).not.toMatch(/rack-battery(-\w+)?\.(?!json\b)\w+/);
			await page.locator("#node-config-dialog-cancel").click({ trial: true });
			await page.screenshot({ path: join(pictures, "editor-rack-battery.png") });
			await page.locator("#node-config-dialog-cancel").click();
			await page.locator("#node-config-dialog-edit-form").waitFor({ state: "detached" });
		}
		await page.locator("#node-dialog-cancel").click();
		await page.locator("#dialog-form").waitFor({ state: "detached" });
	}
	expect(errors).toEqual([]);
});
