import { type Browser, chromium } from "playwright-core";
import type { Scene } from "./scene.ts";

/** A Chromium without a window that asks nobody outside; CHROMIUM is the path of another than the distribution's. */
export async function startChromium(scene: Scene): Promise<Browser> {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
	scene.onEnd(() => browser.close());
	return browser;
}
