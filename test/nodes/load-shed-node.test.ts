import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import loadShed from "../../nodes/rack-battery-load-shed/rack-battery-load-shed.ts";
import { readMessage } from "../../nodes/rack-battery-load-shed/shed-inputs.ts";
import { stageMessage } from "../../nodes/rack-battery-load-shed/shed-messages.ts";
import { ShedRun, type ShedRunDeps, type ShedView } from "../../nodes/rack-battery-load-shed/shed-run.ts";
import { AUTONOMY_SETTINGS, DEFAULT_STAGES, defaultsOf, SHED_SETTINGS, type ShedState } from "../../src/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, pack, part, TOTALS } from "../support/snapshots.ts";
import { type FlowNode, RunningFlow, SIMULATED } from "./running-flow.ts";

/** The load shedding node: its messages, its run over a bank, and the node in Node-RED. */

const MINUTE = 60_000;
const STAGES = DEFAULT_STAGES;

describe("a message to the node", () => {
	it.each([
		[{ grid: "off" }, [{ type: "grid", present: false }]],
		[{ grid: "unknown" }, []],
		[{ stage: 2, hand: "on" }, [{ type: "hand", stage: "climate", position: "on", isReport: false }]],
		[{ stage: "Comfort", switched: false }, [{ type: "hand", stage: "comfort", position: "off", isReport: true }]],
		[{ stage: "1", hand: "auto" }, [{ type: "auto", stage: "comfort" }]],
		[{ command: "shed" }, [{ type: "ask", stage: null, position: "off" }]],
		[{ command: "restore", stage: 3 }, [{ type: "ask", stage: "sockets", position: "on" }]],
		[{ command: "acknowledge" }, [{ type: "acknowledge" }]],
		[
			{ dryRun: true, grid: true },
			[
				{ type: "grid", present: true },
				{ type: "dry-run", isOn: true },
			],
		],
	])("%j is understood", (message, orders) => {
		expect(readMessage(message, STAGES)).toMatchObject({ orders, wantsReport: false });
	});

	it.each([{}, { payload: 5, topic: "x" }, { command: "report" }, { stage: 1 }])("%j asks for the report", (message) =>
		expect(readMessage(message, STAGES)).toMatchObject({ orders: [], wantsReport: true }),
	);

	it.each([
		[{ grid: "perhaps" }, /msg.grid must be true or false/],
		[{ command: "explode" }, /msg.command must be one of shed, restore/],
		[{ hand: "on" }, /need msg.stage/],
		[{ stage: "Attic", hand: "on" }, /names no stage: there are 1 "Comfort", 2/],
		[{ stage: 4, hand: "on" }, /names no stage/],
		[{ stage: 0, hand: "on" }, /names no stage/],
		[{ import: "much" }, /msg.import must be a number of W/],
		[{ dryRun: "maybe" }, /msg.dryRun must be true or false/],
	])("%j is refused in words", (message, words) => expect(() => readMessage(message, STAGES)).toThrow(words));
});

