import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Questions } from "../../src/cli/questions.ts";

/** A terminal whose keys the test presses; raw mode is what keeps it from showing them by itself. */
function terminal() {
	const stdin = Object.assign(new PassThrough(), { isTTY: true, isRaw: false, setRawMode });
	const stderr = new PassThrough();
	function setRawMode(isRaw: boolean) {
		stdin.isRaw = isRaw;
		return stdin;
	}
	let shown = "";
	stderr.on("data", (chunk: Buffer) => {
		shown += chunk.toString();
	});
	const questions = new Questions({ stdin, stdout: new PassThrough(), stderr });
	return { questions, type: (keys: string) => stdin.write(keys), shown: () => shown, stdin };
}

describe("a question at a terminal", () => {
	it("has the line that is typed for its answer, shows it, and is still there after a correction", async () => {
		const { questions, type, shown } = terminal();
		const answer = questions.ask("Pack: ");
		type("3");
		type("\x7f");
		type("2\r");
		expect(await answer).toBe("2");
		expect(shown().match(/Pack: /g)).toHaveLength(2);
		expect(shown()).toMatch(/2\r?\n$/);
		expect(shown()).not.toContain(">");
	});

	it("hidden is answered unseen: not a key of it is shown, and the next line begins on a new one", async () => {
		const { questions, type, shown, stdin } = terminal();
		const answer = questions.ask("Password: ", { hidden: true });
		expect(stdin.isRaw).toBe(true);
		for (const key of "correct horsf") type(key);
		type("\x7f");
		type("e\r");
		expect(await answer).toBe("correct horse");
		expect(shown()).toBe("Password: \n");
		expect(stdin.isRaw).toBe(false);
	});

	it("one after the other, each has its own answer", async () => {
		const { questions, type } = terminal();
		const first = questions.ask("Old: ", { hidden: true });
		type("one\r");
		expect(await first).toBe("one");
		const second = questions.isYes("Do it?");
		type("YES\r");
		expect(await second).toBe(true);
	});

	it("is ended by Ctrl-C, which is no answer", async () => {
		const { questions, type, stdin } = terminal();
		const answer = questions.ask("Password: ", { hidden: true });
		type("half\x03");
		await expect(answer).rejects.toMatchObject({ code: "cancelled" });
		expect(stdin.isRaw).toBe(false);
	});

	it("is ended by the end of the input, without an answer", async () => {
		const { questions, stdin } = terminal();
		const answer = questions.ask("Password: ", { hidden: true });
		stdin.end();
		expect(await answer).toBe("");
	});
});
