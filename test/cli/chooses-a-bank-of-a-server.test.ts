import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { openServerBattery } from "../../src/cli/server-battery.ts";
import { loadConfig } from "../../src/config/load-config.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0)) await end();
});

/** A server with these banks. Tells at which paths it was asked. */
async function serverWith(banks: readonly string[]) {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(request.url ?? "");
		response.end(JSON.stringify(request.url === "/api/banks" ? banks.map((id) => ({ id, origin: "real" })) : { access: {} }));
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	ends.push(() => new Promise((resolve) => server.close(resolve)));
	return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function bankFor(args: readonly string[], banks: readonly string[]): Promise<string | undefined> {
	const { address, asked } = await serverWith(banks);
	const { config } = loadConfig(args, { folder: "/nowhere", environment: {} });
	const battery = await openServerBattery(address, config, new AbortController().signal);
	await battery.access();
	return asked.at(-1);
}

it.each([
	[[], ["cellar"], "cellar"],
	[[], ["cellar", "bank"], "bank"],
	[["--bank-id", "shed"], ["cellar", "shed"], "shed"],
])("%j among %j is %s", async (args, banks, id) => {
	expect(await bankFor(args, banks)).toBe(`/api/banks/${id}/commands`);
});

it.each([
	[["--bank-id", "shed"], ["cellar"], /has no bank "shed". It has cellar: choose one by --bank-id/],
	[[], ["cellar", "shed"], /has no bank "bank". It has cellar, shed/],
	[[], [], /No flow of it has opened one/],
])("%j among %j is none, and it is said which there are", async (args, banks, words) => {
	await expect(bankFor(args, banks)).rejects.toThrow(words);
});
