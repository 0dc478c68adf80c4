import { LANGUAGES, type Language } from "../../src/index.ts";
import { type Input, oneOf } from "./inputs.ts";

/** `auto`: the language Node-RED itself runs in. */
export const LANGUAGE_CHOICES = ["auto", ...LANGUAGES] as const;
export type LanguageChoice = (typeof LANGUAGE_CHOICES)[number];

/** The language of sentences, for the input tables of the nodes whose messages hold some. */
export const LANGUAGE_INPUT: Input<LanguageChoice> = {
	message: "language",
	config: "language",
	default: "auto",
	read: oneOf(LANGUAGE_CHOICES),
};

/** Entry of a node's catalogue that names the catalogue's language. */
const CATALOGUE_LANGUAGE = "rack-battery.language";

/**
 * The language to write sentences in. Node-RED does not say which language it runs in (its `lang` setting, or that
 * of the machine), but it translates: so each catalogue names its own language. English where none is named.
 */
export function languageOf(choice: LanguageChoice, RED: { _(key: string): string }): Language {
	const wanted = choice === "auto" ? RED._(CATALOGUE_LANGUAGE) : choice;
	return LANGUAGES.find((language) => language === wanted) ?? "en-US";
}
