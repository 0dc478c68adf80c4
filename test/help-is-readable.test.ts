import { expect, it } from "vitest";
import { helpTable } from "../src/help-table.ts";

it("names stand in one column, long meanings go on below, and a long name has lines of its own", () => {
	const long = "word ".repeat(40).trim();
	const lines = helpTable([
		["--port PORT", "Where it is."],
		["--protocol NAME", long],
		[`--choices ${"first|second|".repeat(20)}third`, "Many."],
	]);
	expect(lines[0]).toBe("  --port PORT      Where it is.");
	expect(lines.every((line) => line.length <= 110)).toBe(true);
	expect(lines[1]).toMatch(/^ {2}--protocol NAME {2}word/);
	expect(lines[2]).toMatch(/^ {19}word/);
	expect(lines.join(" ").match(/word/g)).toHaveLength(40);
	expect(lines.at(-1)).toBe(`${" ".repeat(19)}Many.`);
});
