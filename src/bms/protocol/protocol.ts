import type { DecodeError, FrameError, RejectedError } from "../../errors.ts";
import type { ParameterGroupKey, ParameterValues } from "../battery/parameters.ts";
import type { AnyReading, PackSelector, Reading, ReadingOf, SparseReading } from "../battery/readings.ts";
import type { ClockTime, InverterProtocol, StoredRecord } from "../battery/stored-record.ts";
import type { SwitchKey } from "../battery/switches.ts";

/** What a framer found in the bytes so far. */
export type FramerEvent =
	| { readonly type: "frame"; readonly bytes: Uint8Array }
	/** Bytes that belong to no frame, thrown away. */
	| { readonly type: "junk"; readonly bytes: Uint8Array };

/** Turns chunks into frames by their marks and lengths. Never throws; bounded; knows no time. */
export interface Framer {
	push(chunk: Uint8Array): readonly FramerEvent[];
	/** Gives up what is pending (silence on the line): returned as junk. */
	flush(): readonly FramerEvent[];
	/** Bytes held of a frame that is not complete. */
	readonly pending: number;
}

/** What a frame is to the exchange in flight. */
export type Acceptance<T> =
	| { readonly kind: "reply"; readonly value: T }
	/** The battery answered with a return code. */
	| { readonly kind: "rejected"; readonly error: RejectedError }
	/** It is (or may be) the answer, but damaged or not readable. */
	| { readonly kind: "bad"; readonly error: FrameError | DecodeError }
	/** Our own request came back (adapter echo). */
	| { readonly kind: "echo" }
	/** A sound frame that does not belong to this request (late answer, other address, second master). */
	| { readonly kind: "foreign"; readonly reason: string };

/** One request with the rule that recognises its reply. */
export interface Exchange<T = unknown> {
	/** In the user's words: "alarms of all packs". */
	readonly label: string;
	readonly request: Uint8Array;
	accept(frame: Uint8Array): Acceptance<T>;
}

/** What a pack said beside its values: the address that it answered with (its DIP switches, where the protocol tells). */
export interface Answered<T> {
	readonly repliedBy: number;
	readonly value: T;
}

/** Groups that are read together. */
export interface ParameterSet {
	readonly groups: readonly ParameterGroupKey[];
	read(address: number): Exchange<Answered<ParameterValues>>;
}

/**
 * What can be asked of and done to one pack beyond polling; what a protocol cannot is left out. Nothing here decides
 * whether it may be done: that is the command module's, and nobody else sends these.
 */
export interface PackAccess {
	/** The groups of parameters this protocol can read and write; a firmware may refuse one (`unknown-command`): it has not got it. */
	readonly parameterGroups: readonly ParameterGroupKey[];
	/**
	 * What must be asked, and answered, before anything is written: it proves that the other side is what this protocol
	 * takes it for. Left out where every reply proves it.
	 */
	proofs?(address: number): readonly Exchange<Answered<null>>[];
	/** A group as the pack has it, with what is read together with it; a firmware's shorter form leaves parameters out. */
	parameters(address: number, group: ParameterGroupKey): Exchange<Answered<ParameterValues>>;
	/**
	 * Groups that one request reads together, where there are such. A firmware that has not got all of a set refuses it, or
	 * tells what cannot be: then its groups are asked for one by one.
	 */
	readonly parameterSets?: readonly ParameterSet[];
	/**
	 * `values`: everything that `parameters` has just told of this group, with what changes; that decides the form that is
	 * written. Throws RangeError for what the wire cannot carry exactly.
	 */
	setParameters(address: number, group: ParameterGroupKey, values: ParameterValues): Exchange<Answered<null>>;
	/** 0 = newest; null past the end. */
	record?(address: number, index: number): Exchange<Answered<StoredRecord | null>>;
	readonly switches: readonly SwitchKey[];
	setSwitch?(address: number, key: SwitchKey, on: boolean): Exchange<Answered<null>>;
	setClock?(address: number, time: ClockTime): Exchange<Answered<null>>;
	/** Puts the pack to sleep. */
	shutDown?(address: number): Exchange<Answered<null>>;
	restoreDefaults?(address: number): Exchange<Answered<null>>;
	clearRecords?(address: number): Exchange<Answered<null>>;
	inverterProtocol?(address: number): Exchange<Answered<InverterProtocol>>;
	setInverterProtocol?(address: number, wanted: InverterProtocol): Exchange<Answered<null>>;
}

/** Reads a protocol can do; what it cannot is undefined. */
export interface Protocol {
	readonly name: string;
	createFramer(): Framer;
	/** `address`: ADR to send, normally the cabled pack's. */
	telemetry(address: number, selector: PackSelector): Exchange<ReadingOf<"telemetry">>;
	status(address: number, selector: PackSelector): Exchange<ReadingOf<"status">>;
	packCount(address: number): Exchange<ReadingOf<"packCount">>;
	version(address: number): Exchange<ReadingOf<"version">>;
	serials(address: number): Exchange<ReadingOf<"serials">>;
	capacity(address: number): Exchange<ReadingOf<"capacity">>;
	clock(address: number): Exchange<ReadingOf<"clock">>;
	/** Reaches the pack with the cable only, whatever address is sent (rs232-v25 §4). */
	readonly access?: PackAccess;
}

/** What a request told: readings, or a part that the way's next request needs to make readings of. */
export interface LiveAnswer {
	readonly readings: readonly AnyReading[];
	readonly part?: unknown;
}

/** A way to read measurements and alarms of one moment: its next request, given the parts that those before have told. */
export type LiveWay = (address: number, parts: readonly unknown[]) => Exchange<LiveAnswer>;

/**
 * A protocol in which every pack answers for itself, at its own address (RS485). What it cannot ask is left out.
 * `address` is the pack's: its DIP switch, or what its firmware makes of it.
 */
export interface PackProtocol {
	readonly name: string;
	createFramer(): Framer;
	telemetry(address: number): Exchange<SparseReading>;
	status(address: number): Exchange<ReadingOf<"status">>;
	/**
	 * Where one request tells both: ways to ask it, the best first; a pack that refuses one is asked in the next. What the
	 * last one asks for every pack has: refused, it is another maker's map (DecodeError `foreign-map`).
	 */
	readonly liveWays?: readonly LiveWay[];
	version?(address: number): Exchange<ReadingOf<"version">>;
	serials?(address: number): Exchange<ReadingOf<"serials">>;
	capacity?(address: number): Exchange<ReadingOf<"capacity">>;
	clock?(address: number): Exchange<ReadingOf<"clock">>;
	/** Reaches the pack with that address. */
	readonly access?: PackAccess;
}

export type { Reading };
