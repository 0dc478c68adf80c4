import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { simulate } from "../../src/cli/simulate.ts";
import { SIMULATOR_SETTINGS } from "../../src/simulator/options.ts";
import { runCli } from "./run-cli.ts";

const ROOT = join(import.meta.dirname, "../..");

const run = (...args: string[]) => runCli(simulate, args, "open");

async function askOverTcp(port: string, request: string): Promise<string> {
	const socket = connect(Number(new URL(port).port), "127.0.0.1");
	socket.write(`${request}\r`);
	let received = "";
	while (!received.endsWith("\r")) {
		const [chunk] = (await once(socket, "data")) as [Buffer];
		received += chunk.toString("latin1");
	}
	socket.destroy();
	return received.trimEnd();
}

describe("rack-battery simulate", () => {
	it("prints where it answers, answers there, obeys commands and quits", async () => {
		const cli = run("--packs", "3", "--baud-rate", "0", "--answer-delay-ms=0", "--load-w", "-500");
		const [, port = ""] = await cli.until(/SIMULATED bank of 3 packs answers at (tcp:\S+)/);
		expect(await askOverTcp(port, "~250146900000FDA5")).toBe("~25014600E00203FD34");
		cli.say("lose 3");
		await cli.until(/Pack 3 is away/);
		expect(await askOverTcp(port, "~250146900000FDA5")).toBe("~25014600E00202FD35");
		cli.say("no such");
		await cli.until(/There is no command "no"/);
		cli.say("state");
		await cli.until(/load -500 W, cable in\npack 1: SOC 72\.0 %/);
		cli.say("quit");
		expect(await cli.exit).toBe(0);
		expect(cli.errors()).toBe("");
	});

	it("plays a scenario from the first question on, in a faster time", async () => {
		const cli = run("--scenario=pack-lost-and-back", "--time-factor=600", "--baud-rate=0", "--answer-delay-ms=0");
		const [, port = ""] = await cli.until(
			/answers at (tcp:\S+)\nThe scenario pack-lost-and-back begins .*\nThe battery lives 600 times as fast/,
		);
		cli.say("state");
		await cli.until(/load 600 W, cable in\npack 1/);
		expect(await askOverTcp(port, "~250146900000FDA5")).toBe("~25014600E00202FD35");
		cli.say("state");
		await cli.until(/scenario pack-lost-and-back: running at 00:0\d(:\d\d)?; at 00:/);
		// Pack 2 drops out after two minutes, which are 0.2 s.
		while ((await askOverTcp(port, "~250146900000FDA5")) !== "~25014600E00201FD36");
		cli.say("scenario stop");
		await cli.until(/No scenario plays/);
		cli.say("quit");
		expect(await cli.exit).toBe(0);
	});

	it("refuses a scenario that it does not know", async () => {
		const cli = run("--scenario=no-such");
		expect(await cli.exit).toBe(2);
		expect(cli.errors()).toContain('There is no scenario "no-such"; ready to play are normal-day');
	});

	it("answers in JSON lines when told so", async () => {
		const cli = run("--json", "--packs=1");
		const listening = JSON.parse((await cli.until(/.*\n/))[0]) as Record<string, unknown>;
		expect(listening).toEqual({ event: "listening", port: expect.stringMatching(/^tcp:/), origin: "simulated", http: null });
		cli.say("soc 40");
		await cli.until(/"ok":true/);
		cli.say("soc 400");
		await cli.until(/"ok":false,"error":\{"code":"invalid","message":"The state of charge/);
		cli.say("QUIT");
		expect(await cli.exit).toBe(0);
	});

	it("takes the commands over HTTP too, from this machine's own pages only", async () => {
		const cli = run("--http", "0");
		const [, url = ""] = await cli.until(/over HTTP: (http:\S+)/);
		const command = (headers: Record<string, string>) =>
			fetch(`${url}/command`, {
				method: "POST",
				headers: { "Content-Type": "application/json", ...headers },
				body: JSON.stringify({ command: "set 1 alarm.low_soc" }),
			});
		expect((await command({ Origin: "http://evil.example" })).status).toBe(403);
		expect((await (await fetch(`${url}/state`)).text()).includes('"alarm.low_soc"')).toBe(false);
		expect((await command({})).status).toBe(200);
		expect((await (await fetch(`${url}/state`)).text()).includes('"alarm.low_soc"')).toBe(true);
		cli.say("quit");
		expect(await cli.exit).toBe(0);
	});

	it("replays a file", async () => {
		const cli = run("--replay", join(ROOT, "test/fixtures/replay/one-pack-p16s100a-1812.json"), "--baud-rate", "0");
		const [, port = ""] = await cli.until(/REPLAY of \S+ answers at (tcp:\S+)/);
		expect(await askOverTcp(port, "~25014644E00201FD2E")).toBe(
			"~25014600004C000110000000000000000000000000000000000600000000000000000000000E000000000000EF3A",
		);
		cli.say("quit");
		expect(await cli.exit).toBe(0);
	});

	it.each([
		[["--pack", "3"], "--pack is no option; did you mean --packs?"],
		[["--packs"], "--packs needs a value"],
		[["--packs", "--json"], "--packs needs a value"],
		[["--packs", "16"], "16 must be a whole number from 1 to 15"],
		[["--packs", "two"], '"two" must be a whole number'],
		[["--firmware", "newest"], 'must be one of "old", "new"'],
		[["--listen", "99999"], "must be a port from 0 to 65535"],
		[["three"], "three is not understood"],
	])("%j is refused in words with exit code 2", async (args, words) => {
		const cli = run(...args);
		expect(await cli.exit).toBe(2);
		expect(cli.errors()).toContain(words);
		expect(cli.out()).toBe("");
	});

	it("refuses a file that cannot be used with exit code 2, and a port that is taken with 1", async () => {
		const missing = run("--replay", "/nowhere/x.json");
		expect(await missing.exit).toBe(2);
		expect(missing.errors()).toContain("/nowhere/x.json cannot be read");
		const first = run();
		const [, port = ""] = await first.until(/answers at tcp:\/\/127\.0\.0\.1:(\d+)/);
		const second = run("--listen", port);
		expect(await second.exit).toBe(1);
		expect(second.errors()).toContain(`Port ${port} is taken`);
		first.say("quit");
		expect(await first.exit).toBe(0);
	});

	it("explains every option and command", async () => {
		const cli = run("--help");
		expect(await cli.exit).toBe(0);
		for (const key of Object.keys(SIMULATOR_SETTINGS)) {
			expect(cli.out()).toContain(`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
		}
		expect(cli.out()).toContain("protection.cell_overvoltage");
	});

	it.each(["SIGINT", "SIGTERM"] as const)("%s ends the process within a second, with exit code 0", async (signal) => {
		const code = `import { simulate } from "./src/cli/simulate.ts"; process.exitCode = await simulate([], process);`;
		const child = spawn(process.execPath, ["--input-type=module", "-e", code], { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
		await once(child.stdout, "data");
		const ended = once(child, "exit");
		const begin = performance.now();
		child.kill(signal);
		expect(await ended).toEqual([0, null]);
		expect(performance.now() - begin).toBeLessThan(1000);
	});
});
