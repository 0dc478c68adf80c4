import { expect, it } from "vitest";
import { didYouMean } from "../src/nearest.ts";

const MANY = ["start", "probe", "identify", "records", "parameters", "clock", "switch", "inverter", "shutdown"];

it.each([
	["strat", MANY, "; did you mean start?"],
	["Probe", MANY, "; did you mean probe?"],
	["param", MANY, "; did you mean parameters?"],
	["shut-down", MANY, "; did you mean shutdown?"],
	// Another word is no slip: a wild guess would only mislead.
	["frobnicate", MANY, ""],
	["foo", MANY, ""],
	["", MANY, ""],
	["--", ["--port", "--help"], "; there is --port, --help"],
	["pack", ["bank", "mqtt", "server"], "; there is bank, mqtt, server"],
	["x", [], ""],
])("%j among %j%s", (name, known, words) => {
	expect(didYouMean(name, known)).toBe(words);
});
