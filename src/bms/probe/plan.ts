import type { TransportError } from "../../errors.ts";
import type { DialectName } from "../protocol/ascii20/dialects.ts";
import { CANDIDATE_NAMES, type CandidateName, candidate, type SettingName } from "./candidates.ts";
import { begunCensus, settleFound } from "./census.ts";
import { type Hearing, NOTHING_HEARD } from "./hearing.ts";

/**
 * What to try next on a line of which nothing is known, and what follows from what came back. Pure: the line and the
 * clock are outside.
 */

/** One question that would prove a protocol, a speed and an address. */
export interface Attempt {
	readonly protocol: CandidateName;
	readonly baudRate: number;
	readonly address: number;
}

export type Step =
	/** Sends nothing. */
	| { readonly kind: "listen"; readonly baudRate: number; readonly forMs: number }
	| ({ readonly kind: "find" } & Attempt)
	/** Who else is there: at its own address, or through the main pack when `relayed`; `again`: a second time. */
	| ({ readonly kind: "census"; readonly relayed: boolean; readonly again?: true } & Attempt)
	/** Does a pack look at the address at all? RS232 does not, RS485 does. */
	| ({ readonly kind: "socket" } & Attempt)
	| ({ readonly kind: "count" } & Attempt)
	| ({ readonly kind: "identify" } & Attempt);

/** A pack that answered. */
export interface FoundPack {
	readonly address: number;
	readonly voltage: number;
	readonly stateOfCharge: number | null;
	readonly cells: number;
	/** Of version 20h: which dialect it answers in; null for other protocols. */
	readonly dialect: DialectName | null;
	readonly version: string | null;
	readonly serial: string | null;
}

/** Which socket of the battery the cable seems to be in. */
export type Socket = "rs232" | "rs485-inverter" | "rs485-link" | "unknown";

export interface Found {
	readonly protocol: CandidateName;
	readonly baudRate: number;
	/** The pack that answered first. */
	readonly address: number;
	readonly socket: Socket;
	/** Packs the main pack counts; null where it does not say. */
	readonly count: number | null;
	readonly packs: readonly FoundPack[];
}

/** How a question ended that was not answered as hoped. */
export type Miss =
	| "silence"
	/** Only our own question came back. */
	| "echo"
	/** Bytes that are no frame. */
	| "garbage"
	/** An answer began and broke off. */
	| "broken"
	/** Sound frames that belong to other questions. */
	| "others"
	/** A sound answer of the protocol: no. */
	| "refused"
	/** A sound answer of the protocol that cannot be read. */
	| "unreadable"
	/** A sound ASCII frame of another version. */
	| "other-version"
	/** Modbus whose registers are not ours. */
	| "foreign-map"
	/** A block of zeros: that pack is away. */
	| "away";

export type Outcome =
	| { readonly kind: "heard"; readonly hearing: Hearing }
	| { readonly kind: "answered"; readonly pack: FoundPack }
	| { readonly kind: "counted"; readonly count: number | null }
	| { readonly kind: "identified"; readonly version: string | null; readonly serial: string | null }
	| { readonly kind: "missed"; readonly miss: Miss; readonly hearing: Hearing }
	/** The line could not be opened, or went away. */
	| { readonly kind: "line-lost"; readonly error: TransportError };

export interface Tried {
	readonly attempt: Attempt;
	readonly miss: Miss | null;
}

/** Why the plan ended before its last step. */
export type Ended = "line-lost" | "heard-master" | "heard-gateway" | "time-up" | "cancelled";

export interface PlanOptions {
	/** Speeds to try, the most likely first; one for a gateway, which keeps its own. */
	readonly baudRates: readonly number[];
	readonly protocols: readonly CandidateName[];
	readonly listenOnly: boolean;
	readonly listenMs: number;
}

export interface ProbeState {
	readonly options: PlanOptions;
	readonly ahead: readonly Step[];
	readonly done: number;
	readonly heard: Hearing;
	/** Speed at which it was heard. */
	readonly heardAt: number | null;
	readonly tried: readonly Tried[];
	readonly found: Found | null;
	readonly ended: Ended | null;
	readonly error: TransportError | null;
}

/** Speeds of the boards: PACE 9600, Pylontech 115200 (rs485-v20 §2), 19200 at one integrator's (modbus-rtu §1). */
export const SPEEDS: readonly number[] = [9600, 115200, 19200];
/** How long a line is listened to before anything is sent, ms. */
export const LISTEN_MS = 2_000;
/** Listening at further speeds, when the first brought noise, ms. */
const LISTEN_AGAIN_MS = 1_000;
/** Addresses of each protocol in the first, quick round. */
const QUICK_ADDRESSES: Readonly<Record<CandidateName, number>> = {
	"ascii-0x25": 1,
	"modbus-rtu": 1,
	"ascii-0x20": 2,
	"ascii-0x20-eg4": 1,
};
/** What boards speak at which speed: other pairs come last. */
const USUAL: Readonly<Record<number, readonly CandidateName[]>> = {
	9600: CANDIDATE_NAMES,
	115200: ["ascii-0x20"],
	19200: ["modbus-rtu"],
};

export const DEFAULT_PLAN: PlanOptions = { baudRates: SPEEDS, protocols: CANDIDATE_NAMES, listenOnly: false, listenMs: LISTEN_MS };

