import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import { PackModel } from "../../src/simulator/pack-model.ts";
import { createRandom } from "../../src/simulator/seeded-random.ts";

const pack = (flickerDigits: number) => new PackModel({ ...defaultsOf(SIMULATOR_SETTINGS), flickerDigits }, createRandom(7));

/** What 200 measurements of a pack at rest say of one reading. */
function seen(model: PackModel, read: (measurements: PackModel["measurements"]) => number | null | undefined): readonly number[] {
	return Array.from({ length: 200 }, (_, step) => {
		model.step(0, 100, step * 100);
		return read(model.measurements) ?? Number.NaN;
	});
}

describe("the last digits of a simulated pack's readings", () => {
	it.each([
		["a cell", 0.001, ({ cellVoltages }: PackModel["measurements"]) => cellVoltages[4]],
		["a probe", 0.1, ({ temperatures }: PackModel["measurements"]) => temperatures[2]],
		["the current", 0.01, ({ current }: PackModel["measurements"]) => current],
	])("flicker over as many as are set: %s", (_what, digit, read) => {
		const truth = seen(pack(0), read);
		const flickering = seen(pack(4), read);
		const off = flickering.map((value, index) => value - (truth[index] ?? Number.NaN));
		expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(2 * digit);
		expect(Math.max(...off)).toBeGreaterThan(digit);
		expect(Math.min(...off)).toBeLessThan(-digit);
	});

	it("are still unless it is set", () => {
		const cells = seen(pack(0), ({ cellVoltages }) => cellVoltages[4]);
		expect(Math.max(...cells) - Math.min(...cells)).toBeLessThan(1e-6);
	});

	it("leave a value alone that is held by hand", () => {
		const model = pack(10);
		model.heldCells.set(5, 3.3);
		model.heldProbes.set(3, 40);
		expect(new Set(seen(model, ({ cellVoltages }) => cellVoltages[4]))).toEqual(new Set([3.3]));
		expect(new Set(seen(model, ({ temperatures }) => temperatures[2]))).toEqual(new Set([40]));
	});

	it("add up: the pack's voltage is that of its cells", () => {
		const model = pack(3);
		model.step(0, 100, 0);
		const { cellVoltages, voltage } = model.measurements;
		expect(cellVoltages.reduce((sum, volts) => sum + volts, 0)).toBeCloseTo(voltage, 9);
	});
});
