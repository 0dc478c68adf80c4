import { describe, expect, it } from "vitest";
import { planOf } from "../../nodes/lib/bank-plan.ts";
import {
	BANK_SETTINGS,
	BankRegistry,
	CONTACT_SETTINGS,
	ConfigError,
	defaultsOf,
	MQTT_SETTINGS,
	type ServerHandover,
	SIMULATOR_SETTINGS,
} from "../../src/index.ts";

const handover: ServerHandover = {
	bank: { ...defaultsOf(BANK_SETTINGS), port: "tcp://127.0.0.1:4001" },
	origin: "simulated",
	mqtt: defaultsOf(MQTT_SETTINGS),
	pageUrl: null,
	dataFolder: "data",
	registry: new BankRegistry(),
};

function problemsOf(config: object): readonly string[] {
	try {
		planOf("n", config as Record<string, unknown>, undefined);
		return [];
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return (error.context.problems ?? []).map(({ path, message }) => `${path}: ${message}`);
	}
}

describe("the plan of a bank", () => {
	it("is the server's by default, settings and origin", () => {
		expect(planOf("n", {}, handover)).toEqual({
			origin: "simulated",
			settings: handover.bank,
			simulator: null,
			contacts: defaultsOf(CONTACT_SETTINGS),
			line: "tcp://127.0.0.1:4001",
		});
	});

	it("says what to do when there is no server", () => {
		expect(() => planOf("n", { source: "server" }, undefined)).toThrow(
			/does not run inside the Rack Battery server.*choose a port.*or the simulator/,
		);
	});

	it("takes own settings as the editor's fields hold them, defaults where they are empty", () => {
		const config = { source: "own", port: " COM3 ", bankId: "garage", name: "", baudRate: "19200", packs: "", currentDeadBandA: "0.5" };
		expect(planOf("n", config, undefined)).toEqual({
			origin: "real",
			simulator: null,
			contacts: defaultsOf(CONTACT_SETTINGS),
			line: "com3",
			settings: { ...defaultsOf(BANK_SETTINGS), id: "garage", port: "COM3", baudRate: 19200, currentDeadBandA: 0.5 },
		});
	});

	it("simulates with the settings of the simulator", () => {
		const plan = planOf("n", { source: "simulator", simPacks: "3", simLoadW: "-500", port: "COM3" }, undefined);
		expect(plan).toMatchObject({
			origin: "simulated",
			line: "simulator of n",
			simulator: { ...defaultsOf(SIMULATOR_SETTINGS), packs: 3, loadW: -500 },
		});
		expect(planOf("n", { source: "simulator", simReplay: "captured.json" }, undefined).origin).toBe("replayed");
	});

	it("reports every problem at once, in words", () => {
		expect(
			problemsOf({ source: "own", port: "COM3", bankId: "My Bank", baudRate: "fast", packs: 16, gapMs: 50.5, protocol: "can" }),
		).toEqual([
			expect.stringMatching(/^bankId: "My Bank" does not fit\. Short name/),
			"baudRate: must be a whole number from 1200 to 115200 baud",
			expect.stringMatching(/^protocol: must be one of ascii-0x25, /),
			"packs: must be a whole number from 0 to 15",
			"gapMs: must be a whole number from 50 to 5000 ms",
		]);
		expect(problemsOf({ source: "simulator", bankId: "!", simCells: 0 })).toHaveLength(2);
	});

	it.each(["", "simulator"])("wants a port for a battery at this machine, not %j", (port) => {
		expect(problemsOf({ source: "own", port })).toEqual([expect.stringMatching(/^port: say where the battery is/)]);
	});

	it("refuses a source nobody knows", () => {
		expect(() => planOf("n", { source: "cloud" }, handover)).toThrow(/must be one of server, own, simulator/);
	});
});
