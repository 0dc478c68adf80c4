import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { argumentProperty, readWish } from "../../nodes/rack-battery-command/command-inputs.ts";
import register from "../../nodes/rack-battery-command/rack-battery-command.ts";
import { MOST_WAITING } from "../../nodes/rack-battery-command/request-queue.ts";
import { COMMAND_NAMES, COMMANDS, CommandError, openBank } from "../../src/index.ts";
import { FakeCommands } from "../support/fake-commands.ts";
import { type FlowNode, RunningFlow, SIMULATED } from "./running-flow.ts";

/** The command node in a Node-RED 5, with a bank whose commands the test answers. */

let flow: RunningFlow;
let commands: FakeCommands;
let hasCommands = true;

beforeAll(() => RunningFlow.init());
beforeEach(() => {
	commands = new FakeCommands();
	hasCommands = true;
	flow = new RunningFlow({
		openBank: (settings, deps) => {
			const bank = openBank(settings, deps);
			return {
				...(hasCommands ? { commands } : {}),
				clock: bank.clock,
				get snapshot() {
					return bank.snapshot;
				},
				subscribe: (listener) => bank.subscribe(listener),
				close: () => bank.close(),
			};
		},
	});
});
afterEach(() => flow.end());

const SECRET = "a secret";
const bank: FlowNode = { id: "config", ...SIMULATED };
const helpers: readonly FlowNode[] = ["out", "progress", "caught"].map((id) => ({ id, type: "helper" }));
const catcher: FlowNode = { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] };
const command = (settings: object = {}): FlowNode => ({
	id: "asks",
	type: "rack-battery-command",
	bank: "config",
	command: "message",
	wires: [["out"], ["progress"]],
	...settings,
});
const LIVE = "rack-battery.status.live.simulated";

async function deploy(settings: object = {}, credentials: object = { asks: { password: SECRET } }): Promise<void> {
	await flow.deploy([bank, ...helpers, catcher, command(settings)], { nodes: [register], credentials });
	await flow.badge("asks", LIVE);
}
const tell = (message: Record<string, unknown>) => flow.node("asks").receive(message);
interface Caught {
	readonly error: { readonly message: string; readonly code?: string };
	readonly [key: string]: unknown;
}
const caught = async (what = "the error", accepts: (error: Caught["error"]) => boolean = () => true): Promise<Caught> =>
	(await flow.messages("caught").first(what, (message) => accepts((message as unknown as Caught).error))) as unknown as Caught;

