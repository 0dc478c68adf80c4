import type { BankOrigin } from "../bms/battery/snapshot.ts";
import { type Language, say, type Text } from "../languages.ts";

/** TABLE of the parts of a bank, by the number that is on the device. */
const PARTS = {
	pack: { "en-US": "pack {number}", de: "Pack {number}", "zh-CN": "电池包 {number}" },
	cell: { "en-US": "cell {number}", de: "Zelle {number}", "zh-CN": "单体 {number}" },
	probe: { "en-US": "temperature probe {number}", de: "Temperaturfühler {number}", "zh-CN": "温度探头 {number}" },
} as const satisfies Record<string, Text>;

const OF_BANK = { "en-US": "{bank}, {pack}", de: "{bank}, {pack}", "zh-CN": "{bank}，{pack}" } as const satisfies Text;

/** TABLE of the marks that stand wherever numbers of a simulated or replayed battery appear. */
const ORIGINS = {
	simulated: { "en-US": "simulated", de: "simuliert", "zh-CN": "模拟" },
	replayed: { "en-US": "replayed", de: "Aufzeichnung", "zh-CN": "回放" },
} as const satisfies Record<Exclude<BankOrigin, "real">, Text>;

/** "pack 2", "Zelle 7", "温度探头 1"; cells and probes count from 1. */
export function partWords(part: keyof typeof PARTS, number: number, language: Language): string {
	return say(PARTS[part], language, { number });
}

/** The bank by its name, or one pack of it: "Shed, pack 2". */
export function placeWords(bankName: string, pack: number | null, language: Language): string {
	return pack === null ? bankName : say(OF_BANK, language, { bank: bankName, pack: partWords("pack", pack, language) });
}

/** "simulated", "simuliert", "模拟"; empty for a real battery. */
export function originWord(origin: BankOrigin, language: Language): string {
	return origin === "real" ? "" : ORIGINS[origin][language];
}

/** A measured value with its unit as the language writes it: "3.651 V", "3,651 V". */
export function quantityWords(value: number, unit: string | null, language: Language): string {
	const number = language === "de" ? String(value).replace(".", ",") : String(value);
	return unit === null || unit === "" ? number : `${number} ${unit}`;
}

const LIMIT: Text = { "en-US": "{value}, limit {limit}", de: "{value}, Grenze {limit}", "zh-CN": "{value}，限值 {limit}" };

/** A measured value, with the limit it passed where that is known: "3.651 V, limit 3.6 V". */
export function measuredWords(
	{ value, unit, limit }: { readonly value: number; readonly unit: string | null; readonly limit: number | null },
	language: Language,
): string {
	const measured = quantityWords(value, unit, language);
	return limit === null ? measured : say(LIMIT, language, { value: measured, limit: quantityWords(limit, unit, language) });
}
