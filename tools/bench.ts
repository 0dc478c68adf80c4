// `npm run bench`: speed, as ratios against the line's own limit and a floor measured in the same run; and memory.
// `npm run bench -- --samples 60` is quicker and rougher; the default takes about ten minutes.
import { parseArgs } from "node:util";
import { benchAddressedCycle } from "./bench/addressed-cycle.ts";
import { benchDecodeSpeed } from "./bench/decode-speed.ts";
import { benchFaultLatency } from "./bench/fault-latency.ts";
import { benchFullCycle } from "./bench/full-cycle.ts";
import { benchMemory } from "./bench/memory.ts";
import { benchMessageRate } from "./bench/message-rate.ts";

const { values } = parseArgs({ options: { samples: { type: "string", default: "300" } } });
const samples = Number(values.samples);
if (!Number.isInteger(samples) || samples < 10) {
	console.error("--samples wants a whole number of at least 10.");
	process.exit(2);
}

benchDecodeSpeed();
await benchMemory();
await benchFullCycle();
await benchAddressedCycle();
await benchMessageRate();
await benchFaultLatency(samples);
