import type { BankSnapshot } from "../bms/battery/snapshot.ts";
import { type Language, say } from "../languages.ts";
import { conditionKind, conditionName } from "../words/condition-words.ts";
import { measuredWords, originWord, partWords, placeWords, quantityWords } from "../words/place-words.ts";
import { familyRow } from "./families.ts";
import type { Detail, DigestLine, Notice, Sighting } from "./issue.ts";
import type { ToLocalTime } from "./local-time.ts";
import { FAMILY_NAMES, KIND_NAMES, SENTENCES, SEVERITY_NAMES, TITLE, WHAT } from "./notice-texts.ts";
import { lengthWords, timeWords } from "./time-words.ts";

/** What the words are made with. */
export interface Wording {
	readonly language: Language;
	readonly snapshot: BankSnapshot;
	readonly toLocalTime: ToLocalTime;
	/** What is switched off now, in words; null when nothing is or nobody said. */
	readonly shed: string | null;
	/** How long the battery lasts, in words; null when nobody said lately. */
	readonly timeLeft: string | null;
}

/** A notice in words. */
export interface Words {
	readonly title: string;
	/** One sentence. */
	readonly sentence: string;
	/** What helps to judge it, each a sentence. */
	readonly facts: readonly string[];
}

function marked(text: string, { snapshot, language }: Wording): string {
	const mark = originWord(snapshot.origin, language);
	return mark === "" ? text : `${text} [${mark}]`;
}

/** "cell 7: 3.651 V, limit 3.6 V"; what is not known is left out. */
function where({ cell, probe, value, unit, limit }: Detail, language: Language): string {
	const place = cell !== null ? partWords("cell", cell, language) : probe !== null ? partWords("probe", probe, language) : "";
	const measured = value === null ? "" : measuredWords({ value, unit, limit }, language);
	if (place !== "" && measured !== "") return say(SENTENCES.measured, language, { place, value: measured });
	return place || measured;
}

function detailWords(detail: Detail, language: Language): string {
	const place = where(detail, language);
	return say(SENTENCES.detail, language, {
		kind: conditionKind(detail.key, language),
		name: conditionName(detail.key, language),
		where: place === "" ? "" : say(SENTENCES.where, language, { where: place }),
	});
}

const lowerFirst = (text: string, language: Language) => (language === "en-US" ? text.charAt(0).toLowerCase() + text.slice(1) : text);

/** What is the matter, without place and time. */
function whatWords({ family, details, text, title }: Sighting, language: Language): string {
	if (family === "custom") return text || title || say(FAMILY_NAMES.custom, language);
	if (details.length > 0) return details.map((detail) => detailWords(detail, language)).join("; ");
	if (family === "mismatch") return text ?? say(FAMILY_NAMES.mismatch, language);
	return family in WHAT ? say(WHAT[family as keyof typeof WHAT], language) : lowerFirst(say(FAMILY_NAMES[family], language), language);
}

function nameOf({ family, title }: Sighting, language: Language): string {
	return title !== null && title !== "" ? title : say(FAMILY_NAMES[family], language);
}

function titleOf({ kind, severity, sighting }: Notice, language: Language): string {
	if (kind === "digest") return say(SENTENCES.digest, language);
	if (sighting === null) return say(SENTENCES.test, language);
	const what = nameOf(sighting, language);
	const before = KIND_NAMES[kind] ?? (severity === "info" ? null : SEVERITY_NAMES[severity]);
	return before === null ? what : say(TITLE, language, { before: say(before, language), what });
}

/** TABLE of the sentence of an end, by family, where it has one of its own. */
const ENDS: Readonly<Partial<Record<Sighting["family"], keyof typeof SENTENCES>>> = { link: "linkBack", pack: "packBack" };

