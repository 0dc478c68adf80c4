import type { Browser, Page } from "playwright-core";
import type { Scene } from "../../real/support/scene.ts";
import type { HomeAssistantApi } from "./home-assistant-api.ts";

/** Home Assistant's pages as a person sees them: what stands there, through the parts that each hide their own inside. */

/** A tile: its name, and what it says. */
export interface Tile {
	readonly name: string;
	readonly says: string;
	/** How far its bar goes, per cent; null without a bar. */
	readonly bar: number | null;
}

/** What stands on a page. */
export interface Shown {
	readonly texts: readonly string[];
	readonly tiles: readonly Tile[];
	/** Charts in which something is drawn. */
	readonly charts: number;
	/** Cards that say what is wrong with them instead of showing something. */
	readonly wrong: readonly string[];
	/** Texts that have no room. */
	readonly cut: readonly string[];
}

/** Opens a path of Home Assistant, logged in by the token as its own page remembers it. */
export async function openPage(
	scene: Scene,
	browser: Browser,
	{ url, token }: Pick<HomeAssistantApi, "url" | "token">,
	viewport: { readonly width: number; readonly height: number },
): Promise<Page> {
	const context = await browser.newContext({ viewport, locale: "en-US", timezoneId: "UTC", reducedMotion: "reduce" });
	scene.onEnd(() => context.close());
	const [oneHour, laterThanTheTest] = [3600, Date.now() + 3_600_000];
	const tokens = {
		...{ hassUrl: url, clientId: `${url}/`, access_token: token, refresh_token: "", token_type: "Bearer" },
		...{ expires_in: oneHour, expires: laterThanTheTest },
	};
	await context.addInitScript((remembered) => localStorage.setItem("hassTokens", remembered), JSON.stringify(tokens));
	return context.newPage();
}

/** What the page shows now. */
export function shownOn(page: Page): Promise<Shown> {
	return page.evaluate(() => {
		const elements = (root: Document | Element | ShadowRoot): Element[] =>
			[...root.querySelectorAll("*")].flatMap((element) => [element, ...(element.shadowRoot === null ? [] : elements(element.shadowRoot))]);
		const below = (element: Element) => [...elements(element), ...(element.shadowRoot === null ? [] : elements(element.shadowRoot))];
		const ownText = (element: Element) =>
			["STYLE", "SCRIPT", "TITLE"].includes(element.tagName) || !element.checkVisibility()
				? ""
				: [...element.childNodes]
						.filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
						.map(({ textContent }) => textContent?.trim() ?? "")
						.join(" ")
						.trim();
		const texts = (all: readonly Element[]) => all.map(ownText).filter((text) => text !== "");
		const all = elements(document);
		const tiles = all
			.filter(({ localName }) => localName === "hui-tile-card")
			.map((tile) => {
				const inside = below(tile);
				const [name = "", ...rest] = texts(inside);
				const bar = inside.find(({ localName }) => localName === "hui-bar-gauge-card-feature")?.shadowRoot?.querySelector("div");
				return { name, says: rest.join(" "), bar: bar ? Number.parseFloat(bar.style.width) : null };
			});
		return {
			texts: texts(all),
			tiles,
			charts: all.filter(
				(element) => element.localName === "ha-chart-base" && below(element).some(({ localName }) => localName === "canvas"),
			).length,
			wrong: [
				...all.map(({ localName }) => localName).filter((name) => /^hui-(.*-)?(error|warning)\b/.test(name)),
				...texts(all).filter((text) => /not found|no (state )?(history|statistics)|configuration error/i.test(text)),
			],
			cut: all
				.filter((element) => getComputedStyle(element).textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth)
				.map((element) => texts([element, ...below(element)]).join(" "))
				.filter((text) => text !== ""),
		};
	});
}
