// What the tools that take pictures share: the built server (npm run build first) on free ports with a new data folder,
// and a Chromium (CHROMIUM=/path/to/it).
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright-core";

export const ROOT = join(import.meta.dirname, "..");

/** Starts the server; resolves to the address of its pages. */
function startServer(folder: string): { readonly server: ChildProcess; readonly address: Promise<string> } {
	const program = process.argv[2] ?? join(ROOT, "dist", "src", "cli", "rack-battery.js");
	const server = spawn(process.execPath, [program, "start", "--http-port", "0", "--data", folder], {
		stdio: ["ignore", "pipe", "inherit"],
		env: { ...process.env, RACK_BATTERY_SERVER_MQTT_PORT: "0" },
	});
	const address = new Promise<string>((found, failed) => {
		server.once("exit", (code) => failed(new Error(`The server ended with ${code}.`)));
		createInterface({ input: server.stdout }).on("line", (line) => {
			const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
			if (url) found(url);
		});
	});
	return { server, address };
}

/** Runs the server on its simulated bank while the pictures are taken. */
export async function withServer(take: (address: string) => Promise<void>): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "rack-battery-pictures-"));
	const { server, address } = startServer(folder);
	try {
		await take(await address);
	} finally {
		server.removeAllListeners("exit");
		server.kill("SIGTERM");
		await new Promise((ended) => server.once("exit", ended));
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Opens a page in Chromium, in English. */
export async function inChromium(
	viewport: { readonly width: number; readonly height: number },
	take: (page: Page) => Promise<void>,
): Promise<void> {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"],
	});
	try {
		await take(await browser.newPage({ viewport, locale: "en-US" }));
	} finally {
		await browser.close();
	}
}
