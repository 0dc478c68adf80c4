import { expect, test } from "vitest";
import { BankRegistry } from "../src/bank-registry.ts";
import type { Bank } from "../src/bms/bank.ts";

const bank = {} as Bank;

test("a listener that listens anew while it is told hears each change once", () => {
	const registry = new BankRegistry();
	let told = 0;
	let end = () => {};
	const listen = () => {
		end();
		end = registry.onChange(() => {
			told++;
			if (told > 10) throw new Error("told for ever");
			listen();
		});
	};
	listen();
	const remove = registry.add(bank);
	expect(told).toBe(1);
	remove();
	expect(told).toBe(2);
	end();
	registry.add(bank);
	expect(told).toBe(2);
});