/** The plan before anything was heard. */
export function beginProbe(options: PlanOptions): ProbeState {
	const [first = 9600] = options.baudRates;
	const listen: Step = { kind: "listen", baudRate: first, forMs: options.listenMs };
	const ahead = options.listenOnly ? [listen] : [listen, ...questions(options)];
	return { options, ahead, done: 0, heard: NOTHING_HEARD, heardAt: null, tried: [], found: null, ended: null, error: null };
}

/** What to do now; null when it is over. */
export function nextStep(state: ProbeState): Step | null {
	return state.ended === null ? (state.ahead[0] ?? null) : null;
}

/** Ends the plan where it is. */
export function endProbe(state: ProbeState, why: "time-up" | "cancelled"): ProbeState {
	return nextStep(state) === null ? state : { ...state, ended: why };
}

/** What follows from the outcome of the step at hand. */
export function settleStep(state: ProbeState, outcome: Outcome): ProbeState {
	const step = nextStep(state);
	if (step === null) return state;
	const after: ProbeState = { ...state, ahead: state.ahead.slice(1), done: state.done + 1 };
	if (outcome.kind === "line-lost") return { ...after, ended: "line-lost", error: outcome.error };
	if (step.kind === "listen") return outcome.kind === "heard" ? settleListening(after, step.baudRate, outcome.hearing) : after;
	if (step.kind === "find") return settleFind(after, step, outcome);
	return after.found === null ? after : settleFound(after, after.found, step, outcome);
}

/** Every question worth asking: quick ones at all speeds first, then the first again (a pack may just have woken), then all addresses. */
function questions({ baudRates, protocols }: PlanOptions): readonly Step[] {
	const pairs = baudRates.flatMap((baudRate) => protocols.map((protocol) => ({ baudRate, protocol })));
	const usual = pairs.filter((pair) => isUsual(pair, baudRates));
	const unusual = pairs.filter((pair) => !isUsual(pair, baudRates));
	const quick = [...usual, ...unusual].flatMap((pair) =>
		candidate(pair.protocol)
			.addresses.slice(0, QUICK_ADDRESSES[pair.protocol])
			.map((address) => find(pair, address)),
	);
	const thorough = usual.flatMap((pair) =>
		candidate(pair.protocol)
			.addresses.slice(QUICK_ADDRESSES[pair.protocol])
			.map((address) => find(pair, address)),
	);
	return [...quick, ...quick.slice(0, 1), ...thorough];
}

function isUsual({ baudRate, protocol }: Omit<Attempt, "address">, baudRates: readonly number[]): boolean {
	return baudRates.length === 1 || (USUAL[baudRate]?.includes(protocol) ?? false);
}

const find = (pair: Omit<Attempt, "address">, address: number): Step => ({ kind: "find", ...pair, address });

function settleListening(state: ProbeState, baudRate: number, hearing: Hearing): ProbeState {
	const isBetter = state.heardAt === null || hearing.kind === "frames";
	const told = isBetter ? { ...state, heard: hearing, heardAt: baudRate } : state;
	if (hearing.kind === "frames") return { ...told, ended: "heard-master" };
	if (hearing.kind === "telnet" || hearing.kind === "web" || hearing.kind === "text") return { ...told, ended: "heard-gateway" };
	if (hearing.kind === "silence" || state.heardAt !== null) return told;
	// Whoever talks may be understood at another speed.
	const again = state.options.baudRates
		.filter((other) => other !== baudRate)
		.map((other): Step => ({ kind: "listen", baudRate: other, forMs: LISTEN_AGAIN_MS }));
	return { ...told, ahead: [...again, ...told.ahead] };
}

function settleFind(state: ProbeState, step: Attempt & { kind: "find" }, outcome: Outcome): ProbeState {
	const { protocol, baudRate, address } = step;
	const attempt: Attempt = { protocol, baudRate, address };
	if (outcome.kind === "answered")
		return begunCensus({ ...state, tried: [...state.tried, { attempt, miss: null }] }, attempt, outcome.pack);
	if (outcome.kind !== "missed") return state;
	const told: ProbeState = { ...state, tried: [...state.tried, { attempt, miss: outcome.miss }] };
	if (outcome.hearing.kind === "telnet" || outcome.hearing.kind === "web") {
		return { ...told, heard: outcome.hearing, heardAt: baudRate, ended: "heard-gateway" };
	}
	// It talks Modbus, though not about what we know: no other protocol is on that socket.
	if (outcome.miss === "foreign-map") return { ...told, ahead: [] };
	// Something answers, but not at this speed.
	if (outcome.miss === "garbage") return { ...told, ahead: postponed(told.ahead, baudRate) };
	return told;
}

/** The questions at one speed behind those of the others. */
function postponed(ahead: readonly Step[], baudRate: number): readonly Step[] {
	return [...ahead.filter((step) => step.baudRate !== baudRate), ...ahead.filter((step) => step.baudRate === baudRate)];
}

/** What the bank's setting must name to read what was found. */
export function settingOf({ protocol, socket, packs }: Found): SettingName {
	if (protocol === "modbus-rtu") return protocol;
	if (protocol === "ascii-0x25") return socket === "rs485-link" ? "ascii-0x25-rs485" : protocol;
	return `ascii-0x20-${packs[0]?.dialect ?? "pylontech"}`;
}
