// Takes the pictures of docs/flows/: starts the built server (npm run build first) on free ports with a new data folder,
// enables every flow and takes each tab in Chromium (CHROMIUM=/path/to/it). Run by hand: node tools/flow-pictures.ts
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { inChromium, ROOT, withServer } from "./picture-of-server.ts";

const PICTURES = join(ROOT, "docs", "flows");
const MARGIN = 40;
/** How long badges may take to say something, ms. */
const BADGES_MS = 15_000;

interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly label?: string;
}

/** Enables every tab, as its user would. */
async function enableAll(editor: string): Promise<void> {
	const flows = (await (await fetch(`${editor}/flows`)).json()) as readonly FlowNode[];
	const enabled = flows.map((node) => (node.type === "tab" ? { ...node, disabled: false } : node));
	const response = await fetch(`${editor}/flows`, {
		method: "POST",
		headers: { "content-type": "application/json", "node-red-deployment-type": "full" },
		body: JSON.stringify(enabled),
	});
	if (!response.ok) throw new Error(`The flows were not taken: ${response.status} ${await response.text()}`);
}

/** Where the nodes of the tab are on the page. */
function boxOf(page: Page, tab: string): Promise<{ x: number; y: number; width: number; height: number }> {
	return page.evaluate(
		`(() => {
			RED.workspaces.show(${JSON.stringify(tab)});
			const chart = document.getElementById("red-ui-workspace-chart");
			chart.scrollTo(0, 0);
			const { x, y } = chart.getBoundingClientRect();
			const boxes = RED.nodes.filterNodes({ z: ${JSON.stringify(tab)} }).map((n) => [n.x - n.w / 2, n.y - n.h / 2, n.x + n.w / 2, n.y + n.h / 2 + 20]);
			const edge = (index, pick) => pick(...boxes.map((box) => box[index]));
			const left = edge(0, Math.min), top = edge(1, Math.min), right = edge(2, Math.max), bottom = edge(3, Math.max);
			return { x: x + left - ${MARGIN}, y: y + top - ${MARGIN}, width: right - left + ${2 * MARGIN}, height: bottom - top + ${2 * MARGIN} };
		})()`,
	);
}

async function takePictures(editor: string): Promise<void> {
	await inChromium({ width: 2200, height: 1000 }, async (page) => {
		await page.goto(editor);
		await page.waitForSelector(".red-ui-flow-node-group");
		await page.evaluate(`RED.menu.setSelected("menu-item-sidebar", false); RED.menu.setSelected("menu-item-palette", false);`);
		const files = readdirSync(join(ROOT, "flows")).filter((name) => name.endsWith(".json"));
		for (const file of files) {
			const nodes = JSON.parse(readFileSync(join(ROOT, "flows", file), "utf8")) as readonly FlowNode[];
			const tab = nodes.find(({ type }) => type === "tab")?.id ?? "";
			await boxOf(page, tab);
			// Badges are part of what a person sees.
			await page.waitForFunction(
				`[...document.querySelectorAll(".red-ui-flow-node-status-label")].some((label) => label.textContent !== "")`,
				null,
				{
					timeout: BADGES_MS,
				},
			);
			await page.waitForTimeout(500);
			const clip = await boxOf(page, tab);
			await page.screenshot({ path: join(PICTURES, `${Number.parseInt(file, 10)}.png`), clip });
			process.stdout.write(`${file}: ${Math.round(clip.width)} x ${Math.round(clip.height)}\n`);
		}
	});
}

mkdirSync(PICTURES, { recursive: true });
await withServer(async (address) => {
	const editor = `${address}/red`;
	await enableAll(editor);
	await takePictures(editor);
});
