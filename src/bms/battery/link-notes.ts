/** TABLE of what is noticed on a line without being a fault: words for people, what it means for the reading. */
export const LINK_NOTES = {
	secondMaster: {
		label: "second master",
		words:
			"Another device asks questions on this line (inverter, display or another program). We wait until it is quiet, so the reading is slower.",
	},
	echo: {
		label: "echo",
		words: "The adapter sends our own questions back (echo). They are recognised and left out; nothing needs to be done.",
	},
	slowed: { label: "slowed down", words: "Answers were missing, so questions are asked less often until the line is well again." },
} as const satisfies Record<string, { readonly label: string; readonly words: string }>;

export type LinkNote = keyof typeof LINK_NOTES;
export const LINK_NOTE_KEYS = Object.keys(LINK_NOTES) as readonly LinkNote[];
