import type { Clock } from "../../clock.ts";
import { BmsError, RejectedError, TransportError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { SparseReading } from "../battery/readings.ts";
import type { LiveWay } from "../protocol/protocol.ts";
import type { Traffic } from "../transport/traffic-ring.ts";
import type { Transport } from "../transport/transport.ts";
import { candidate, dialectOf, RELAYED } from "./candidates.ts";
import {
	type Attempt,
	beginProbe,
	endProbe,
	type FoundPack,
	type Miss,
	nextStep,
	type Outcome,
	type PlanOptions,
	type ProbeState,
	type Step,
	settleStep,
} from "./plan.ts";
import { ProbeLine } from "./probe-line.ts";

/** Told after every step. */
export interface ProbeProgress {
	readonly step: Step;
	readonly outcome: Outcome;
	readonly done: number;
	/** Steps in all, as far as is known now. */
	readonly total: number;
}

export interface ProbeParts {
	readonly plan: PlanOptions;
	/** Longest time for all of it, ms. */
	readonly limitMs: number;
	/** Makes the transport for a speed; not open yet. */
	readonly openAt: (baudRate: number) => Transport;
	readonly clock: Clock;
	readonly logger?: Logger;
	/** Ends it early. */
	readonly signal?: AbortSignal;
	readonly onStep?: (step: Step, state: ProbeState) => void;
	readonly onProgress?: (progress: ProbeProgress) => void;
	readonly onTraffic?: (traffic: Traffic) => void;
}

/** Finds out what is on a line, within bounded time. Never rejects for what the line does; closes it at the end. */
export async function probe(parts: ProbeParts): Promise<ProbeState> {
	const { plan, limitMs, clock, signal = new AbortController().signal, onStep, onProgress } = parts;
	const line = new ProbeLine({ ...parts, signal });
	const deadline = clock.now() + limitMs;
	let state = beginProbe(plan);
	try {
		for (let step = nextStep(state); step !== null; step = nextStep(state)) {
			if (signal.aborted) return endProbe(state, "cancelled");
			if (clock.now() >= deadline) return endProbe(state, "time-up");
			onStep?.(step, state);
			const outcome = await take(line, step);
			if (signal.aborted) return endProbe(state, "cancelled");
			state = settleStep(state, outcome);
			onProgress?.({ step, outcome, done: state.done, total: state.done + state.ahead.length });
		}
		return state;
	} finally {
		await line.close();
	}
}

/** Does one step on the line. */
async function take(line: ProbeLine, step: Step): Promise<Outcome> {
	try {
		return await outcomeOf(line, step);
	} catch (error) {
		if (error instanceof TransportError) return { kind: "line-lost", error };
		if (!(error instanceof BmsError)) throw error;
		return { kind: "missed", miss: missOf(error), hearing: line.ear.hearing() };
	}
}

async function outcomeOf(line: ProbeLine, step: Step): Promise<Outcome> {
	switch (step.kind) {
		case "listen":
			await line.listen(step.baudRate, step.forMs);
			return { kind: "heard", hearing: line.ear.hearing() };
		case "identify":
			return identify(line, step);
		case "count": {
			const { count } = await line.ask(step.protocol, step.baudRate, RELAYED.count(step.address));
			return { kind: "counted", count };
		}
		case "socket":
			return answered(line, await line.ask(step.protocol, step.baudRate, RELAYED.anyone(step.address)), null);
		case "census":
			if (step.relayed) {
				const reading = await line.ask(step.protocol, step.baudRate, RELAYED.pack(1, step.address));
				return answered(line, reading, step.address);
			}
			return answered(line, await measurements(line, step), null);
		case "find":
			return answered(line, await measurements(line, step), null);
	}
}

/** What a pack measures; where it refuses the question, asked in the other ways there are: the last one tells what it is. */
async function measurements(line: ProbeLine, { protocol, baudRate, address }: Attempt): Promise<SparseReading> {
	const { ask, otherWays = [] } = candidate(protocol);
	let question = () => line.ask(protocol, baudRate, ask(address));
	for (const way of otherWays) {
		try {
			return await question();
		} catch (error) {
			if (!(error instanceof RejectedError) || error.code !== "unknown-command") throw error;
		}
		question = () => readWay(line, way, { protocol, baudRate, address });
	}
	return question();
}

/** Asks all requests of a way, one after the other. */
async function readWay(line: ProbeLine, way: LiveWay, { protocol, baudRate, address }: Attempt): Promise<SparseReading> {
	const parts: unknown[] = [];
	for (;;) {
		const { readings, part } = await line.ask(protocol, baudRate, way(address, parts));
		const reading = readings.find((one): one is SparseReading => one.kind === "telemetry");
		if (reading !== undefined) return reading;
		if (part === undefined) throw new RangeError("a way without measurements");
		parts.push(part);
	}
}

function answered(line: ProbeLine, reading: SparseReading, relayedFor: number | null): Outcome {
	const [block] = reading.blocks;
	if (block === undefined || block.absent) return { kind: "missed", miss: "away", hearing: line.ear.hearing() };
	const { voltage, stateOfCharge, cellVoltages } = block.value;
	const pack: FoundPack = {
		address: relayedFor ?? reading.repliedBy,
		voltage,
		stateOfCharge,
		cells: cellVoltages.length,
		dialect: line.lastFrame === null ? null : dialectOf(line.lastFrame),
		version: null,
		serial: null,
	};
	return { kind: "answered", pack };
}

/** What a board does not tell stays unknown: this is no proof that anything is wrong. */
async function identify(line: ProbeLine, { protocol, baudRate, address }: Attempt): Promise<Outcome> {
	const { version, serials } = candidate(protocol);
	const told = await optional(version && line.ask(protocol, baudRate, version(address)));
	const named = await optional(serials && line.ask(protocol, baudRate, serials(address)));
	return { kind: "identified", version: told?.version ?? null, serial: named?.packSerial ?? named?.bmsSerial ?? null };
}

async function optional<T>(answer: Promise<T> | undefined): Promise<T | null> {
	try {
		return (await answer) ?? null;
	} catch (error) {
		if (error instanceof BmsError && !(error instanceof TransportError)) return null;
		throw error;
	}
}

/** TABLE of what failures of a question mean for the search. */
const MISSES: Readonly<Record<string, Miss>> = {
	"no-answer": "silence",
	"echo-only": "echo",
	"foreign-answer": "others",
	"incomplete-answer": "broken",
	version: "other-version",
	chemistry: "other-version",
	"foreign-map": "foreign-map",
};

function missOf({ kind, code }: BmsError): Miss {
	const known = MISSES[code];
	if (known) return known;
	if (kind === "rejected") return "refused";
	return kind === "decode" ? "unreadable" : "garbage";
}
