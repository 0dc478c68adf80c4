import { open } from "node:fs/promises";
import { devNull } from "node:os";
import { describe, expect, it } from "vitest";
import { ringIndicator, systemModemBits } from "../../../src/bms/transport/ring-indicator.ts";

/** A system that reports these modem bits for every file. */
const reports = (bits: number | undefined) => async () => async () => bits;

describe("the ring indicator", () => {
	it("is bit 80h of the modem bits, whatever the other lines are", async () => {
		expect(await ringIndicator(7, reports(0x80))).toBe(true);
		expect(await ringIndicator(7, reports(0xe1e7))).toBe(true);
		expect(await ringIndicator(7, reports(0))).toBe(false);
		expect(await ringIndicator(7, reports(0xffff & ~0x80))).toBe(false);
	});

	it("is asked of the file that the port has open", async () => {
		const asked: number[] = [];
		const load = async () => async (fileDescriptor: number) => {
			asked.push(fileDescriptor);
			return 0;
		};
		await ringIndicator(0, load);
		await ringIndicator(18, load);
		expect(asked).toEqual([0, 18]);
	});

	it("is unknown without a file, when the system refuses, and where it cannot be asked", async () => {
		const missing = () => Promise.reject(new Error("Cannot find package 'koffi'"));
		const broken = async () => () => Promise.reject(new Error("bad file descriptor"));
		expect(await ringIndicator(null, reports(0x80))).toBeUndefined();
		expect(await ringIndicator(undefined, reports(0x80))).toBeUndefined();
		expect(await ringIndicator(7, reports(undefined))).toBeUndefined();
		expect(await ringIndicator(7, missing)).toBeUndefined();
		expect(await ringIndicator(7, broken)).toBeUndefined();
	});

	it("is unknown for a file that is no terminal, by this system's own answer", async () => {
		const file = await open(devNull);
		// Refused, which is more than not being able to ask: that would reject.
		expect(await (await systemModemBits())(file.fd)).toBeUndefined();
		expect(await ringIndicator(file.fd)).toBeUndefined();
		await file.close();
	});
});
