import type { Page } from "playwright-core";

/** What of an editor's form a person cannot read: what is cut, and what is empty though it has to be something. */
export interface Unreadable {
	readonly cut: readonly string[];
	readonly empty: readonly string[];
	/** Pixels by which the form is wider than its part of the screen. */
	readonly tooWide: number;
}

/** Looks at the form on top; what can be opened in it is opened first. */
export function unreadableIn(page: Page): Promise<Unreadable> {
	return page.evaluate(() => {
		const tray = [...document.querySelectorAll("#red-ui-editor-stack .red-ui-tray")].at(-1);
		const form = tray?.querySelector(".rack-battery-form");
		if (!tray || !form) throw new Error("there is no form of ours");
		for (const part of form.querySelectorAll("details")) part.open = true;
		const pen = document.createElement("canvas").getContext("2d");
		const widthOf = (text: string, element: Element) => {
			if (pen === null) return 0;
			pen.font = getComputedStyle(element).font;
			return pen.measureText(text).width;
		};
		const seen = [...form.querySelectorAll("*")].filter((element) => element.checkVisibility());
		const edge = tray.getBoundingClientRect().right;
		const fields = seen.flatMap((element) => {
			const room = element.clientWidth;
			// What a browser keeps at the sides: the arrow of a choice, the arrows of a number.
			if (element instanceof HTMLSelectElement)
				return [...element.options].map(({ text }) => text).filter((text) => widthOf(text, element) > room - 24);
			if (element instanceof HTMLInputElement && element.placeholder !== "")
				return widthOf(element.placeholder, element) > room - 12 ? [element.placeholder] : [];
			return [];
		});
		const texts = seen.filter((element) => {
			if (!["LABEL", "SUMMARY", "SPAN", "B", "LI", "CODE"].includes(element.tagName)) return false;
			return element.getBoundingClientRect().right > edge || element.scrollWidth > Math.ceil(element.getBoundingClientRect().width) + 1;
		});
		return {
			cut: [...fields, ...texts.map(({ textContent }) => textContent ?? "")],
			empty: seen.filter((element) => element instanceof HTMLSelectElement && element.selectedIndex === -1).map(({ id }) => id),
			tooWide: Math.max(0, Math.round((tray.querySelector(".red-ui-tray-body")?.getBoundingClientRect().right ?? edge) - edge)),
		};
	});
}
