import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { INVERTER_PROTOCOLS } from "../../src/bms/battery/inverter-protocols.ts";
import { PARAMETER_KEYS, PARAMETERS } from "../../src/bms/battery/parameters.ts";
import type { BankCommands, CommandRequest, CommandResult, WriteAccess, WriteClass } from "../../src/bms/command/command.ts";
import { CONTROLS } from "../../src/discovery/controls.ts";
import { createDiscovery, type Discovery } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS, type MqttSettings } from "../../src/discovery/options.ts";
import { CommandError } from "../../src/errors.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { TestBroker } from "../support/broker.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, HEALTHY_STATUS, pack, part } from "../support/snapshots.ts";

const BASE = "rack-battery/bank";
const PACK = `${BASE}/pack/1`;
const CONFIG = "homeassistant/device/rack_battery_bank_a1/config";
const ALL: readonly WriteClass[] = ["comfort", "control", "parameter"];

/** The bank's commands as far as a caller sees them: remembers what was asked, answers as it is told. */
class ScriptedCommands implements BankCommands {
	readonly asked: CommandRequest[] = [];
	readonly arms: { readonly class: string; readonly password: string }[] = [];
	answer: (request: CommandRequest) => Promise<Partial<CommandResult>> = async () => ({});
	access: WriteAccess;
	readonly #listeners = new Set<() => void>();
	/** As if somebody else had written: over HTTP, the command line or a node. */
	written: (command: CommandResult["command"], pack: number) => void = () => {};

	constructor(enabled: readonly WriteClass[]) {
		this.access = { enabled, hasPassword: true, armed: null };
	}

	async run(request: CommandRequest): Promise<CommandResult> {
		this.asked.push(request);
		const command = request.command as CommandResult["command"];
		return { command, class: "comfort", pack: 1, value: null, confirmed: true, text: "Done.", ...(await this.answer(request)) };
	}

	async arm(wanted: { readonly class: string; readonly password: string; readonly caller: CommandRequest["caller"] }): Promise<void> {
		this.arms.push({ class: wanted.class, password: wanted.password });
		if (wanted.password !== "correct horse") throw new CommandError("wrong-password", "This is not the administrator's password.");
		this.#set({ ...this.access, armed: { class: wanted.class as "control", caller: wanted.caller, until: 1 } });
	}

	disarm(): void {
		this.#set({ ...this.access, armed: null });
	}

	async setPassword(): Promise<void> {}

	reaches(address: number): boolean {
		return address === 1;
	}

	offers(): boolean {
		return true;
	}

	onWritten(listener: (command: CommandResult["command"], pack: number) => void): () => void {
		this.written = listener;
		return () => {};
	}

	onAccess(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#set(access: WriteAccess): void {
		this.access = access;
		for (const listener of this.#listeners) listener();
	}
}

class WritableBank extends FakeBank {
	readonly commands: ScriptedCommands;

