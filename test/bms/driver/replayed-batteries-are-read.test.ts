import { join } from "node:path";
import { expect, test } from "vitest";
import { openBank } from "../../../src/bms/open-bank.ts";
import { BANK_SETTINGS } from "../../../src/bms/options.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { createMemoryLine } from "../../../src/simulator/memory-line.ts";
import { Replay } from "../../../src/simulator/replay.ts";
import { readReplayFile } from "../../../src/simulator/replay-file.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Plays captured replies of a real battery for `seconds` and returns what was made of them. */
async function played(file: string, seconds: number, options: { splitBlocks?: boolean } = {}) {
	const path = join(import.meta.dirname, "../../fixtures/replay", file);
	const clock = new ManualClock();
	const { transport } = createMemoryLine(
		new Replay(await readReplayFile(path), path, options),
		{ baudRate: 9600, answerDelayMs: 30 },
		clock,
	);
	const bank = openBank(defaultsOf(BANK_SETTINGS), { origin: "replayed", logger: silentLogger, clock, transport, random: () => 0 });
	await clock.advance(seconds * 1000);
	const { snapshot } = bank;
	const closed = bank.close();
	await clock.advance(2_000);
	await closed;
	expect(clock.pending).toBe(0);
	return snapshot;
}

test("one pack (P16S100A-1812)", async () => {
	const snapshot = await played("one-pack-p16s100a-1812.json", 10);
	expect(snapshot.link).toMatchObject({ state: "online", problem: null });
	expect(snapshot.packs).toHaveLength(1);
	expect(snapshot.packs[0]).toMatchObject({ presence: "live", telemetry: { value: { current: -2.25, voltage: 52.429, cycleCount: 140 } } });
	expect(snapshot.packs[0]?.identity?.version).toMatch(/^P16S100A-1812/);
	expect(snapshot.conditions).toEqual([]);
});

test("several packs (Jakiper); the cells of pack 3 were not captured, so it never answers for itself", async () => {
	const snapshot = await played("five-packs-jakiper.json", 40);
	expect(snapshot.link.state).toBe("online");
	expect(snapshot.packs.map(({ address, presence }) => `${address} ${presence}`)).toEqual([
		"1 live",
		"2 live",
		"3 absent",
		"4 live",
		"5 live",
	]);
	expect(snapshot.totals?.value.packs).toEqual([1, 2, 4, 5]);
});

test("the alarm set of two full packs", async () => {
	const snapshot = await played("alarm-set-two-full-packs.txt", 20);
	expect(snapshot.link.state).toBe("online");
	expect(snapshot.packs.map(({ presence }) => presence)).toEqual(["live", "live"]);
	const keys = snapshot.conditions?.map(({ key, pack }) => `${pack} ${key}`);
	expect(keys).toContain("2 protection.fully");
	expect(keys?.some((text) => /alarm\.cell_overvoltage/.test(text))).toBe(true);
});

test("only replies of all packs: the bank's alarms are known, and no pack is named or called absent", async () => {
	const snapshot = await played("alarm-set-two-full-packs.txt", 30, { splitBlocks: false });
	expect(snapshot.link.state).toBe("online");
	expect(snapshot.packs.map(({ presence }) => presence)).toEqual(["unknown", "unknown"]);
	expect(snapshot.conditions?.length).toBeGreaterThan(0);
	expect(snapshot.conditions?.every(({ pack }) => pack === null)).toBe(true);
});
