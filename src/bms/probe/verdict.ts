import { type CandidateName, candidate, dipSwitches } from "./candidates.ts";
import type { Miss, ProbeState } from "./plan.ts";
import type { VerdictCode } from "./verdict-words.ts";

/** What the probe comes to. */
export interface Verdict {
	readonly code: VerdictCode;
	/** What the sentences are filled with. */
	readonly values: Readonly<Record<string, string | number>>;
}

export interface VerdictContext {
	/** As the user wrote it. */
	readonly port: string;
	/** Group that owns the serial port, as far as it is known. */
	readonly group?: string | null;
	/** Program that has the port open, as far as it is known. */
	readonly user?: string | null;
}

/** What the end of a plan means. Pure. */
export function verdictOf(state: ProbeState, context: VerdictContext): Verdict {
	const code = codeOf(state, isGateway(context.port));
	return { code, values: valuesOf(state, context) };
}

/** Whether the battery was found and can be read. */
export function isFound({ found }: Pick<ProbeState, "found">): boolean {
	return found !== null;
}

export function isGateway(port: string): boolean {
	return /^tcp:/i.test(port.trim());
}

/** TABLE of failures to open the line. */
const LINE_CODES: Readonly<Record<string, VerdictCode>> = {
	busy: "port-busy",
	"no-permission": "no-permission",
	"not-found": "port-missing",
	refused: "gateway-refused",
	unreachable: "gateway-unreachable",
	"serial-unavailable": "serial-unavailable",
};

function codeOf(state: ProbeState, gateway: boolean): VerdictCode {
	const { found, ended, error, heard, options } = state;
	if (found) {
		if (found.socket === "rs485-inverter") return "found-on-inverter-socket";
		if (found.socket === "rs485-link") return "found-on-link-socket";
		if (found.address === 0) return "found-standing-alone";
		if (found.address !== 1) return "found-other-pack";
		return found.packs.length < (found.count ?? 0) ? "found-fewer-packs" : "found-main-pack";
	}
	if (ended === "line-lost") {
		const known = LINE_CODES[error?.code ?? ""];
		if (known === "port-missing" && gateway) return "gateway-unknown";
		return known ?? "line-lost";
	}
	if (ended === "heard-master") return "other-master";
	if (ended === "heard-gateway") return heard.kind === "text" ? "console" : "gateway-mode";
	if (options.listenOnly) return heard.kind === "noise" ? "garbage" : "nothing-heard";
	if (ended === "cancelled") return "cancelled";
	return codeOfMisses(state, gateway);
}

/** The strongest hint among all that came back. */
function codeOfMisses({ tried, heard }: ProbeState, gateway: boolean): VerdictCode {
	const misses = tried.flatMap(({ miss }) => (miss === null ? [] : [miss]));
	const has = (...kinds: readonly Miss[]) => misses.some((miss) => kinds.includes(miss));
	const echoes = misses.filter((miss) => miss === "echo").length;
	if (has("foreign-map")) return "foreign-map";
	if (has("refused", "unreadable", "other-version", "away")) return "unreadable";
	if (echoes * 2 > misses.length) return "echo";
	if (has("garbage", "broken") || heard.kind === "noise") return "garbage";
	if (has("others")) return "other-master";
	if (echoes > 0) return "echo";
	return gateway ? "silent-gateway" : "silent-port";
}

function valuesOf(state: ProbeState, { port, group, user }: VerdictContext): Verdict["values"] {
	const { found, error, heard, heardAt } = state;
	const frame = heard.frames[0];
	const addresses = [...new Set(heard.frames.map(({ address }) => address))].sort((a, b) => a - b);
	return {
		port,
		group: group ?? "dialout",
		user: user ? ` (${user})` : "",
		error: error?.message ?? "",
		words: heard.words,
		talk: talkOf(found?.protocol ?? frame?.protocol, isGateway(port) ? null : (found?.baudRate ?? heardAt)),
		packs: found?.packs.length ?? 0,
		count: found?.count ?? "?",
		address: found?.address ?? "?",
		switches: found ? dipSwitches(found.address) : "",
		addresses: addresses.length > 0 ? addresses.join(", ") : "?",
	};
}

/** Protocol and speed; a gateway keeps its speed to itself. */
function talkOf(protocol: CandidateName | undefined, baudRate: number | null): string {
	const label = protocol === undefined ? "?" : candidate(protocol).label;
	return baudRate === null ? label : `${label} (${baudRate} baud)`;
}