	constructor(enabled: readonly WriteClass[], ...rest: ConstructorParameters<typeof FakeBank>) {
		super(...rest);
		this.commands = new ScriptedCommands(enabled);
	}
}

let broker: TestBroker;
let clock: ManualClock;
let discovery: Discovery | null;

beforeEach(async () => {
	broker = await TestBroker.start();
	clock = new ManualClock();
	discovery = null;
});
afterEach(async () => {
	await discovery?.stop();
	await broker.stop();
	expect(clock.pending).toBe(0);
});

async function online(enabled: readonly WriteClass[], settings: Partial<MqttSettings> = {}): Promise<WritableBank> {
	const parameters = Object.fromEntries(PARAMETER_KEYS.map((key) => [key, PARAMETERS[key].default]));
	const bank = new WritableBank(enabled, bankSnapshot({ packs: [pack(1, { parameters }), pack(2)] }));
	const deps = { logger: silentLogger, clock, random: () => 0.5, pageUrl: null, version: "1.2.3" };
	discovery = createDiscovery(bank, { ...defaultsOf(MQTT_SETTINGS), url: broker.url, ...settings }, deps);
	await broker.until("the bank is announced", () => broker.on("homeassistant/device/rack_battery_bank/config").length > 0);
	await clock.advance(2300);
	await broker.until("the cells arrive", () => broker.on(`${BASE}/pack/2/cells`).length > 0);
	return bank;
}

const json = (text: string | undefined) => JSON.parse(text ?? "null");
const components = (topic = CONFIG): Readonly<Partial<Record<string, Record<string, unknown>>>> => json(broker.last(topic)).cmps;
const commandsOf = (topic?: string) =>
	Object.values(components(topic)).flatMap((component) => (component?.command_topic === undefined ? [] : [component]));
const settings = () => json(broker.last(`${PACK}/settings`));
const rejections = () => broker.on(`${PACK}/event`).map(({ payload }) => json(payload));
/** As Home Assistant gives a command. */
const give = (key: string, payload: string) => broker.tell(`${PACK}/set/${key}`, payload);
const settled = (count: number) => broker.until("the command has ended", () => broker.on(`${PACK}/settings`).length > count);
const saidSettings = () => broker.on(`${PACK}/settings`).length;

/** Written from Home Assistant's documentation of the platforms, not from our tables. */
const COMMON = [
	..."p unique_id default_entity_id name icon entity_category enabled_by_default command_topic qos".split(" "),
	"message_expiry_interval",
	"availability",
];
const WITH_STATE = [...COMMON, "state_topic", "value_template"];
const KEYS: Readonly<Record<string, readonly string[]>> = {
	switch: WITH_STATE,
	number: [...WITH_STATE, "device_class", "unit_of_measurement", "min", "max", "step", "mode"],
	select: [...WITH_STATE, "options"],
	button: COMMON,
	text: [...WITH_STATE, "min", "max", "mode"],
};
const NUMBER_UNITS: Readonly<Record<string, readonly string[]>> = {
	voltage: ["µV", "mV", "V", "kV"],
	current: ["mA", "A"],
	temperature: ["°C", "°F", "K"],
	duration: ["d", "h", "min", "s", "ms", "µs"],
};

describe("announcing", () => {
	it("a bank that only reads offers nothing to command, and listens to nothing", async () => {
		const bank = await online([]);
		for (const topic of [CONFIG, "homeassistant/device/rack_battery_bank/config"]) expect(commandsOf(topic)).toEqual([]);
		await broker.say(`${PACK}/set/buzzer`, "ON");
		await broker.tell("homeassistant/status", "ping");
		expect(bank.commands.asked).toEqual([]);
	});

	it("offers comfort at once, and what reaches deeper switched off and only while armed", async () => {
		await online(ALL);
		const byKey = components();
		expect(byKey.set_buzzer).toMatchObject({ p: "switch", entity_category: "config", command_topic: `${PACK}/set/buzzer` });
		expect(byKey.set_buzzer?.enabled_by_default).toBeUndefined();
		expect(byKey.set_sync_clock).toMatchObject({ p: "button", name: "Sync clock" });
		const access = (component: unknown) =>
			(component as { availability: readonly { readonly topic: string }[] }).availability.map(({ topic }) => topic);
		expect(byKey.set_charge_mosfet).toMatchObject({ p: "switch", enabled_by_default: false });
		expect(access(byKey.set_charge_mosfet)).toContain(`${BASE}/bridge/access/control`);
		expect(access(byKey.set_cell_overvoltage_alarm)).toContain(`${BASE}/bridge/access/parameter`);
		expect(access(byKey.set_buzzer).some((topic) => topic.includes("access"))).toBe(false);
		expect(broker.last(`${BASE}/bridge/access/comfort`)).toBe("online");
		expect(broker.last(`${BASE}/bridge/access/control`)).toBe("offline");
	});

	it("offers commands on the pack with the cable alone", async () => {
		await online(ALL);
		expect(commandsOf().length).toBe(CONTROLS.length);
		expect(commandsOf("homeassistant/device/rack_battery_bank_a2/config")).toEqual([]);
	});

	it("uses only keys, units and classes that Home Assistant knows, and never the retain flag", async () => {
		await online(ALL);
		const all = [...commandsOf(), ...commandsOf("homeassistant/device/rack_battery_bank/config")];
		expect(new Set(all.map(({ p }) => p))).toEqual(new Set(["switch", "number", "select", "button", "text"]));
		for (const component of all) {
			const platform = String(component.p);
			expect(
				Object.keys(component).filter((key) => !KEYS[platform]?.includes(key)),
				String(component.name),
			).toEqual([]);
			expect(String(component.default_entity_id).startsWith(`${platform}.`)).toBe(true);
			expect(component.message_expiry_interval).toBe(10);
			if (component.device_class !== undefined)
				expect(NUMBER_UNITS[String(component.device_class)]).toContain(component.unit_of_measurement);
		}
		const ids = all.map(({ unique_id }) => unique_id);
		expect(new Set(ids).size).toBe(ids.length);
	});

	it("takes no commands where the setting forbids it", async () => {
		await online(ALL, { commands: false });
		expect(commandsOf()).toEqual([]);
	});

	it("widens a range so that a value the pack holds can be shown", async () => {
		const bank = await online(ALL);
		bank.set({ packs: [pack(1, { parameters: { cellOvervoltageAlarm: 4.9 } }), pack(2)] });
		await broker.until("it is announced anew", () => components().set_cell_overvoltage_alarm?.max === 4.9);
		expect(components().set_cell_overvoltage_alarm).toMatchObject({ min: 2.5, max: 4.9, step: 0.01, mode: "box" });
	});
});

describe("what the pack says", () => {
	it("is the state of every switch and number; an unverified switch is unknown", async () => {
		const bank = await online(ALL);
		expect(settings()).toMatchObject({
			switches: { buzzer: false, charge_mosfet: true, led_alarm: null, current_limiter: null },
			parameters: { cell_overvoltage_alarm: 3.6, sleep_voltage: 3.1 },
			last_command: null,
		});
		const states = { ...HEALTHY_STATUS.states, buzzerEnabled: true };
		bank.set({ packs: [pack(1, { status: part({ ...HEALTHY_STATUS, states }) }), pack(2)] });
		await broker.until("the buzzer is on", () => settings().switches.buzzer === true);
		expect(settings().parameters.cell_overvoltage_alarm).toBeNull();
	});

	it("leaves unknown what its protocol has no word for", async () => {
		const bank = await online(ALL);
		const unsupported = ["buzzerEnabled"] as const;
		bank.set({ packs: [pack(1, { status: part({ ...HEALTHY_STATUS, unsupported }) }), pack(2)] });
		await broker.until("the buzzer is unknown", () => settings().switches.buzzer === null);
		expect(settings().switches.charge_mosfet).toBe(true);
	});

	it("has every path that a template reads", async () => {
		await online(ALL);
		for (const component of commandsOf().filter(({ state_topic }) => state_topic !== undefined)) {
			const paths = [...String(component.value_template).matchAll(/value_json\.([a-z0-9_.]+)/g)].map((match) => match[1] ?? "");
			expect(paths.length).toBeGreaterThan(0);
			for (const path of paths) {
				const value = path.split(".").reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], settings());
				expect(value, path).toBeDefined();
			}
		}
	});
});

