import { expect, test } from "vitest";
import { ContactBench, LOW, OVERVOLTAGE } from "./contact-bench.ts";

test("a contact whose every condition cannot be reported is unknown, and says which", () => {
	const bench = new ContactBench();
	bench.say({ unsupported: [LOW] });
	expect(bench.state("low-battery")).toMatchObject({ state: "unknown", active: null, unsupported: [LOW], stale: false });
	expect(bench.state("low-battery", 1)).toMatchObject({ state: "unknown", unsupported: [LOW] });
});

test("where some can be reported, those alone decide", () => {
	const bench = new ContactBench();
	bench.say({ unsupported: ["fault.sampling"] });
	expect(bench.state("fault")).toMatchObject({ state: "open", unsupported: ["fault.sampling"] });
	bench.say({ packs: { 1: [OVERVOLTAGE], 2: [] }, unsupported: ["fault.sampling"] });
	expect(bench.state("fault")).toMatchObject({ state: "closed" });
});
