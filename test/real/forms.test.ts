import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "./support/chromium.ts";
import { unreadableIn } from "./support/form-on-screen.ts";
import { type RunningServer, startServer } from "./support/rack-battery.ts";
import { eventually, repository, Scene } from "./support/scene.ts";

/** The forms of our nodes as a person sees them in Chromium on a small screen. Screenshots go to test-output/. */

const scene = new Scene();
const pictures = join(repository, "test-output");
const TAB = "f3f3f3f3f3f3f300";
/** A bank as an older flow has it: without what was added since. */
const OLD_BANK = {
	id: "f3f3f3f3f3f3f301",
	type: "rack-battery",
	name: "Cellar",
	bankId: "cellar",
	source: "own",
	port: "tcp://127.0.0.1:1",
};
const idOf = (index: number) => `f3f3f3f3f3f3f3${index + 10}`;
const NOTHING = { cut: [], empty: [], tooWide: 0 };
let browser: Browser;
let server: RunningServer;
let types: readonly string[];

beforeAll(async () => {
	await mkdir(pictures, { recursive: true });
	browser = await startChromium(scene);
	server = await startServer(scene);
	const folders = await readdir(join(repository, "nodes"));
	types = folders.filter((name) => /^rack-battery-(?!ha$)/.test(name));
	const nodes = types.map((type, index) => ({ id: idOf(index), type, z: TAB, bank: OLD_BANK.id, x: 200, y: 60 * (index + 1), wires: [] }));
	const answer = await server.post("/red/flows", [
		...(await server.json("/red/flows")),
		{ id: TAB, type: "tab", label: "forms" },
		OLD_BANK,
		...nodes,
	]);
	expect(answer.ok, await answer.text()).toBe(true);
});
afterAll(() => scene.end());

async function editor(locale: string): Promise<{ readonly page: Page; readonly errors: readonly string[] }> {
	const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, locale });
	scene.onEnd(() => context.close());
	const page = await context.newPage();
	const errors: string[] = [];
	page.on("pageerror", (error) => errors.push(String(error)));
	await page.goto(`${server.page}/red/`);
	await page.locator("#red-ui-workspace-chart .red-ui-flow-node").first().waitFor({ timeout: 30_000 });
	await page.evaluate(`RED.workspaces.show("${TAB}")`);
	return { page, errors };
}

async function openNode(page: Page, index: number): Promise<void> {
	await page.locator(`[id="${idOf(index)}"] .red-ui-flow-node`).dblclick();
	await page.locator("#dialog-form .rack-battery-form").waitFor();
	// It slides in: a button can be pressed only when it stands still.
	await page.locator("#node-dialog-cancel").click({ trial: true });
}
async function cancelNode(page: Page): Promise<void> {
	await page.locator("#node-dialog-cancel").click();
	await page.locator("#dialog-form").waitFor({ state: "detached" });
}
async function openBank(page: Page): Promise<void> {
	await openNode(page, types.indexOf("rack-battery-telemetry"));
	await page.locator("#node-input-lookup-bank, #node-input-btn-bank-edit").first().click();
	await page.locator("#node-config-dialog-edit-form .rack-battery-form").waitFor();
	await page.locator("#node-config-dialog-cancel").click({ trial: true });
}

describe.each(["en-US", "de-DE"])("for a browser in %s", (locale) => {
	test("every form fits a small screen, and nothing in it is cut", async () => {
		const { page, errors } = await editor(locale);
		for (const [index, type] of types.entries()) {
			await openNode(page, index);
			expect({ type, ...(await unreadableIn(page)) }).toEqual({ type, ...NOTHING });
			expect(await page.locator("#dialog-form").innerText()).not.toMatch(/rack-battery(-\w+)?\.(?!json\b)\w+/);
			await page.screenshot({ path: join(pictures, `form-${locale}-${type}.png`) });
			await cancelNode(page);
		}
		expect(errors).toEqual([]);
	});

	test("so does the command's for each command", async () => {
		const { page } = await editor(locale);
		await openNode(page, types.indexOf("rack-battery-command"));
		const choice = page.locator("#node-input-command");
		const commands = await choice.locator("option").evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
		expect(commands.length).toBeGreaterThan(15);
		for (const command of commands) {
			await choice.selectOption(command);
			expect({ command, ...(await unreadableIn(page)) }).toEqual({ command, ...NOTHING });
		}
	});

	test("so does the bank's for each kind of battery", async () => {
		const { page } = await editor(locale);
		await openBank(page);
		for (const source of ["own", "simulator", "server"]) {
			await page.locator("#node-config-input-source").selectOption(source);
			expect({ source, ...(await unreadableIn(page)) }).toEqual({ source, ...NOTHING });
			await page.screenshot({ path: join(pictures, `form-${locale}-rack-battery-${source}.png`) });
		}
	});
});

test("a form that is cut would be seen", async () => {
	const { page } = await editor("en-US");
	await openBank(page);
	await page.locator("#node-config-input-protocol").evaluate((select) => {
		select.style.width = "60px";
	});
	expect((await unreadableIn(page)).cut).toContain("PACE ASCII 0x25 (RS232)");
	await page.addStyleTag({ content: "#node-config-dialog-edit-form { width: 2000px; } .red-ui-tray-body { width: 2000px; }" });
	expect((await unreadableIn(page)).tooWide).toBeGreaterThan(100);
});

test("a bank of an older flow shows the defaults of what it does not have, and keeps them when it is saved", async () => {
	const { page, errors } = await editor("en-US");
	await openBank(page);
	const defaults = (await page.evaluate(
		`Object.fromEntries(Object.entries(RED.nodes.getType("rack-battery").defaults).map(([key, { value }]) => [key, value]))`,
	)) as Readonly<Record<string, unknown>>;
	expect(Object.keys(defaults).length).toBeGreaterThan(40);
	const expected = { ...defaults, ...OLD_BANK };
	await page.locator("#node-config-dialog-ok").click();
	await page.locator("#node-config-dialog-edit-form").waitFor({ state: "detached" });
	const kept = (await eventually("the bank is saved", () =>
		page.evaluate(
			`(() => { const node = RED.nodes.node("${OLD_BANK.id}"); return Object.fromEntries(Object.keys(node._def.defaults).map((key) => [key, node[key]])); })()`,
		),
	)) as Readonly<Record<string, unknown>>;
	const texts = (row: Readonly<Record<string, unknown>>) =>
		Object.fromEntries(Object.keys(defaults).map((key) => [key, String(row[key] ?? "")]));
	expect(texts(kept)).toEqual(texts(expected));
	expect(errors).toEqual([]);
});