describe("a command", () => {
	it("is carried out for the pack whose topic it came on, in the broker's name", async () => {
		const bank = await online(ALL);
		const before = saidSettings();
		await give("buzzer", "ON");
		await settled(before);
		const { command, arguments: given, caller } = bank.commands.asked.at(-1) ?? {};
		expect({ command, given, caller }).toEqual({
			command: "switch",
			given: { switch: "buzzer", on: true, pack: 1 },
			caller: { kind: "mqtt", id: broker.url },
		});
		expect(settings()).toMatchObject({ last_command: "ok", last_command_details: { command: "buzzer", value: "ON", text: "Done." } });
	});

	it.each([
		["cell_overvoltage_alarm", "3.5500000001", "write-parameters", { values: { cellOvervoltageAlarm: 3.55 } }],
		["cell_overvoltage_enabled", "OFF", "write-parameters", { values: { cellOvervoltageEnabled: 0 } }],
		["sync_clock", "PRESS", "set-clock", {}],
		["inverter_protocol_can", "Automatic", "set-inverter-protocol", { mode: "automatic" }],
	])("%s: %s", async (key, payload, command, given) => {
		const bank = await online(ALL);
		const before = saidSettings();
		await give(key, payload);
		await settled(before);
		expect(bank.commands.asked.at(-1)).toMatchObject({ command, arguments: { ...given, pack: 1 } });
	});

	it.each([
		["buzzer", "maybe"],
		["cell_overvoltage_alarm", "NaN"],
		["cell_overvoltage_alarm", ""],
		["sync_clock", "press me"],
		["inverter_protocol_can", "Tesla"],
	])("%s: %j is refused in words and reaches nobody", async (key, payload) => {
		const bank = await online(ALL);
		await broker.until("the inverter protocol was asked for", () => bank.commands.asked.length > 0);
		const asked = bank.commands.asked.length;
		await give(key, payload);
		await broker.tell("homeassistant/status", "ping");
		expect(bank.commands.asked.length).toBe(asked);
		// An empty message is how a kept one is taken back: no command, and no news.
		if (payload === "") expect(rejections()).toEqual([]);
		else expect(rejections()).toMatchObject([{ event_type: "command_rejected", key, value: payload }]);
	});

	it("for one inverter protocol leaves the other to what the battery has when it is written", async () => {
		const bank = await online(ALL);
		bank.commands.answer = async ({ command }) =>
			command === "read-inverter-protocol" ? { value: { can: 1, rs485: 2, mode: "manual" } } : {};
		bank.commands.written("set-inverter-protocol", 1);
		await broker.until("it is shown", () => settings()?.inverter_protocol.rs485 === INVERTER_PROTOCOLS.rs485[2]);
		const before = saidSettings();
		await give("inverter_protocol_can", INVERTER_PROTOCOLS.can[3] ?? "");
		await settled(before);
		const set = bank.commands.asked.find(({ command }) => command === "set-inverter-protocol");
		expect(set?.arguments).toEqual({ mode: "manual", can: 3, pack: 1 });
	});

	it("of somebody else that set the inverter protocol has it read anew", async () => {
		const bank = await online(ALL);
		let rs485 = 2;
		bank.commands.answer = async ({ command }) =>
			command === "read-inverter-protocol" ? { value: { can: 1, rs485, mode: "manual" } } : {};
		const shows = (code: number) => () => settings()?.inverter_protocol.rs485 === INVERTER_PROTOCOLS.rs485[code];
		bank.commands.written("set-inverter-protocol", 1);
		await broker.until("what the battery has", shows(2));
		rs485 = 3;
		bank.commands.written("set-inverter-protocol", 1);
		await broker.until("what it has now", shows(3));
	});

	it("that the battery's rules refuse is told: event, last command, and the true state once more", async () => {
		const bank = await online(ALL);
		bank.commands.answer = async ({ command }) => {
			if (command === "switch") throw new CommandError("not-armed", "Type the password first.");
			return {};
		};
		const before = saidSettings();
		await give("charge_mosfet", "OFF");
		await settled(before);
		expect(rejections()).toMatchObject([
			{ event_type: "command_rejected", key: "charge_mosfet", value: "OFF", reason: "Type the password first." },
		]);
		expect(settings()).toMatchObject({ last_command: "rejected", switches: { charge_mosfet: true } });
	});

	it("that the broker kept is not carried out: nobody knows how old it is", async () => {
		await broker.say(`${PACK}/set/charge_mosfet`, "OFF", true);
		const bank = await online(ALL);
		await broker.until("it is refused", () => rejections().length > 0);
		expect(rejections()[0].reason).toContain("kept");
		expect(bank.commands.asked.filter(({ command }) => command === "switch")).toEqual([]);
	});

	it("beyond eight that wait is refused", async () => {
		const bank = await online(ALL);
		let release: () => void = () => {};
		const held = new Promise<void>((done) => {
			release = done;
		});
		bank.commands.answer = async () => {
			await held;
			return {};
		};
		for (let count = 0; count < 10; count++) await give("buzzer", count % 2 === 0 ? "ON" : "OFF");
		await broker.tell("homeassistant/status", "ping");
		expect(bank.commands.asked.filter(({ command }) => command === "switch").length).toBe(8);
		expect(rejections().map(({ reason }) => reason)).toEqual(["Too many commands at once.", "Too many commands at once."]);
		const before = saidSettings();
		release();
		await settled(before);
	});
});

