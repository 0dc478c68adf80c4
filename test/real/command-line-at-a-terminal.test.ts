import { afterEach, expect, test } from "vitest";
import { defaultsOf, SIMULATOR_SETTINGS, startSimulatedLine } from "../../src/index.ts";
import { Scene } from "./support/scene.ts";
import { atTerminal } from "./support/terminal.ts";

/** The command line in a true terminal: passwords that nobody may read over a shoulder, and Ctrl-C as the system sends it. */

const scene = new Scene();
afterEach(() => scene.end());

const SECRET = "correct horse battery";
const OTHER = "staple 2026";

async function battery() {
	const line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), packs: 1, loadW: 0 });
	scene.onEnd(() => line.stop());
	const data = await scene.folder();
	const at = (...args: readonly string[]) => atTerminal(scene, [...args, "--port", line.port, "--data", data]);
	return { line, at };
}

test("the administrator's password is typed unseen, twice, and asked for before a write", async () => {
	const { line, at } = await battery();
	const first = await at("password", "set");
	await first.sees(/New administrator password: /, `${SECRET}\r`);
	await first.sees(/Once more: /, `${OTHER}\r`);
	expect(await first.exit()).toBe(2);
	expect(first.screen()).toContain("not the same");

	const again = await at("password", "set");
	await again.sees(/New administrator password: /, `${SECRET}x\x7f\r`);
	await again.sees(/Once more: /, `${SECRET}\r`);
	expect(await again.exit()).toBe(0);

	const write = ["parameters", "set", "cellOvervoltageAlarm=3.55", "--set", "bank.writeClasses=parameter"];
	const before = line.bank?.packAt(1)?.model.memory.parameters.cellOvervoltageAlarm;
	const wrong = await at(...write);
	await wrong.sees(/Type yes: /, "yes\r");
	await wrong.sees(/Administrator password: /, `${OTHER}\r`);
	expect(await wrong.exit()).toBe(3);
	expect(line.bank?.packAt(1)?.model.memory.parameters.cellOvervoltageAlarm).toBe(before);

	const right = await at(...write);
	await right.sees(/Type yes: /, "yes\r");
	await right.sees(/Administrator password: /, `${SECRET}\r`);
	expect(await right.exit()).toBe(0);
	expect(line.bank?.packAt(1)?.model.memory.parameters.cellOvervoltageAlarm).toBe(3.55);

	for (const { screen } of [first, again, wrong, right]) {
		for (const secret of [SECRET, OTHER]) expect(screen()).not.toContain(secret.slice(0, 4));
	}
});

test("Ctrl-C at the question for the password changes nothing", async () => {
	const { at } = await battery();
	const terminal = await at("password", "set");
	await terminal.sees(/New administrator password: /, "half a secr\x03");
	expect(await terminal.exit()).toBe(130);
	expect(terminal.screen()).toContain("Ended before anything was changed.");
	expect(terminal.screen()).not.toContain("half");
	// Not one is set: the next one is not asked for an old one.
	const next = await at("password", "set");
	await next.sees(/New administrator password: /, "\x04");
	expect(await next.exit()).toBe(2);
});

test("Ctrl-C in the middle of the records ends them with whole lines", async () => {
	const { line, at } = await battery();
	for (let n = 0; n < 40; n += 1) line.control.setCondition(1, "alarm.cell_overvoltage", n % 2 === 0);
	const terminal = await at("records");
	await terminal.sees(/\n {4}2 {2}[^\n]*cells[^\n]*\n/, "\x03");
	expect(await terminal.exit()).toBe(130);
	const rows = terminal.screen().match(/^ +\d+ {2}.* cells .* V .*°C/gm) ?? [];
	expect(rows.length).toBeGreaterThanOrEqual(3);
	expect(rows.length).toBeLessThan(40);
	expect(terminal.screen()).toMatch(new RegExp(`\n(\\^C)?${rows.length} records read, ended by Ctrl-C\\.\r?\n`));
});
