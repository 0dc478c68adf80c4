// Takes docs/status-page.png, the picture of the README, of the built server. Run by hand: node tools/status-page-picture.ts
import { join } from "node:path";
import { inChromium, ROOT, withServer } from "./picture-of-server.ts";

await withServer((address) =>
	inChromium({ width: 1240, height: 1000 }, async (page) => {
		await page.goto(address);
		// Both packs with their cells and names, and how well each was heard.
		await page.locator("[data-presence=live] .cells").nth(1).waitFor();
		await page.getByText(/pack SIMULATED-PACK-1/).waitFor();
		await page
			.getByText(/^\d{2,} good answers, 0 failures/)
			.first()
			.waitFor();
		await page.screenshot({ path: join(ROOT, "docs", "status-page.png"), fullPage: true });
	}),
);
