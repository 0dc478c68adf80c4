import { describe, expect, it } from "vitest";
import { newState } from "../../src/notification/issue.ts";
import { memoryOf, readManagerState } from "../../src/notification/kept-state.ts";
import { resumed } from "../../src/notification/manager.ts";
import { condition, Watch } from "./watch.ts";

const watched = () => new Watch("23:00").set(condition("alarm.cell_overvoltage", 1), condition("fault.sampling", 2)).read(2);

describe("what is remembered", () => {
	it("is read back as it was", () => {
		const { state } = watched();
		expect(readManagerState(JSON.parse(JSON.stringify(state)))).toEqual(state);
	});

	it("changes when something was told, answered or ended, not with every reading", () => {
		const watch = watched();
		const before = memoryOf(watch.state);
		watch.read(20);
		expect(memoryOf(watch.state)).toBe(before);
		watch.do({ type: "acknowledge", tag: "all" });
		expect(memoryOf(watch.state)).not.toBe(before);
	});

	it("forgets what was not certain yet", () => {
		const watch = watched().set(condition("alarm.low_soc", 1)).read();
		const { issues } = readManagerState(JSON.parse(JSON.stringify(watch.state)));
		expect(issues.every(({ confirmed, pending }) => confirmed !== null && pending === null)).toBe(true);
	});

	it("is another bank's for another bank, and a simulated one's for a simulated one", () => {
		const { state } = watched();
		expect(resumed(state, newState("other", "real", 0)).issues).toEqual([]);
		expect(resumed(state, newState("bank", "simulated", 0)).issues).toEqual([]);
		expect(resumed(state, newState("bank", "real", 0)).issues).toHaveLength(2);
	});

	it.each([
		["no list", null],
		["another version", { version: 2 }],
		["no issues", { issues: 5 }],
		["an unknown family", { issues: [{ ...watched().state.issues[0], family: "gremlins" }] }],
		["an unknown condition", { issues: [{ ...watched().state.issues[0], details: [{ key: "alarm.gremlins" }] }] }],
		["a time that is none", { issues: [{ ...watched().state.issues[0], toldAt: "yesterday" }] }],
		["a damaged digest", { digest: [{ key: 1 }] }],
		["a damaged list of times", { sentAt: ["now"] }],
	])("is refused with %s", (_what, change) => {
		const document = change === null ? null : { ...watched().state, ...change };
		expect(() => readManagerState(JSON.parse(JSON.stringify(document)))).toThrow(/damaged/);
	});
});
