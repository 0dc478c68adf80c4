/** The languages of labels, help and messages. */
export const LANGUAGES = ["en-US", "de", "zh-CN"] as const;
export type Language = (typeof LANGUAGES)[number];

/** One sentence in every language; `{name}` stands for a value. */
export type Text = Readonly<Record<Language, string>>;

/** What is put into a sentence. */
export type TextValues = Readonly<Record<string, string | number>>;

/** A sentence in one language with its values. Throws when a value is missing: a text with a hole helps nobody. */
export function say(text: Text, language: Language, values: TextValues = {}): string {
	return text[language].replace(/\{(\w+)\}/g, (_all, name: string) => {
		const value = values[name];
		if (value === undefined) throw new Error(`the text "${text["en-US"]}" needs a value for ${name}`);
		return String(value);
	});
}
