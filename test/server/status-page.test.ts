import { describe, expect, it } from "vitest";
import type { PublisherState } from "../../src/bank-registry.ts";
import { CONDITION_KEYS, conditionsOfClass } from "../../src/bms/battery/conditions.ts";
import type { ActiveCondition, BankSnapshot } from "../../src/bms/battery/snapshot.ts";
import { ago, count, duration, power, quantity } from "../../src/server/page/format.ts";
import { pageView } from "../../src/server/page/page-view.ts";
import { textOf, type VElement, type VNode } from "../../src/server/page/vnode.ts";
import type { ServerStatus } from "../../src/server/server-status.ts";
import { VOCABULARY } from "../../src/server/status-api.ts";
import { AT, bankSnapshot, HEALTHY_STATUS, pack, packValues, part, stale, TOTALS } from "../support/snapshots.ts";

const FACTS: ServerStatus["server"] = {
	version: "1.2.3",
	bankId: "bank",
	origin: "real",
	replay: null,
	hasOwnBroker: false,
	brokerUrl: "mqtt://host:1883",
	editorPath: "/red/",
};
const ONLINE: PublisherState = { state: "online", broker: "mqtt://host:1883", problem: null };

function view(
	snapshots: readonly BankSnapshot[],
	options: { publishers?: PublisherState[]; facts?: Partial<ServerStatus["server"]>; bankId?: string } = {},
) {
	const banks = snapshots.map((snapshot) => ({ snapshot, publishers: options.publishers ?? [ONLINE] }));
	const status: ServerStatus = { now: AT, server: { ...FACTS, ...options.facts }, banks };
	return pageView(status, VOCABULARY, AT + 3000, options.bankId ?? "");
}

function* elements(nodes: readonly VNode[]): Generator<VElement> {
	for (const node of nodes) {
		if (typeof node === "string") continue;
		yield node;
		yield* elements(node.children);
	}
}
const find = (nodes: readonly VNode[], testId: string) =>
	[...elements(nodes)].find((element) => element.attributes["data-testid"] === testId);
const shown = (nodes: readonly VNode[], testId: string) => {
	const element = find(nodes, testId);
	return element === undefined ? null : textOf(element).replaceAll(/\s+/g, " ").trim();
};
const all = (nodes: readonly VNode[]) => nodes.map(textOf).join(" ");
const condition = (key: ActiveCondition["key"], changes: Partial<ActiveCondition> = {}): ActiveCondition => ({
	key,
	since: AT - 60_000,
	pack: 2,
	cell: null,
	probe: null,
	value: null,
	unit: null,
	limit: null,
	...changes,
});

