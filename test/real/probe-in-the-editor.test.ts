import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { startChromium } from "./support/chromium.ts";
import { bankOnce, startServer, startSimulator } from "./support/rack-battery.ts";
import { repository, Scene } from "./support/scene.ts";

/** The bank node's button that finds out what is at a port, as a person uses it, in Chromium. */

const scene = new Scene();
const pictures = join(repository, "test-output");
afterEach(() => scene.end());

test("finds the battery at a port, takes it over, and leaves a deployed bank's port alone", async () => {
	await mkdir(pictures, { recursive: true });
	const [read, other] = await Promise.all([startSimulator(scene, ["--packs", "1"]), startSimulator(scene, ["--packs", "2"])]);
	const server = await startServer(scene, { args: ["--port", `tcp://127.0.0.1:${read.port}`] });
	await bankOnce(server, "the bank is read", (snapshot) => snapshot.link.state === "online");
	const browser = await startChromium(scene);
	const page = await browser.newPage({ viewport: { width: 1500, height: 1000 }, locale: "en-US" });
	const errors: string[] = [];
	page.on("pageerror", (error) => errors.push(String(error)));
	await page.goto(`${server.page}/red/`);
	await page.locator("#red-ui-workspace-chart .red-ui-flow-node").first().waitFor({ timeout: 30_000 });
	const flows: readonly { id: string; type: string }[] = await server.json("/red/flows");
	await page.locator(`[id="${flows.find(({ type }) => type === "rack-battery-telemetry")?.id}"] .red-ui-flow-node`).dblclick();
	await page.locator("#node-input-lookup-bank, #node-input-btn-bank-edit").first().click();
	const form = page.locator("#node-config-dialog-edit-form");
	await form.waitFor();
	await page.locator("#node-config-input-source").selectOption("own");

	await page.locator("#node-config-input-port").fill(`tcp://127.0.0.1:${read.port}`);
	await page.locator("#rack-battery-probe").click();
	await page
		.locator("#rack-battery-probe-summary")
		.getByText(/reads this port already/)
		.waitFor();
	expect(await page.locator("#rack-battery-probe-take").isVisible()).toBe(false);

	await page.locator("#node-config-input-port").fill(`tcp://127.0.0.1:${other.port}`);
	await page.locator("#node-config-input-protocol").evaluate((select: HTMLSelectElement) => {
		select.selectedIndex = -1;
	});
	await page.locator("#rack-battery-probe").click();
	await page
		.locator("#rack-battery-probe-step")
		.getByText(/\d+\/\d+ \S/)
		.waitFor();
	await page
		.locator("#rack-battery-probe-summary")
		.getByText(/Found the main pack/)
		.waitFor({ timeout: 15_000 });
	expect(await page.locator("#rack-battery-probe-details").innerText()).toMatch(/Pack 2 \(□■□□\), 5\d\.\d\d V, 72 %/);
	await page.locator("#rack-battery-probe-take").scrollIntoViewIfNeeded();
	await page.screenshot({ path: join(pictures, "editor-probe.png") });
	await page.locator("#rack-battery-probe-take").click();
	expect(await page.locator("#node-config-input-protocol").inputValue()).toBe("ascii-0x25");
	expect(await page.locator("#rack-battery-probe-result").isVisible()).toBe(false);
	expect(await form.innerText()).not.toMatch(/rack-battery(-\w+)?\.(?!json\b)\w+/);

	await page.locator("#node-config-input-port").fill("tcp://127.0.0.1:1");
	await page.locator("#rack-battery-probe").click();
	await page
		.locator("#rack-battery-probe-summary")
		.getByText(/refuses the connection/)
		.waitFor({ timeout: 15_000 });
	await page.locator("#node-config-dialog-cancel").click();
	expect(errors).toEqual([]);
});
