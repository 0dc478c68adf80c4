/**
 * A page as data: views are pure functions that return elements, and `patch` changes the document only where
 * it differs, so that selection, focus and opened details survive twice a second.
 */
export interface VElement {
	readonly tag: string;
	readonly attributes: Readonly<Record<string, string>>;
	/** Lengths and colours that follow from values; set through the style object, which the page's policy allows. */
	readonly style: Readonly<Record<string, string>>;
	readonly children: readonly VNode[];
}
export type VNode = VElement | string;

type Attributes = Readonly<Record<string, string | undefined>> & { readonly style?: never };

/** An element; attributes that are undefined and children that are null are left out. */
export function h(tag: string, attributes: Attributes, ...children: readonly (VNode | readonly VNode[] | null)[]): VElement {
	const given = Object.entries(attributes).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
	return { tag, attributes: Object.fromEntries(given), style: {}, children: children.flat().filter((child) => child !== null) };
}

/** The same element with CSS properties (`--fill`). */
export function styled(element: VElement, style: Readonly<Record<string, string>>): VElement {
	return { ...element, style };
}

/** All text of an element, as a reader hears it. */
export function textOf(node: VNode): string {
	return typeof node === "string" ? node : node.children.map(textOf).join(" ");
}

const SVG_TAGS = new Set(["svg", "circle", "path"]);

function create(node: VNode): Node {
	if (typeof node === "string") return document.createTextNode(node);
	const element = SVG_TAGS.has(node.tag)
		? document.createElementNS("http://www.w3.org/2000/svg", node.tag)
		: document.createElement(node.tag);
	update(element, node);
	return element;
}

function update(element: HTMLElement | SVGElement, node: VElement): void {
	for (const { name } of [...element.attributes]) {
		// `open` is the reader's own doing, `style` is set below.
		if (!(name in node.attributes) && name !== "open" && name !== "style") element.removeAttribute(name);
	}
	for (const [name, value] of Object.entries(node.attributes)) {
		if (element.getAttribute(name) !== value) element.setAttribute(name, value);
	}
	for (const [name, value] of Object.entries(node.style)) {
		if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
	}
	patch(element, node.children);
}

function isSame(existing: Node, node: VNode): boolean {
	return typeof node === "string" ? existing instanceof Text : existing instanceof Element && existing.localName === node.tag;
}

/** Makes the children of an element what they should be, keeping what is right already. */
export function patch(parent: Element, children: readonly VNode[]): void {
	children.forEach((node, index) => {
		const existing = parent.childNodes[index];
		if (existing === undefined) parent.append(create(node));
		else if (!isSame(existing, node)) existing.replaceWith(create(node));
		else if (typeof node === "string") {
			if (existing.nodeValue !== node) existing.nodeValue = node;
		} else if (existing instanceof HTMLElement || existing instanceof SVGElement) update(existing, node);
	});
	while (parent.childNodes.length > children.length) parent.lastChild?.remove();
}