describe("a run over a bank", () => {
	let clock: ManualClock;
	let bank: FakeBank;
	let views: { view: ShedView; isNews: boolean }[];
	let kept: ShedState[];
	const rules = defaultsOf(SHED_SETTINGS);

	const snapshotAt = (stateOfCharge: number, changes: object = {}) => {
		const packs = [pack(1, { values: { stateOfCharge } })];
		return bankSnapshot({
			packs,
			at: clock.now(),
			totals: part({ ...TOTALS, stateOfCharge, packs: [1], power: -1000, ...changes }, clock.now()),
		});
	};
	const start = (more: Partial<ShedRunDeps> = {}) =>
		new ShedRun({
			bank,
			contacts: null,
			settings: { stages: STAGES, rules },
			autonomy: defaultsOf(AUTONOMY_SETTINGS),
			kept: null,
			decided: (view, isNews) => views.push({ view, isNews }),
			keep: (state) => kept.push(state),
			...more,
		});
	/** Minutes with a snapshot every ten seconds. */
	const live = async (minutes: number, stateOfCharge: number) => {
		for (let tens = 0; tens < minutes * 6; tens += 1) {
			await clock.advance(10_000);
			bank.set(snapshotAt(stateOfCharge));
		}
	};
	const actions = () => views.flatMap(({ view }) => view.actions.map(({ stage, to }) => `${stage} ${to}`));

	beforeEach(() => {
		clock = new ManualClock(Date.UTC(2026, 5, 1, 12));
		bank = new FakeBank(bankSnapshot(), clock);
		views = [];
		kept = [];
		bank.set(snapshotAt(80));
	});

	it("sheds a minute after the level is reached, tells why, and restores ten minutes after the on level", async () => {
		const run = start();
		await live(2, 80);
		expect(actions()).toEqual([]);
		await live(2, 48);
		expect(actions()).toEqual(["comfort off"]);
		const shed = views.find(({ view }) => view.actions.length > 0)?.view;
		const [action] = shed?.actions ?? [];
		if (!shed || !action) throw new Error("nothing was shed");
		expect(stageMessage(action, shed, STAGES, "switch.geyser", "text", "en-US")).toMatchObject({
			topic: "rack-battery/bank/load-shed/1",
			payload: "off",
			action: "homeassistant.turn_off",
			entity: "switch.geyser",
			text: "Comfort goes off: state of charge 48 %, limit 50 %.",
		});
		await live(9, 70);
		expect(actions()).toEqual(["comfort off"]);
		await live(3, 70);
		expect(actions()).toEqual(["comfort off", "comfort on"]);
		run.stop();
		expect(clock.pending).toBe(0);
	});

	it("goes on after a restart with what it kept, and switches nothing because of it", async () => {
		const first = start();
		await live(4, 48);
		first.stop();
		const state = kept.at(-1);
		if (!state) throw new Error("nothing was kept");
		views = [];
		const second = start({ kept: JSON.parse(JSON.stringify(state)) });
		await live(5, 48);
		expect(actions()).toEqual([]);
		expect(views.at(-1)?.view.stages[0]).toMatchObject({ position: "off", by: "shed" });
		await live(12, 80);
		expect(actions()).toEqual(["comfort on"]);
		second.stop();
	});

	it("keeps what it switched at once, and mere timers once a minute", async () => {
		const run = start();
		await live(2, 48);
		const before = kept.length;
		await live(10, 48);
		expect(kept.length - before).toBeLessThanOrEqual(11);
		expect(kept.some(({ stages }) => stages.comfort?.shed)).toBe(true);
		run.stop();
	});

	it("takes the fault contact from the battery's own conditions, and either signal closes it", async () => {
		const run = start();
		await live(2, 80);
		run.tell({ fault: false });
		run.decide([]);
		expect(actions()).toEqual([]);
		const condition = {
			key: "protection.cell_undervoltage" as const,
			since: clock.now(),
			pack: 1,
			cell: 3,
			probe: null,
			value: null,
			unit: null,
			limit: null,
		};
		bank.set({ ...snapshotAt(80), conditions: [condition] });
		expect(actions()).toEqual(["comfort off"]);
		bank.set({ ...snapshotAt(80), conditions: [] });
		run.tell({ fault: true });
		expect(run.decide([]).readings).toMatchObject({ fault: true });
		run.tell({ fault: null });
		expect(run.decide([]).readings).toMatchObject({ fault: false });
		run.stop();
	});

	it("does not count Fully as a fault, and knows no contact while the alarm state is unknown", () => {
		const run = start();
		const fully = {
			key: "protection.fully" as const,
			since: clock.now(),
			pack: 1,
			cell: null,
			probe: null,
			value: null,
			unit: null,
			limit: null,
		};
		bank.set({ ...snapshotAt(80), conditions: [fully] });
		expect(run.decide([]).readings).toMatchObject({ fault: false, lowBattery: false });
		bank.set({ ...snapshotAt(80), conditions: null });
		expect(run.decide([]).readings).toMatchObject({ fault: null, lowBattery: null });
		run.stop();
	});

	it("holds and raises its alarm without values, and tells each change of that once", async () => {
		const run = start();
		await live(2, 80);
		bank.set({ totals: null });
		const news = () => views.filter(({ isNews }) => isNews).map(({ view }) => [view.overall.code, view.overall.isAlarm]);
		await clock.advance(10 * MINUTE);
		expect(news().slice(-2)).toEqual([
			["hold", false],
			["hold", true],
		]);
		run.decide([{ type: "acknowledge" }]);
		expect(views.at(-1)?.view.overall).toMatchObject({ code: "hold", isAlarm: false });
		run.stop();
	});

	it("counts what is told of the grid's power as unknown when it is old", async () => {
		const run = start();
		run.tell({ importW: 3000 });
		expect(run.decide([]).readings).toMatchObject({ importW: 3000 });
		await live(3, 80);
		expect(run.decide([]).readings).toMatchObject({ importW: null });
		run.stop();
	});
});

