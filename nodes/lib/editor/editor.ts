/**
 * What the editor parts of several nodes share. The build writes it into the editor part of each node that asks for it
 * (`// shared: editor.ts`), so it imports nothing, and needs nothing but the browser's and jQuery.
 * Only what runs after registering may use it: tools read a node's properties from its editor part as it stands.
 */

/** Whether nothing was entered. */
export function isEmpty(value: unknown): boolean {
	return value === "" || value === undefined || value === null;
}

/** Whether a number from min to max was entered (both included); nothing at all stands for the default, and is right. */
export function isNumberOf(value: unknown, min: number, max: number, isWhole: boolean): boolean {
	if (isEmpty(value)) return true;
	const entered = Number(value);
	return Number.isFinite(entered) && entered >= min && entered <= max && (!isWhole || Number.isInteger(entered));
}

/** Shows of those parts of the form the ones whose attribute names what is chosen (one value, or several with spaces between), now and at each change. */
export function showChosen(choice: JQuery, parts: string, attribute: string): void {
	const show = () => {
		for (const part of $(parts)) {
			const values = ($(part).attr(attribute) ?? "").split(" ");
			$(part).toggle(values.includes(String(choice.val())));
		}
	};
	choice.on("change", show);
	show();
}

/** A node as the editor has it. */
interface EditedNode {
	readonly _def: { readonly defaults: Readonly<Record<string, { readonly value: unknown; readonly type?: string }>> };
	readonly [setting: string]: unknown;
}

/**
 * Shows the default of every setting that a node of an older flow does not have yet: left empty, a choice would be saved
 * as nothing at all, and a tick as no. `inputs` is what the ids of the form's inputs begin with.
 */
export function showMissing(node: EditedNode, inputs: string): void {
	for (const [setting, { value, type }] of Object.entries(node._def.defaults)) {
		// Of nodes that can be chosen (they have a type) Node-RED fills the list.
		if (type !== undefined || node[setting] !== undefined) continue;
		const input = $(`#${inputs}${setting}`);
		if (input.is(":checkbox")) input.prop("checked", value === true);
		else input.val(String(value));
	}
}

/** Of the two tips about the server's own battery or broker, shows the one that is true here. */
export function showServerTip(hasServer: boolean): void {
	$(".rack-battery-has-server").toggle(hasServer);
	$(".rack-battery-no-server").toggle(!hasServer);
}