describe("the command node", () => {
	it("asks what it is set to, shows that it asks, and sends the result beside the message's own properties", async () => {
		await deploy({ command: "read-records", argCount: "20" });
		tell({ payload: 1234567, question: 42 });
		const { request, progress, succeed } = await commands.request(1);
		expect(request).toMatchObject({ command: "read-records", arguments: { count: 20 }, caller: { kind: "node", id: "asks" } });
		await flow.badge("asks", "rack-battery.status.commandRunning.simulated");
		progress({ done: 5, of: 20, part: { index: 4 } });
		expect(await flow.messages("progress").first("progress", () => true)).toMatchObject({
			command: "read-records",
			payload: { done: 5, of: 20, share: 25, part: { index: 4 } },
			question: 42,
		});
		const idle = flow.badges.next("the badge of the bank", ({ text }) => text === LIVE);
		succeed({ value: [{ index: 0 }] });
		expect(await flow.messages("out").first("the result", () => true)).toMatchObject({
			payload: [{ index: 0 }],
			value: [{ index: 0 }],
			command: "read-records",
			class: "read",
			pack: 1,
			before: null,
			confirmed: null,
			text: "It says so.",
			simulated: true,
			topic: "rack-battery/bank/command/read-records",
			question: 42,
		});
		await idle;
	});

	it("asks one thing at a time, in the order in which the messages came", async () => {
		await deploy();
		for (const payload of ["identify", "read-clock", "read-switches"]) tell({ payload });
		for (const [index, name] of ["identify", "read-clock", "read-switches"].entries()) {
			const held = await commands.request(index + 1);
			expect(held.request.command).toBe(name);
			expect(commands.held).toHaveLength(index + 1);
			held.succeed();
			await flow.messages("out").first(name, (message) => (message as { command?: string }).command === name);
		}
	});

	it("takes only so many requests, and says so for the one too many", async () => {
		await deploy();
		for (let n = 0; n < MOST_WAITING + 2; n++) tell({ command: "read-clock", n });
		const error = await caught();
		expect(error).toMatchObject({ n: MOST_WAITING + 1, error: { code: "busy" } });
		expect(error.error.message).toContain(`${MOST_WAITING} requests wait already`);
		expect(commands.held).toHaveLength(1);
	});

	it("ends the request under way when it is told to, and goes on with the next", async () => {
		await deploy();
		tell({ payload: "read-records" });
		tell({ payload: "read-clock" });
		await commands.request(1);
		tell({ payload: "cancel" });
		expect((await caught()).error.code).toBe("cancelled");
		(await commands.request(2)).succeed();
		expect(await flow.messages("out").first("the next", () => true)).toMatchObject({ command: "read-clock" });
	});

	it("ends all of them with msg.cancel all, and asks nothing more", async () => {
		await deploy();
		for (let n = 0; n < 3; n++) tell({ command: "read-clock", n });
		await commands.request(1);
		tell({ cancel: "all" });
		for (const n of [0, 1, 2]) await flow.messages("caught").first(`the end of ${n}`, (message) => (message as { n?: number }).n === n);
		expect(commands.held).toHaveLength(1);
	});

	it("hands a refusal to the Catch nodes with its code, shows it, and is mended by the next that succeeds", async () => {
		await deploy();
		tell({ command: "switch", switch: "buzzer", on: false });
		(await commands.request(1)).fail(new CommandError("not-enabled", "The class comfort is not enabled in this bank."));
		const { error } = await caught();
		expect(error).toMatchObject({ code: "not-enabled", message: "CommandError: The class comfort is not enabled in this bank." });
		await flow.badge("asks", "rack-battery.status.commandFailed");
		const mended = flow.badges.next("the mended badge", ({ text }) => text === LIVE);
		tell({ command: "read-clock" });
		(await commands.request(2)).succeed();
		await mended;
	});

	it("arms a class for itself with the password it keeps, shows it, and gives it back", async () => {
		await deploy({ armClass: "control" });
		tell({ payload: "arm" });
		expect(await flow.messages("out").first("armed", () => true)).toMatchObject({ command: "arm", class: "control" });
		expect(commands.access.armed?.caller).toEqual({ kind: "node", id: "asks" });
		await flow.badge("asks", "rack-battery.status.commandArmed.simulated");
		tell({ command: "disarm" });
		await flow.messages("out").next("disarmed", (message) => (message as { command?: string }).command === "disarm");
		expect(commands.access.armed).toBeNull();
	});

	it("lets no password out, neither in results nor to the Catch nodes", async () => {
		await deploy({}, {});
		tell({ command: "arm", class: "parameter", password: "not this" });
		expect((await caught()).error.code).toBe("wrong-password");
		tell({ payload: { command: "arm", class: "parameter", password: SECRET } });
		await flow.messages("out").first("armed", () => true);
		tell({ command: "nonsense", password: SECRET });
		await caught("the nonsense", ({ code }) => code === "unknown");
		const seen = JSON.stringify([flow.messages("out").entries, flow.messages("caught").entries, flow.badges.entries]);
		expect(seen).not.toContain("not this");
		expect(seen).not.toContain(SECRET);
	});

	it("says so when its bank only shows what others read", async () => {
		hasCommands = false;
		await deploy();
		tell({ payload: "identify" });
		expect((await caught()).error).toMatchObject({ code: "unsupported" });
		await flow.badge("asks", "rack-battery.status.input");
	});

	it("gives up what it armed, and ends what it asks, when the flow stops", async () => {
		await deploy({ armClass: "parameter" });
		tell({ payload: "arm" });
		await flow.messages("out").first("armed", () => true);
		tell({ payload: "read-records" });
		const { request } = await commands.request(1);
		await flow.stop();
		expect(request.signal?.aborted).toBe(true);
		expect(commands.access.armed).toBeNull();
	});
});

