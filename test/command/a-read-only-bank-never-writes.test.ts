import { afterEach, describe, expect, it } from "vitest";
import { PARAMETER_KEYS } from "../../src/bms/battery/parameters.ts";
import { SWITCH_KEYS } from "../../src/bms/battery/switches.ts";
import { checkArguments } from "../../src/bms/command/check-arguments.ts";
import { COMMAND_NAMES, COMMANDS, classOf, commandOf, WRITE_CLASSES } from "../../src/bms/command/command.ts";
import { buildFrame } from "../../src/bms/protocol/ascii/ascii-frame.ts";
import { CONTROLS } from "../../src/discovery/controls.ts";
import { createRandom } from "../../src/simulator/seeded-random.ts";
import { type CommandedSetup, mayWrite, openCommandedBank } from "./commanded-bank.ts";
import { ENTRY_POINTS } from "./entry-points.ts";
import { PASSWORD } from "./fake-battery.ts";
import { controlsMeant } from "./over-mqtt.ts";
import { validArguments } from "./valid-arguments.ts";

const banks: ReturnType<typeof openCommandedBank>[] = [];
afterEach(async () => {
	for (const bank of banks.splice(0)) {
		await bank.close();
		expect(bank.clock.pending).toBe(0);
	}
});

async function online(setup: CommandedSetup = {}) {
	const bank = openCommandedBank(setup);
	banks.push(bank);
	await bank.online();
	bank.store.known = PASSWORD;
	return bank;
}

/** Everything that can be meant, by every command. */
const ATTEMPTS: readonly (readonly [string, unknown])[] = [
	...COMMAND_NAMES.flatMap((name) =>
		[{}, validArguments(name), { ...validArguments(name), pack: 1 }].map((given) => [name, given] as const),
	),
	...SWITCH_KEYS.flatMap((key) => [true, false].map((on) => ["switch", { switch: key, on }] as const)),
	...PARAMETER_KEYS.map((key) => ["write-parameters", { values: { [key]: 1 } }] as const),
	["__proto__", {}],
	["constructor", {}],
	["Switch", { switch: "buzzer", on: true }],
	["switch ", { switch: "buzzer", on: true }],
	["read-clock", { switch: "buzzer", on: true }],
];

describe.each(Object.entries(ENTRY_POINTS))("over %s", (_name, { open, refused, reads }) => {
	it("a bank that is only read puts no write on the wire, whatever is asked", async () => {
		const { bank, written, whileWaiting, store } = await online();
		const entry = await open(bank, whileWaiting);
		for (const armed of ["control", "parameter", "comfort"]) await whileWaiting(settled(entry.arm(armed)));
		// A save, so that there is something to restore.
		await whileWaiting(settled(entry.give("save-parameters", {})));
		const before = written.length;
		for (const [command, given] of ATTEMPTS) await whileWaiting(settled(entry.give(command, given)));
		await whileWaiting(entry.end());
		expect(written.filter(mayWrite)).toEqual([]);
		// It was asked, and the reads among it were carried out.
		if (reads) expect(written.length).toBeGreaterThan(before + 20);
		expect(store.entries.length).toBeGreaterThanOrEqual(refused);
		expect(store.entries.every(({ phase }) => phase === "refused")).toBe(true);
	}, 60_000);

	it("a bank where everything is enabled and nothing armed writes nothing that needs arming", async () => {
		const { bank, written, whileWaiting, store } = await online({ classes: WRITE_CLASSES });
		const entry = await open(bank, whileWaiting);
		for (const [command, given] of ATTEMPTS) {
			if (needsArming(command, given)) await whileWaiting(settled(entry.give(command, given)));
		}
		await whileWaiting(entry.end());
		expect(written.filter(mayWrite)).toEqual([]);
		expect(store.entries.filter(({ phase }) => phase === "refused").length).toBeGreaterThan(50);
	}, 60_000);

	it("the same is carried out where it is enabled and armed, so the recorder would have seen it", async () => {
		const { bank, written, whileWaiting } = await online({ classes: WRITE_CLASSES });
		const entry = await open(bank, whileWaiting);
		await whileWaiting(settled(entry.give("switch", { switch: "buzzer", on: true })));
		expect(written.filter(mayWrite)).toHaveLength(1);
		await whileWaiting(settled(entry.give("shut-down", {})));
		expect(written.filter(mayWrite)).toHaveLength(1);
		await whileWaiting(settled(entry.arm("parameter")));
		await whileWaiting(settled(entry.give("write-parameters", { values: { sleepDelay: 7 } })));
		expect(written.filter(mayWrite)).toHaveLength(2);
		await whileWaiting(entry.end());
	});
});

