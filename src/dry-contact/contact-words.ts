import { CONTACTS, type ContactKey, type ContactPosition } from "../bms/battery/contact.ts";

const nameOf = (contact: ContactKey, pack: number | null) =>
	`${CONTACTS[contact].label} ${CONTACTS[contact].terminals} ${pack === null ? "of the bank" : `of pack ${pack}`}`;

/** What it may mean that model and wire differ, and what to look at. */
export function mismatchText(contact: ContactKey, pack: number | null, wired: ContactPosition): string {
	const name = nameOf(contact, pack);
	if (wired === "open") {
		return `${name}: by the battery's alarms it should be closed, but the wire says open. Is the wire broken, loose or on other terminals, is the input inverted, or does the list hold conditions that this battery's contact does not follow?`;
	}
	return `${name}: the wire says closed, but by the battery's alarms it should be open. Is the wire shorted or on other terminals, is the input inverted, or does this battery's contact follow conditions that are not in the list?`;
}

/** Why a contact cannot be told by message. */
export function noInputText(contact: ContactKey): string {
	return `${CONTACTS[contact].label} has no wired input by message: in the bank's dry contact settings choose the source wired or both, and the input message.`;
}
