import type { Language } from "../../languages.ts";
import { candidate, dipSwitches, type SettingName } from "./candidates.ts";
import type { Hearing } from "./hearing.ts";
import { type Attempt, type Ended, type Miss, type ProbeState, type Socket, settingOf } from "./plan.ts";
import { isGateway, type VerdictContext, verdictOf } from "./verdict.ts";
import { type VerdictCode, verdictWords } from "./verdict-words.ts";

/** What a probe found, for people and programs (docs/probe.md). */
export interface ProbeReport {
	readonly port: string;
	readonly found: boolean;
	readonly verdict: VerdictCode;
	/** What it is, in one sentence, and what to do about it. */
	readonly summary: string;
	readonly advice: readonly string[];
	/** As the bank's setting names it. */
	readonly protocol: SettingName | null;
	readonly protocolLabel: string | null;
	/** null behind a gateway, which keeps its own. */
	readonly baudRate: number | null;
	readonly socket: Socket | null;
	/** Packs that answered, by rising DIP address. */
	readonly packs: readonly {
		readonly address: number;
		/** DIP switches 1 to 4, ■ on, □ off. */
		readonly switches: string;
		readonly voltage: number;
		readonly stateOfCharge: number | null;
		readonly cells: number;
		readonly version: string | null;
		readonly serial: string | null;
	}[];
	/** Packs the main pack counts; null where it does not say. */
	readonly count: number | null;
	/** What was on the line before anything was asked. */
	readonly heard: Hearing;
	/** Every question that would have proved something, with how it ended. */
	readonly tried: readonly (Attempt & { readonly result: Miss | "answered" })[];
	/** Why it ended before all that was planned was done; null when all was done. */
	readonly ended: Ended | null;
	/** Settings of the bank that read it; null when nothing was found. */
	readonly settings: Readonly<Record<string, string | number>> | null;
	/** The command that starts the server with them. */
	readonly command: string | null;
}

/** The end of a probe as a report. */
export function reportOf(state: ProbeState, context: VerdictContext, language: Language = "en-US"): ProbeReport {
	const { found, heard, tried, ended } = state;
	const { port } = context;
	const verdict = verdictOf(state, context);
	const { summary, advice } = verdictWords(verdict, language, ended === "time-up");
	const settings = settingsOf(state, port);
	return {
		port,
		found: found !== null,
		verdict: verdict.code,
		summary,
		advice,
		protocol: found ? settingOf(found) : null,
		protocolLabel: found ? candidate(found.protocol).label : null,
		baudRate: found && !isGateway(port) ? found.baudRate : null,
		socket: found?.socket ?? null,
		packs: (found?.packs ?? []).map(({ dialect: _, ...pack }) => ({ ...pack, switches: dipSwitches(pack.address) })),
		count: found?.count ?? null,
		heard,
		tried: tried.map(({ attempt, miss }) => ({ ...attempt, result: miss ?? "answered" })),
		ended,
		settings,
		command: settings === null ? null : commandOf(settings),
	};
}

function settingsOf({ found }: ProbeState, port: string): ProbeReport["settings"] {
	if (!found) return null;
	const speed = isGateway(port) || found.baudRate === 9600 ? {} : { "bank.baudRate": found.baudRate };
	return { "bank.port": port, "bank.protocol": settingOf(found), ...speed };
}

function commandOf(settings: Readonly<Record<string, string | number>>): string {
	const { "bank.port": port = "", ...others } = settings;
	const given = Object.entries(others).map(([name, value]) => ` --set ${name}=${value}`);
	return `npm start -- --port ${quoted(String(port))}${given.join("")}`;
}

function quoted(text: string): string {
	return /^[\w./:@-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}
