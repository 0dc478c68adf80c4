import { describe, expect, it } from "vitest";
import { CONDITION_KEYS, type ConditionKey } from "../../src/bms/battery/conditions.ts";
import { FAULT, PROTECT_1, PROTECT_2, WARN_2 } from "../../src/bms/protocol/ascii/ascii-status-bits.ts";
import { CONDITION_LIST_PATTERN, conditionsIn } from "../../src/dry-contact/condition-list.ts";
import { contactRules } from "../../src/dry-contact/contact-rules.ts";
import { CONTACT_SETTINGS, type ContactSettings } from "../../src/dry-contact/options.ts";
import { defaultsOf } from "../../src/settings.ts";

const conditionsOf = (settings: Partial<ContactSettings> = {}) => {
	const [fault, low] = contactRules({ ...defaultsOf(CONTACT_SETTINGS), ...settings });
	return { fault: fault?.conditions, low: low?.conditions };
};

/** The conditions of the bits that a mask selects. */
function masked(bits: Readonly<Record<number, string>>, mask: number): readonly string[] {
	return Object.entries(bits).flatMap(([bit, key]) => ((mask >> Number(bit)) & 1 ? [key] : []));
}

const fits = (list: string) => new RegExp(CONDITION_LIST_PATTERN).test(list);

describe("the default masks of the fault map", () => {
	it("close 1/2 by P1 & 7Fh, P2 & 7Fh and F & 37h", () => {
		expect(conditionsOf().fault).toEqual(new Set([...masked(PROTECT_1, 0x7f), ...masked(PROTECT_2, 0x7f), ...masked(FAULT, 0x37)]));
		expect(conditionsOf().fault).not.toContain("protection.fully");
	});

	it("close 3/4 by W2.7", () => {
		expect(conditionsOf().low).toEqual(new Set(masked(WARN_2, 0x80)));
	});
});

describe("a list of conditions", () => {
	it("takes the alternatives of the fault map", () => {
		expect(conditionsOf({ faultConditions: "fault" }).fault).toEqual(new Set(masked(FAULT, 0x37)));
		expect(conditionsOf({ faultConditions: "protection, fault, -protection.cell_overvoltage" }).fault).not.toContain(
			"protection.cell_overvoltage",
		);
		expect(conditionsOf({ faultConditions: "protection, protection.fully" }).fault).toContain("protection.fully");
		expect(conditionsOf({ lowBatteryConditions: "alarm.low_soc,alarm.cell_undervoltage ,alarm.pack_undervoltage" }).low).toEqual(
			new Set<ConditionKey>(["alarm.low_soc", "alarm.cell_undervoltage", "alarm.pack_undervoltage"]),
		);
		expect(conditionsIn("fault.communication, fault, -fault").size).toBe(1);
		expect(conditionsIn("")).toEqual(new Set());
	});

	it("fits its pattern with every supported condition, and with nothing else", () => {
		for (const key of CONDITION_KEYS) expect(fits(`protection, -${key}`), key).toBe(key !== "protection.pcb");
		for (const good of ["", "protection", " fault , alarm.low_soc "]) expect(fits(good), good).toBe(true);
		for (const bad of ["alarms", "alarm", "protection;fault", "fault,", "fault fault", "alarm.low-soc", "--fault"])
			expect(fits(bad), bad).toBe(false);
	});
});