it("Home Assistant is tried with every control it has", () => {
	const tried = new Set(ATTEMPTS.flatMap(([command, given]) => controlsMeant(command, given)).map(({ control }) => control.key));
	expect(tried).toEqual(new Set(CONTROLS.map(({ key }) => key)));
});

it("takes everything that is not surely a read for a write", () => {
	expect(mayWrite(buildFrame({ address: 1, code: 0x42, info: Uint8Array.of(1) }))).toBe(false);
	for (const code of [0x99, 0x9a, 0xd0, 0xb2, 0xff, 0x7e, 0x00]) expect(mayWrite(buildFrame({ address: 1, code }))).toBe(true);
	expect(mayWrite(Uint8Array.of(1, 6, 0, 0, 0, 1))).toBe(true);
});

describe("random arguments", () => {
	it("reach the wire only when every one of them fits the table", async () => {
		const { bank, written, whileWaiting, store } = await online({ classes: WRITE_CLASSES });
		const { commands } = bank;
		if (commands === undefined) throw new Error("no commands");
		const random = createRandom(42);
		const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
		const junk = [
			null,
			"",
			"on",
			"1",
			-1,
			0.5,
			16,
			99_999,
			Number.NaN,
			Number.POSITIVE_INFINITY,
			true,
			[],
			{},
			[1],
			{ a: 1 },
			"x".repeat(500),
			1e300,
		];
		const caller = { kind: "cli", id: "random" } as const;
		let refused = 0;
		for (let n = 0; n < 400; n += 1) {
			const command = pick(COMMAND_NAMES);
			const names = [
				...Object.keys(commandOf(command).arguments),
				...Object.keys(COMMANDS["set-inverter-protocol"].arguments),
				"values",
				"x",
			];
			const given: Record<string, unknown> = random() < 0.5 ? { ...validArguments(command) } : {};
			for (let k = 0; k < 3; k += 1) given[pick(names)] = random() < 0.3 ? { [pick(PARAMETER_KEYS)]: pick(junk) } : pick(junk);
			const isSound = fits(command, given);
			if (isSound || classOf(command, given) === "read") continue;
			if (n % 50 === 0) await whileWaiting(settled(commands.arm({ class: pick(["control", "parameter"]), password: PASSWORD, caller })));
			await settled(commands.run({ command, arguments: given, caller }));
			refused += 1;
		}
		expect(refused).toBeGreaterThan(100);
		expect(written.filter(mayWrite)).toEqual([]);
		expect(store.entries.filter(({ phase }) => phase === "begun")).toEqual([]);
	});
});

function needsArming(command: string, given: unknown): boolean {
	const name = COMMAND_NAMES.find((known) => known === command);
	return name !== undefined && ["control", "parameter"].includes(classOf(name, given as Readonly<Record<string, unknown>>));
}

function fits(command: (typeof COMMAND_NAMES)[number], given: unknown): boolean {
	try {
		checkArguments(command, given);
		return true;
	} catch {
		return false;
	}
}

/** Waits for the end, whatever it is. */
async function settled(promise: Promise<unknown>): Promise<void> {
	await promise.catch(() => {});
}
