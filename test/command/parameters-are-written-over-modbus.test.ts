import { afterEach, describe, expect, it } from "vitest";
import { readModbusRequest } from "../../src/bms/protocol/modbus/modbus-answers.ts";
import { openSimulatedBank } from "../bms/driver/simulated-bank.ts";
import { CALLER, codeOf, MemoryStore, PASSWORD } from "./fake-battery.ts";

/** By the vendor's list (rs232-v25 §13). */
const GROWATT = 2;

const open = new Set<() => Promise<void>>();
afterEach(async () => {
	for (const close of open) await close();
	open.clear();
});

/** Two packs, each at its own address on the line, read by a bank that may write parameters. */
async function online(writeClasses = "parameter") {
	const store = new MemoryStore();
	store.known = PASSWORD;
	const opened = openSimulatedBank({
		simulator: { protocol: "modbus-rtu", packs: 2, loadW: 0 },
		settings: { protocol: "modbus-rtu", addresses: "1-2", writeClasses },
		deps: { commandStore: store },
	});
	await opened.until(({ snapshot }) => snapshot.packs.every(({ presence }) => presence === "live") && snapshot.packs.length === 2);
	const { bank, clock, battery, requests } = opened;
	const whileWaiting = async <T>(promise: Promise<T>): Promise<T> => {
		let isSettled = false;
		const done = () => {
			isSettled = true;
		};
		promise.then(done, done);
		for (let n = 0; n < 6_000 && !isSettled; n += 1) await clock.advance(10);
		return promise;
	};
	const { commands } = bank;
	if (commands === undefined) throw new Error("this bank has no commands");
	open.add(opened.close);
	return {
		...opened,
		store,
		run: (command: string, given: Readonly<Record<string, unknown>>) =>
			whileWaiting(commands.run({ command, arguments: given, caller: CALLER })),
		arm: () => whileWaiting(commands.arm({ class: "parameter", password: PASSWORD, caller: CALLER })),
		/** Requests since the start, understood. */
		asked: () => requests.map(({ text }) => readModbusRequest(Uint8Array.from(text, (char) => char.charCodeAt(0)))),
		parametersOf: (pack: number) => battery.packAt(pack)?.model.memory.parameters,
	};
}

const WANTED = { pack: 2, values: { cellOvervoltageAlarm: 3.55 } };

describe("a limit written over Modbus", () => {
	it("is written once, to its pack, in its whole group, after that pack has proved its registers; and read back", async () => {
		const { run, arm, asked, parametersOf, store } = await online();
		const before = { first: parametersOf(1), second: parametersOf(2) };
		await arm();
		const result = await run("write-parameters", WANTED);
		expect(result).toMatchObject({ confirmed: true, before: { cellOvervoltageAlarm: 3.6 }, value: { cellOvervoltageAlarm: 3.55 } });
		const requests = asked();
		const at = requests.findIndex((request) => request?.kind === "write");
		expect(requests[at]).toMatchObject({ unit: 2, start: 64, values: [3550, 3700, 3380, 10] });
		expect(requests.filter((request) => request?.kind === "write")).toHaveLength(1);
		const asPack2 = (start: number, count: number) => expect.objectContaining({ kind: "read", unit: 2, start, count }) as unknown;
		// The live registers, which add up, and the name (modbus-rtu §8).
		expect(requests.slice(0, at)).toEqual(expect.arrayContaining([asPack2(0, 37), asPack2(150, 10)]));
		expect(requests.slice(at + 1)).toContainEqual(asPack2(64, 4));
		// Everything that is saved before takes two requests.
		expect(requests.slice(0, at)).toEqual(expect.arrayContaining([asPack2(60, 47), asPack2(107, 8)]));
		expect(requests.slice(0, at).filter((request) => request?.kind === "read" && request.unit === 2 && request.start === 72)).toEqual([]);
		expect(parametersOf(2)).toEqual({ ...before.second, cellOvervoltageAlarm: 3.55 });
		expect(parametersOf(1)).toEqual(before.first);
		expect(store.kept).toMatchObject([{ pack: 2, values: { cellOvervoltageAlarm: 3.6 } }]);
		expect(Object.keys(store.kept[0]?.values ?? {})).toHaveLength(55);
	});

	it("is not written in a bank that is only read, nor unarmed", async () => {
		for (const classes of ["", "parameter"]) {
			const { run, asked, parametersOf } = await online(classes);
			const before = parametersOf(2);
			expect(await codeOf(run("write-parameters", WANTED))).toBe(classes === "" ? "not-enabled" : "not-armed");
			expect(asked().filter((request) => request?.kind !== "read")).toEqual([]);
			expect(parametersOf(2)).toEqual(before);
		}
	});

	it("is not written to a pack whose port was set to another maker's map, and that is said", async () => {
		const { run, arm, asked, control, parametersOf, until } = await online();
		const before = parametersOf(2);
		await arm();
		control.setInverterProtocol(2, GROWATT);
		await expect(run("write-parameters", WANTED)).rejects.toThrow(/inverter protocol/);
		await until(({ snapshot }) => snapshot.link.problem?.code === "foreign-map");
		await expect(run("write-parameters", WANTED)).rejects.toThrow(/inverter protocol/);
		expect(asked().filter((request) => request?.kind !== "read")).toEqual([]);
		expect(parametersOf(2)).toEqual(before);
	});

	it("out of the range of the vendor's program is not written", async () => {
		const { run, arm, asked } = await online();
		await arm();
		expect(await codeOf(run("write-parameters", { pack: 2, values: { cellOvervoltageAlarm: 5 } }))).toBe("out-of-range");
		expect(asked().filter((request) => request?.kind !== "read")).toEqual([]);
	});
});
