import { expect, test } from "vitest";
import { openBank } from "../../../src/bms/open-bank.ts";
import { BANK_SETTINGS, type BankSettings } from "../../../src/bms/options.ts";
import { ConfigError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function refusal(changes: Partial<Record<keyof BankSettings, unknown>>): ConfigError {
	const clock = new ManualClock();
	try {
		const settings = { ...defaultsOf(BANK_SETTINGS), port: "tcp://127.0.0.1:9", ...changes } as BankSettings;
		openBank(settings, { origin: "real", logger: silentLogger, clock });
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigError);
		expect(clock.pending).toBe(0);
		return error as ConfigError;
	}
	return expect.unreachable();
}

test.each([
	["id", "My Bank", /"id" must be like/],
	["baudRate", 300, /"baudRate" must be a whole number from 1200 to 115200, not 300/],
	["packs", 2.5, /"packs" must be a whole number/],
	["packs", Number.NaN, /"packs"/],
	["gapMs", 0, /"gapMs" must be a whole number from 50/],
	["protocol", "modbus", /"protocol" must be one of ascii-0x25/],
	["name", undefined, /"name" must be a text/],
] as const)("%s = %j", (key, value, words) => {
	const error = refusal({ [key]: value });
	expect(error.message).toMatch(words);
	expect(error.context.problems?.map(({ path }) => path)).toEqual([key]);
});

test("all problems are told at once", () => {
	expect(refusal({ packs: 99, attempts: 0, id: "" }).context.problems).toHaveLength(3);
});

test("a port that is none is refused with what would be one", () => {
	expect(refusal({ port: "usb" }).message).toMatch(/\/dev\/ttyUSB0/);
	expect(refusal({ port: "simulator" }).message).toMatch(/simulated battery/);
});