function sentenceOf({ kind, at }: Notice, sighting: Sighting, wording: Wording): string {
	const { language, snapshot, toLocalTime } = wording;
	const place = placeWords(snapshot.name, sighting.pack, language);
	const what = whatWords(sighting, language);
	const from = timeWords(sighting.since, at, toLocalTime, language);
	if (kind === "cleared") {
		const to = timeWords(at, at, toLocalTime, language);
		const name = sighting.family === "custom" || sighting.details.length === 0 ? nameOf(sighting, language) : what;
		const values = { place, what: name, from, to, duration: lengthWords(at - sighting.since, language) };
		return say(SENTENCES[ENDS[sighting.family] ?? "cleared"], language, values);
	}
	if (kind === "acknowledged") return say(SENTENCES.acknowledged, language, { place, what: nameOf(sighting, language) });
	if (sighting.family === "custom") return what;
	// Its own words say since when, and end as a sentence.
	if (sighting.family === "mismatch") return `${place}: ${what}`;
	return say(SENTENCES.lasting, language, { place, what, since: from });
}

/** State of charge and power of the bank; null while they are not known. */
function chargeFact({ totals }: BankSnapshot, language: Language): string | null {
	if (totals === null || totals.stale || totals.value.stateOfCharge === null) return null;
	const { stateOfCharge, power, activity } = totals.value;
	const soc = quantityWords(Math.round(stateOfCharge), "%", language);
	if (power === null || activity === null) return say(SENTENCES.chargeOnly, language, { soc });
	const shown = quantityWords(Math.abs(Math.round(power)), "W", language);
	return say(SENTENCES.charge, language, {
		soc,
		power: say(SENTENCES[activity], language, { power: shown }),
	});
}

function factsOf({ kind, at, isOpen }: Notice, sighting: Sighting, wording: Wording): readonly string[] {
	const { language, snapshot, shed, timeLeft } = wording;
	const duration = lengthWords(at - sighting.since, language);
	const age = kind === "repeat" || kind === "escalated" ? [say(SENTENCES[kind], language, { duration })] : [];
	if (!isOpen) return [];
	if (sighting.family === "link")
		return [...age, ...(sighting.text === null ? [] : [say(SENTENCES.reason, language, { text: sighting.text })])];
	const facts = [chargeFact(snapshot, language), shed === null ? null : say(SENTENCES.shed, language, { text: shed }), timeLeft];
	return [...age, ...facts.filter((fact): fact is string => fact !== null && fact !== "")];
}

function lineWords({ sighting, endedAt, times }: DigestLine, at: number, { language, snapshot, toLocalTime }: Wording): string {
	const from = timeWords(sighting.since, at, toLocalTime, language);
	const place = placeWords(snapshot.name, sighting.pack, language);
	const what = whatWords(sighting, language);
	const often = times > 1 ? say(SENTENCES.times, language, { number: times }) : "";
	if (sighting.family === "custom") return say(SENTENCES.lineNote, language, { from, what });
	if (endedAt === null || familyRow(sighting.family).endsQuietly)
		return say(SENTENCES.lineLasting, language, { from, place, what, times: often });
	return say(SENTENCES.lineOver, language, { from, to: timeWords(endedAt, at, toLocalTime, language), place, what, times: often });
}

/** The words of a notice. Simulated and replayed batteries are named as such in title and sentence. */
export function noticeWords(notice: Notice, wording: Wording): Words {
	const { language, snapshot } = wording;
	const title = marked(titleOf(notice, language), wording);
	if (notice.kind === "digest") {
		const lines = notice.lines.map((line) => lineWords(line, notice.at, wording));
		return { title, sentence: marked(lines.length === 0 ? say(SENTENCES.digestNone, language) : snapshot.name, wording), facts: lines };
	}
	if (notice.sighting === null)
		return { title, sentence: marked(say(SENTENCES.testWords, language, { place: snapshot.name }), wording), facts: [] };
	return {
		title,
		sentence: marked(sentenceOf(notice, notice.sighting, wording), wording),
		facts: factsOf(notice, notice.sighting, wording),
	};
}

/** Labels of the buttons. */
export function buttonWords(snoozeMinutes: number, language: Language): Readonly<Record<"acknowledge" | "snooze" | "shed", string>> {
	return {
		acknowledge: say(SENTENCES.acknowledge, language),
		snooze: say(SENTENCES.snooze, language, { duration: lengthWords(snoozeMinutes * 60_000, language) }),
		shed: say(SENTENCES.shedNow, language),
	};
}
