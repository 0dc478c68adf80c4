import { CONTACTS, type ContactKey, type ContactPosition } from "../bms/battery/contact.ts";
import { contactName, mismatchWords } from "../words/contact-words.ts";

/** What it may mean that model and wire differ, for the log. */
export function mismatchText(contact: ContactKey, pack: number | null, wired: ContactPosition): string {
	return `${contactName(contact, "en-US")} ${pack === null ? "of the bank" : `of pack ${pack}`}: ${mismatchWords(wired, "en-US")}`;
}

/** Why a contact cannot be told by message. */
export function noInputText(contact: ContactKey): string {
	return `${CONTACTS[contact].label} has no wired input by message: in the bank's dry contact settings choose the source wired or both, and the input message.`;
}