describe("the status page", () => {
	it("shows the bank at a glance", () => {
		const page = view([
			bankSnapshot({ totals: part({ ...TOTALS, stateOfCharge: 71.6, power: -640, current: -12.1, activity: "discharging" }) }),
		]);
		expect(shown(page, "bank-soc")).toBe("72 %");
		expect(shown(page, "bank-activity")).toBe("Discharging with 640 W");
		expect(shown(page, "bank-current")).toBe("-12.10 A");
		expect(shown(page, "bank-age")).toBe("3 s ago, from all 2 packs");
		expect(shown(page, "link-state")).toBe("online");
		expect(shown(page, "mqtt-state")).toMatch(/^online/);
	});

	it("says of what cannot be told that it cannot, and by its class", () => {
		const untold = (...unsupported: BankSnapshot["unsupported"]) => shown(view([bankSnapshot({ unsupported })]), "alarms") ?? "";
		expect(untold()).toBe("Alarms No alarm, no protection, no fault.");
		const some = untold("alarm.ambient_low_temperature", "protection.ambient_low_temperature", "heater");
		expect(some).toMatch(/^Alarms No alarm, no protection, no fault among those that can be told here\./);
		expect(some).toMatch(/2 of the .* cannot be told .* Alarms: Ambient low temperature\. Protections: Ambient low temperature\.$/);
		expect(untold(...conditionsOfClass("alarm"))).toMatch(/^Alarms No protection, no fault among those that can be told here\./);
		expect(untold(...CONDITION_KEYS)).toMatch(/^Alarms This port and protocol tell no alarm, protection or fault\./);
	});

	it("says unknown, never 0, where nothing is known", () => {
		const page = view([
			bankSnapshot({
				totals: null,
				conditions: null,
				energy: null,
				packs: [pack(1, { presence: "unknown", telemetry: null, status: null, conditions: null, energy: null })],
			}),
		]);
		expect(shown(page, "bank-soc")).toBe("unknown");
		expect(shown(page, "bank-voltage")).toBe("unknown");
		expect(shown(page, "bank-activity")).toBe("Power unknown");
		expect(shown(page, "alarms")).toContain("The alarm state is unknown");
		expect(shown(page, "pack-1")).toContain("Unknown: there is no fresh word from it.");
		expect(all(page)).not.toMatch(/\b0(\.0+)? (%|V|A|W|Ah)/);
	});

	it("shows no value of what is stale or away", () => {
		const old = stale(part({ ...packValues(), stateOfCharge: 12, voltage: 48.123 }));
		const page = view([
			bankSnapshot({
				totals: stale(part({ ...TOTALS, stateOfCharge: 12 })),
				packs: [pack(1, { presence: "unknown", telemetry: old }), pack(2, { presence: "absent", telemetry: old })],
			}),
		]);
		expect(shown(page, "bank-soc")).toBe("unknown");
		expect(shown(page, "bank-age")).toBe("last known 3 s ago");
		expect(shown(page, "pack-2")).toContain("Away: it was asked and does not answer.");
		expect(all(page)).not.toContain("12 %");
		expect(all(page)).not.toContain("48.12");
	});

	it("says which packs the bank's values come from when some are missing", () => {
		const page = view([
			bankSnapshot({
				totals: part({ ...TOTALS, packs: [1, 3] }),
				packs: [pack(1), pack(2, { presence: "absent", telemetry: null }), pack(3)],
			}),
		]);
		expect(shown(page, "bank-age")).toBe("3 s ago, from packs 1 and 3 of 3 only");
	});

	it("shows every cell with its number and marks the highest, the lowest and the balancing one in words", () => {
		const page = view([bankSnapshot({ packs: [pack(1, { status: part({ ...HEALTHY_STATUS, balancingCells: [2] }) })] })]);
		const cells = find(page, "pack-1-cells")?.children ?? [];
		expect(cells).toHaveLength(16);
		const words = cells.map((cell) => textOf(cell).replaceAll(/\s+/g, " ").trim());
		expect(words[0]).toBe("cell 1 3300 mV lowest");
		expect(words[1]).toBe("cell 2 3301 mV balancing?");
		expect(page.map(textOf).join(" ")).toContain("which ones is unverified");
		expect(words[15]).toBe("cell 16 3315 mV highest");
	});

	it("marks no cell when all are equal, and names probes only where their order is known", () => {
		const values = {
			cellVoltages: [3.3, 3.3],
			cellVoltageMin: 3.3,
			cellVoltageMax: 3.3,
			lowestCell: 1,
			highestCell: 1,
			temperatures: [20, null],
		};
		const page = view([bankSnapshot({ packs: [pack(1, { values })] })]);
		expect(textOf(find(page, "pack-1-cells") ?? "")).not.toMatch(/lowest|highest/);
		expect(shown(page, "pack-1")).toContain("Probe 1 20.0 °C Probe 2 no probe");
		expect(shown(view([bankSnapshot({ packs: [pack(1)] })]), "pack-1")).toContain("MOSFETs 24.0 °C Ambient 25.0 °C");
	});

	it("says alarms, protections and faults in words, with place, value and since when", () => {
		const page = view([
			bankSnapshot({
				conditions: [
					condition("alarm.low_soc", { pack: null }),
					condition("protection.cell_overvoltage", { cell: 7, value: 3.652, unit: "V", limit: null }),
					condition("fault.sampling", { pack: 1 }),
				],
			}),
		]);
		const alarms = shown(page, "alarms") ?? "";
		expect(alarms).toContain("1 fault (hardware is broken), 1 protection (the battery intervened), 1 alarm (a limit is near).");
		expect(alarms).toContain("Protection Cell over-voltage pack 2, cell 7, 3.652 V · for 1 min");
		expect(alarms).toContain("the bank (the pack is not known yet)");
		expect(alarms.indexOf("Sampling fault")).toBeLessThan(alarms.indexOf("Low state of charge"));
		expect(find(page, "alarms")?.attributes["data-state"]).toBe("problem");
	});

	it("shows Fully as a state and counts it as no problem", () => {
		const page = view([bankSnapshot({ conditions: [condition("protection.fully")] })]);
		expect(find(page, "alarms")?.attributes["data-state"]).toBe("clear");
		expect(shown(page, "alarms")).toContain("No alarm, no protection, no fault.");
		expect(shown(page, "alarms")).toContain("State Fully charged");
	});

	it("labels what is not real", () => {
		expect(find(view([bankSnapshot()]), "origin-banner")).toBeUndefined();
		expect(shown(view([bankSnapshot({ origin: "simulated" })]), "origin-banner")).toMatch(/^SIMULATED /);
		expect(shown(view([bankSnapshot({ origin: "replayed" })], { facts: { replay: "nk30.json" } }), "origin-banner")).toMatch(
			/^REPLAYED .*nk30\.json/,
		);
		expect(shown(view([], { facts: { origin: "simulated" } }), "origin-banner")).toMatch(/^SIMULATED /);
	});

	it("says what is wrong with the line and with MQTT", () => {
		const { link } = bankSnapshot();
		const problem = { kind: "timeout", code: "no-answer", message: "Nobody answers on COM3.", at: AT };
		const failures = { timeout: 12, frame: 1, rejected: 0, decode: 0, implausible: 0 };
		const page = view([bankSnapshot({ link: { ...link, state: "silent", problem, failures, onlineSince: null } })], {
			publishers: [{ state: "refused", broker: "mqtt://host:1883", problem: "The broker refuses the password." }],
		});
		expect(shown(page, "link")).toContain("silent: the line is open, but nobody answers Nobody answers on COM3. (3 s ago)");
		expect(shown(page, "link")).toContain("12 no or half an answer, 1 damaged answers (11.5 %)");
		expect(shown(page, "mqtt")).toContain("refused by the broker The broker refuses the password.");
		expect(shown(view([bankSnapshot()], { publishers: [] }), "mqtt")).toContain("Not published");
	});

	it("shows one of several banks and links to the others", () => {
		const banks = [bankSnapshot(), bankSnapshot({ id: "shed", name: "Shed", totals: part({ ...TOTALS, stateOfCharge: 5 }) })];
		expect(shown(view(banks), "bank-name")).toBe("Battery bank");
		const page = view(banks, { bankId: "shed" });
		expect(shown(page, "bank-name")).toBe("Shed");
		expect(shown(page, "bank-soc")).toBe("5 %");
		expect(all(page)).toContain("Battery bank");
	});

	it("says what to do when no flow uses the battery", () => {
		expect(shown(view([]), "no-bank")).toContain("No flow uses the battery");
	});
});

describe("numbers and times", () => {
	it("read well", () => {
		expect([quantity(-0.001, "A", 2), quantity(-12.345, "A", 2), quantity(null, "V", 1), quantity(Number.NaN, "V", 1)]).toEqual([
			"0.00 A",
			"-12.35 A",
			"unknown",
			"unknown",
		]);
		expect([power(-640.4), power(12_345)]).toEqual(["640 W", "12.3 kW"]);
		expect([3000, 59_400, 61_000, 7_800_000, 7_200_000, 90_000_000, 400_000_000].map(duration)).toEqual([
			"3 s",
			"59 s",
			"1 min",
			"2 h 10 min",
			"2 h",
			"1 day",
			"4 days",
		]);
		expect([ago(1000, 1500), ago(1000, 5000), ago(5000, 1000)]).toEqual(["now", "4 s ago", "now"]);
		expect(count(1_234_567)).toBe("1\u202F234\u202F567");
	});
});