describe("what a message wants", () => {
	const wish = (message: object, config: object = { command: "message" }, password = "") => readWish(message, config, password);
	const run = (name: string, given: object = {}) => ({ kind: "run", command: name, arguments: given });

	it("is said by msg.command, the payload, or the node, in this order", () => {
		expect(wish({ command: "identify", payload: "read-clock" }, { command: "read-switches" })).toEqual(run("identify"));
		expect(wish({ payload: "read-clock" }, { command: "read-switches" })).toEqual(run("read-clock"));
		expect(wish({ payload: "pressed" }, { command: "read-switches" })).toEqual(run("read-switches"));
		expect(wish({ payload: { command: "read-records", count: 3 } })).toEqual(run("read-records", { count: 3 }));
	});

	it("brings its arguments from the message, the form, or a payload that can only be meant for them", () => {
		const form = { command: "switch", argSwitch: "buzzer", argOn: "", argPack: "1" };
		expect(wish({ payload: false }, form)).toEqual(run("switch", { pack: 1, switch: "buzzer", on: false }));
		expect(wish({ payload: "on" }, form)).toEqual(run("switch", { pack: 1, switch: "buzzer", on: true }));
		expect(wish({ payload: false, on: true, pack: 2 }, form)).toEqual(run("switch", { pack: 2, switch: "buzzer", on: true }));
		expect(wish({ payload: true }, { ...form, argOn: "false" })).toEqual(run("switch", { pack: 1, switch: "buzzer", on: false }));
		expect(wish({ payload: 7 }, form)).toEqual(run("switch", { pack: 1, switch: "buzzer" }));
	});

	it("takes from the form only what belongs to the form's own command", () => {
		const form = { command: "write-parameters", argValues: "sleepVoltage = 3", argMode: "manual", argCan: "2", argPack: "1" };
		expect(wish({ command: "set-inverter-protocol" }, form)).toEqual(run("set-inverter-protocol", { pack: 1 }));
		expect(wish({}, form)).toEqual(run("write-parameters", { pack: 1, values: { sleepVoltage: 3 } }));
	});

	it.each([
		["a = 1.5\nb=2", { a: 1.5, b: 2 }],
		['{ "a": 1 }', { a: 1 }],
		["a = 1, b = x", { a: 1, b: "x" }],
		["nonsense", "nonsense"],
		["a = 1 a = 2", "a = 1 a = 2"],
		["{", "{"],
	])("reads values as people write them: %j", (text, values) => {
		expect(wish({ command: "write-parameters", values: text })).toEqual(run("write-parameters", { values }));
	});

	it("has a property of the form for every argument of every command", () => {
		const names = new Set(COMMAND_NAMES.flatMap((name) => Object.keys(COMMANDS[name].arguments)));
		for (const name of names) expect(argumentProperty(name)).toMatch(/^arg[A-Z]/);
	});

	it.each([
		[{}, "unknown", /No command is given/],
		[{ command: "shutdown" }, "unknown", /There is no command "shutdown"/],
		[{ command: 7 }, "unknown", /There is no command "7"/],
		[{ command: { evil: true } }, "unknown", /There is no command/],
		[{ payload: "x".repeat(5000) }, "unknown", /^.{0,500}$/s],
		[{ command: "arm", password: "p" }, "bad-argument", /Which class to arm is not said/],
		[{ command: "arm", class: "control" }, "bad-argument", /password/],
		[{ command: "arm", class: "control", password: { $ne: null } }, "bad-argument", /password/],
	])("is refused in words when it makes no sense: %j", (message, code, words) => {
		const refused = () => wish(message);
		expect(refused).toThrow(words);
		expect(refused).toThrow(expect.objectContaining({ code }));
	});

	it("ends what goes on, whatever the node is set to", () => {
		expect(wish({ payload: "cancel" }, { command: "clear-records" })).toEqual({ kind: "cancel", all: false });
		expect(wish({ cancel: true }, { command: "clear-records" })).toEqual({ kind: "cancel", all: false });
	});
});