describe("in Node-RED", () => {
	let flow: RunningFlow;
	beforeAll(() => RunningFlow.init());
	beforeEach(() => {
		flow = new RunningFlow();
	});
	afterEach(() => flow.end());

	const bank: FlowNode = { id: "config", ...SIMULATED };
	const helpers = ["first", "second", "third", "told"].map((id): FlowNode => ({ id, type: "helper" }));
	const node = (more: object = {}): FlowNode => ({
		id: "shed",
		type: "rack-battery-load-shed",
		bank: "config",
		stages: STAGES.map((stage) => ({ ...stage, minimumOnMinutes: 0, minimumOffMinutes: 0, entity: `switch.${stage.key}` })),
		startDelayS: "0",
		levelDelayS: "0",
		wires: helpers.map(({ id }) => [id]),
		...more,
	});
	const deploy = (more: object = {}) =>
		flow.deploy(
			[
				bank,
				node(more),
				...helpers,
				{ id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] },
				{ id: "caught", type: "helper" },
			],
			{
				nodes: [loadShed],
			},
		);
	interface Report {
		readonly payload: { readonly code: string; readonly shed: readonly string[] };
		readonly text: string;
		readonly shed: readonly string[];
		readonly question?: number;
	}
	const reportOf = (message: object) => message as Report;
	const report = async (what: string, accepts: (payload: Report["payload"]) => boolean) =>
		reportOf(await flow.messages("told").first(what, (message) => accepts(reportOf(message).payload)));

	it("sheds by message in order, each at its output, and reports", async () => {
		await deploy();
		await report("values", ({ code }) => code === "normal");
		await flow.badge("shed", "rack-battery.status.shedNone.simulated");
		flow.node("shed").receive({ command: "shed", stage: 2 });
		const first = await flow.messages("first").first("stage 1", () => true);
		expect(first).toMatchObject({
			payload: false,
			stage: "Comfort",
			position: "off",
			action: "homeassistant.turn_off",
			entity: "switch.comfort",
			simulated: true,
		});
		await flow.messages("second").first("stage 2", () => true);
		const { shed } = await report("the report", (payload) => payload.shed.length === 2);
		expect(shed).toEqual(["Comfort", "Heating and cooling"]);
		await flow.badge("shed", "rack-battery.status.shedOff.simulated");
		expect(flow.messages("third").entries).toEqual([]);
	});

	it("sends nothing to the stages in a dry run, and says so", async () => {
		await deploy({ dryRun: true });
		await flow.badge("shed", "rack-battery.status.shedDryRun.simulated");
		flow.node("shed").receive({ command: "shed" });
		const { text } = await report("the report", (payload) => payload.shed.length === 1);
		expect(text).toMatch(/^Dry run, nothing is switched: Comfort goes off: asked for by message\./);
		expect(flow.messages("first").entries).toEqual([]);
	});

	it("remembers over a redeploy what it shed, in a file that says that it is simulated", async () => {
		await deploy();
		await report("values", ({ code }) => code === "normal");
		flow.node("shed").receive({ command: "shed" });
		await flow.messages("first").first("stage 1", () => true);
		const again = flow.messages("told").next("the report after the redeploy", (message) => reportOf(message).shed.length === 1);
		await flow.redeploy();
		await again;
		expect(flow.messages("first").entries).toHaveLength(1);
		await flow.stop();
		const [name = ""] = (await readdir(join(flow.folder, "rack-battery"))).filter((file) =>
			/^load-shed-bank-simulated-.*[^p]\.json$/.test(file),
		);
		expect(JSON.parse(readFileSync(join(flow.folder, "rack-battery", name), "utf8"))).toMatchObject({
			version: 1,
			stages: { comfort: { shed: { cause: { kind: "asked" } } } },
		});
	});

	it("answers a request with the report, keeping the message's properties", async () => {
		await deploy();
		await report("values", ({ code }) => code === "normal");
		const answer = flow.messages("told").next("the answer", (message) => reportOf(message).question === 42);
		flow.node("shed").receive({ question: 42 });
		expect(await answer).toMatchObject({
			payload: { stages: [{ name: "Comfort", position: "on", text: "on" }, {}, {}], readings: { fault: false } },
		});
	});

	it("hands nonsense to the Catch nodes, and refuses stages that cannot be", async () => {
		await deploy();
		await report("values", ({ code }) => code === "normal");
		flow.node("shed").receive({ grid: "perhaps" });
		const { error } = (await flow.messages("caught").first("the error", () => true)) as unknown as { error: { message: string } };
		expect(error.message).toMatch(/msg.grid must be/);
		await flow.badge("shed", "rack-battery.status.input");
		await flow.redeploy({ shed: { stages: [{ name: "Comfort", socOff: 50, socOn: 40 }] } });
		await flow.badge("shed", "rack-battery.status.settings");
	});
});
