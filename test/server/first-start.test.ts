import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareDataFolder } from "../../src/server/data-folder.ts";
import { flowsOfFolder, writeFirstFlows } from "../../src/server/first-flows.ts";
import { keptSecret } from "../../src/server/private-file.ts";
import { StartError } from "../../src/server/start-error.ts";

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "rack-battery-first-"));
});
afterEach(() => {
	chmodSync(folder, 0o700);
	rmSync(folder, { recursive: true, force: true });
});

describe("the first start", () => {
	it("writes the flows of the folder in order, a shared node once", () => {
		const flows = join(folder, "flows");
		prepareDataFolder(flows);
		const tab = (id: string) => ({ id, type: "tab", disabled: false });
		writeFileSync(join(flows, "10-last.json"), JSON.stringify([tab("c")]));
		writeFileSync(join(flows, "2-shed.json"), JSON.stringify([tab("b"), { id: "shared", from: 2 }]));
		writeFileSync(join(flows, "1-first.json"), JSON.stringify([tab("a"), { id: "shared", from: 1 }]));
		writeFileSync(join(flows, "notes.md"), "not a flow");
		// Only the first runs by itself: the others would act.
		const asleep = [tab("b"), tab("c")].map((each) => ({ ...each, disabled: true }));
		expect(flowsOfFolder(flows)).toEqual([tab("a"), { id: "shared", from: 1 }, ...asleep]);
		const file = join(folder, "flows.json");
		expect(writeFirstFlows(file, flows)).toBe(true);
		expect(JSON.parse(readFileSync(file, "utf8"))).toHaveLength(4);
	});

	it("never touches flows that are there", () => {
		const file = join(folder, "flows.json");
		writeFileSync(file, "[]");
		expect(writeFirstFlows(file, folder)).toBe(false);
		expect(readFileSync(file, "utf8")).toBe("[]");
	});

	it("brings flows that Node-RED accepts", () => {
		const flows = flowsOfFolder(join(import.meta.dirname, "../../flows"));
		expect(flows.length).toBeGreaterThan(3);
	});

	it("makes a secret of its own, once, that only its owner can read", () => {
		const file = join(folder, "secret");
		const secret = keptSecret(file);
		expect(secret).toMatch(/^[0-9a-f]{64}$/);
		expect(keptSecret(file)).toBe(secret);
		if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
		writeFileSync(file, "");
		expect(() => keptSecret(file)).toThrow(/is empty/);
		expect(() => keptSecret(join(folder, "nowhere", "secret"))).toThrow(StartError);
	});

	it("says in words why a data folder cannot be used", () => {
		const made = join(folder, "a", "b");
		prepareDataFolder(made);
		expect(existsSync(made)).toBe(true);
		const file = join(folder, "file");
		writeFileSync(file, "");
		expect(() => prepareDataFolder(file)).toThrow(/a file of that name is in the way.*--data FOLDER/);
		expect(() => prepareDataFolder(join(file, "below"))).toThrow(StartError);
	});
});
