import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { expect, it } from "vitest";
import { DEFAULT_DASHBOARD, dashboardFile, dashboardOf, dashboardWanted } from "../tools/home-assistant-dashboard.ts";

const FOLDER = join(import.meta.dirname, "..", "home-assistant");

it("the dashboard is what the tool writes, and the YAML that was meant", () => {
	const text = readFileSync(join(FOLDER, "dashboard.yaml"), "utf8");
	expect(text).toBe(dashboardFile(DEFAULT_DASHBOARD));
	expect(load(text)).toEqual(dashboardOf(DEFAULT_DASHBOARD));
});

it("a state is text in Home Assistant's YAML, where a bare on is true", () => {
	expect(readFileSync(join(FOLDER, "dashboard.yaml"), "utf8")).toContain('state: "on"\n');
});

it("the simulated bank says so in its ids and headings", () => {
	const text = dashboardFile({ ...DEFAULT_DASHBOARD, simulated: true });
	expect(text).toContain("entity: sensor.battery_bank_pack_1_simulated_soc\n");
	expect(text).toContain('heading: "Bank (simulated)"\n');
	expect(text).not.toMatch(/battery_bank_(pack_\d+_)?(?!simulated|pack_)[a-z]/);
});

it("other names, packs and cells give other ids", () => {
	const text = dashboardFile({ name: "Cellar", packs: [3], cells: 15 });
	expect(text).toContain("sensor.cellar_pack_3_cell_15\n");
	expect(text).not.toMatch(/battery_bank|cell_16|pack_1\b/);
});

it("the tool takes a bank's name, packs and cells, and says what it cannot take", () => {
	expect(dashboardWanted(["--name", "Cellar", "--packs", "1-2, 4", "--cells", "15"])).toMatchObject({ packs: [1, 2, 4], cells: 15 });
	expect(dashboardWanted([])).toEqual({ ...DEFAULT_DASHBOARD, simulated: false });
	expect(dashboardWanted(["--help"])).toBeNull();
	for (const wrong of [["--packs", "x"], ["--packs", "1,16"], ["--packs", ""], ["--cells", "0"], ["--name", "…"], ["--pack", "1"], ["x"]])
		expect(dashboardWanted(wrong), wrong.join(" ")).toEqual(expect.stringContaining((wrong[0] ?? "").slice(0, 6)));
	expect(dashboardFile({ name: 'a "b"\nc', packs: [1], cells: 16 })).toMatch(/^# .* 1 pack of 16 cells, bank name "a \\"b\\"\\nc"\.\n/);
});

it.each(readdirSync(join(FOLDER, "blueprints")))("blueprint %s names what it uses", (name) => {
	const text = readFileSync(join(FOLDER, "blueprints", name), "utf8");
	const inputs = new Set(
		text
			.split("\nmode:")[0]
			?.match(/^ {4}[a-z0-9_]+:$/gm)
			?.map((line) => line.trim().slice(0, -1)),
	);
	const used = new Set([...text.matchAll(/!input ([a-z0-9_]+)/g)].map(([, input]) => input));
	expect(used.size).toBeGreaterThan(1);
	expect(inputs).toEqual(used);
	expect(text).toMatch(/^triggers:$/m);
	expect(text).toMatch(/^actions:/m);
});