describe("the password", () => {
	it("arms for this broker and shows nowhere", async () => {
		const bank = await online(ALL);
		await broker.tell(`${BASE}/bank/set/arm_control`, "correct horse");
		await broker.until("control is there", () => broker.last(`${BASE}/bridge/access/control`) === "online");
		expect(broker.last(`${BASE}/bridge/access/parameter`)).toBe("offline");
		expect(bank.commands.arms).toEqual([{ class: "control", password: "correct horse" }]);
		const fromUs = broker.seen.filter(({ from }) => from !== "test");
		expect(fromUs.some(({ payload }) => payload.includes("correct horse"))).toBe(false);
		bank.commands.disarm();
		await broker.until("control is gone", () => broker.last(`${BASE}/bridge/access/control`) === "offline");
	});

	it("that is wrong is told without saying it again", async () => {
		await online(ALL);
		await broker.tell(`${BASE}/bank/set/arm_parameter`, "guess");
		await broker.until("it is refused", () => broker.on(`${BASE}/bank/event`).length > 0);
		const rejection = json(broker.last(`${BASE}/bank/event`));
		expect(rejection).toMatchObject({ event_type: "command_rejected", key: "arm_parameter", value: null });
		expect(JSON.stringify(rejection)).not.toContain("guess");
	});
});
