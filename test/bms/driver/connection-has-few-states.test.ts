import { expect, test } from "vitest";
import { CLOSED, type ConnectionInput, linkStateOf, nextConnection } from "../../../src/bms/driver/connection.ts";

const open = { type: "open" } as const;
const opened = { type: "opened" } as const;
const answered = { type: "answered", at: 5 } as const;
const unanswered = { type: "unanswered" } as const;
const lost = { type: "line-lost" } as const;
const close = { type: "close" } as const;

/** What the user is shown after each input. */
const shown = (...inputs: readonly ConnectionInput[]) => {
	let connection = CLOSED;
	return inputs.map((input) => {
		connection = nextConnection(connection, input);
		return linkStateOf(connection.phase);
	});
};

test("from closed to online", () => {
	expect(shown(open, opened, answered)).toEqual(["connecting", "connecting", "online"]);
});

test("three questions in a row without answer make it silent, fewer do not", () => {
	expect(shown(open, opened, unanswered, unanswered, answered)).toEqual(["connecting", "connecting", "connecting", "connecting", "online"]);
	expect(shown(open, opened, answered, unanswered, unanswered, answered, unanswered, unanswered).at(-1)).toBe("online");
	expect(shown(open, opened, answered, unanswered, unanswered, unanswered, unanswered, answered).slice(-3)).toEqual([
		"silent",
		"silent",
		"online",
	]);
});

test("retries are no news: lost stays lost until it opens, silent stays silent until it answers", () => {
	expect(shown(open, lost, open, lost, open, opened)).toEqual(["connecting", "lost", "lost", "lost", "lost", "connecting"]);
	expect(shown(open, opened, unanswered, unanswered, unanswered, open, opened, unanswered, answered).slice(4)).toEqual([
		"silent",
		"silent",
		"silent",
		"silent",
		"online",
	]);
});

test("failed openings are counted until somebody answers, also when the line opens and is lost again", () => {
	const of = (...inputs: readonly ConnectionInput[]) => inputs.reduce(nextConnection, CLOSED).failedOpenings;
	expect(of(open, lost, open, lost)).toBe(2);
	expect(of(open, opened, lost, open, opened, lost)).toBe(2);
	expect(of(open, lost, open, opened, answered)).toBe(0);
});

test("online since: from the first answer to the loss", () => {
	const of = (...inputs: readonly ConnectionInput[]) => inputs.reduce(nextConnection, CLOSED).onlineSince;
	expect(of(open, opened)).toBeNull();
	expect(of(open, opened, answered, { type: "answered", at: 9 })).toBe(5);
	expect(of(open, opened, answered, unanswered, unanswered, unanswered)).toBeNull();
	expect(of(open, opened, answered, lost)).toBeNull();
	expect(of(open, opened, answered, close)).toBeNull();
});
