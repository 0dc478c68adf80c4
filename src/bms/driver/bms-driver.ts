import type { Clock } from "../../clock.ts";
import { CommandError, type LineError, messageOf, TransportError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { LinkSnapshot } from "../battery/snapshot.ts";
import type { BatteryStore } from "../battery/store-interface.ts";
import { backoffMs } from "../bus/backoff.ts";
import type { RequestOptions } from "../bus/job.ts";
import type { BankSettings } from "../options.ts";
import type { Exchange } from "../protocol/protocol.ts";
import type { LineProtocol } from "../protocol/protocols.ts";
import type { Transport } from "../transport/transport.ts";
import { type Asked, type BankPoller, isTriedOtherwise } from "./bank-poller.ts";
import { CLOSED, type Connection, type ConnectionInput, linkStateOf, nextConnection } from "./connection.ts";
import { createPoller } from "./create-poller.ts";
import { LineWatch } from "./line-watch.ts";
import { isLineError, likelyCause, packMissing } from "./link-words.ts";
import { type OpenLine, openLine } from "./open-line.ts";
import { pause } from "./pause.ts";
import { packAsked } from "./question.ts";
import { ReplyAddressCheck } from "./reply-address.ts";
import { SILENT_PAUSE_MS, silentReopenMs } from "./silence.ts";
import { drowsinessOf, isSleepExpected, probePauseMs, slowPauseMs, staysAsleep, WIDE_AWAKE, watchSleep } from "./sleep-guard.ts";

/** Bytes on the line end the rest of a sleeping battery, but not within this time, ms: others may talk on it all the time. */
const LEAST_SLEEP_MS = 60_000;
/** Questions of one look at a sleeping battery: the first may only wake it. */
const WAKING_QUESTIONS = 3;
/** Good answers in a row after which the last trouble is over. */
const ANSWERS_UNTIL_WELL = 10;
/** Longest time for closing the line, ms. */
const CLOSE_LIMIT_MS = 1_500;

export interface DriverParts {
	readonly transport: Transport;
	readonly line: LineProtocol;
	readonly store: BatteryStore;
	readonly settings: BankSettings;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Random number in 0..1, for the jitter of the back-off. */
	readonly random: () => number;
}

type Problem = NonNullable<LinkSnapshot["problem"]>;

/**
 * Reads one bank for ever: opens the line, finds out who is there, polls, opens again when the line is lost or
 * silent. Everything it finds out goes into the store.
 */
export class BmsDriver {
	readonly #parts: DriverParts;
	readonly #poller: BankPoller;
	readonly #closing = new AbortController();
	#connection: Connection = CLOSED;
	readonly #watch: LineWatch;
	readonly #replyAddress = new ReplyAddressCheck();
	#guard = WIDE_AWAKE;
	/** Aborts when something is heard. */
	#heard = new AbortController();
	#problem: Problem | null = null;
	/** Code of the trouble that was logged last. */
	#told: Problem["code"] | null = null;
	#answersInRow = 0;
	#running: Promise<void> | null = null;
	/** Withdraws the question that waits. */
	#hush = new AbortController();
	/** While it is open. */
	#line: OpenLine | null = null;

	constructor(parts: DriverParts) {
		this.#parts = parts;
		this.#watch = new LineWatch(() => parts.clock.now());
		this.#poller = createPoller(parts);
	}

	/** Begins; does nothing when it has begun already. */
	start(): void {
		this.#running ??= this.#run().catch((error: unknown) => this.#parts.logger.error(`the reading ended: ${messageOf(error)}`));
	}

	/** Puts a question between the polls; rejects with a LineError, or a CommandError while the line is not open. */
	ask<T>(exchange: Exchange<T>, options: RequestOptions): Promise<T> {
		const { port } = this.#parts.transport;
		return (
			this.#line?.bus.request(exchange, options) ?? Promise.reject(new CommandError("not-connected", `The line on ${port} is not open.`))
		);
	}

	/** A pack was told to sleep: asked over RS232 it would wake, so nothing is; on RS485 the others are read on. */
	letSleepNow(pack: number): void {
		const { store, settings, clock } = this.#parts;
		if (!settings.sleepGuard || this.#connection.phase !== "online" || !staysAsleep(store.snapshot, pack)) return;
		this.#hush.abort();
		this.#hush = new AbortController();
		const until = clock.now() + probePauseMs(settings.sleepProbeMinutes, store.snapshot.cabledPack !== null);
		if (!this.#poller.letSleep(pack, until)) this.#fallAsleep();
	}

	/** Stops within bounded time; leaves no timer and no open line. Never rejects. */
	async close(): Promise<void> {
		if (!this.#closing.signal.aborted) {
			this.#closing.abort();
			const limit = new AbortController();
			await Promise.race([
				Promise.all([this.#parts.transport.close(), this.#running]),
				pause(this.#parts.clock, CLOSE_LIMIT_MS, limit.signal),
			]);
			limit.abort();
			this.#problem = null;
			this.#move({ type: "close" });
		}
	}

	/** Never rejects: trouble nobody thought of is told and tried again like a lost line. */
	async #run(): Promise<void> {
		while (!this.#closing.signal.aborted) {
			try {
				await this.#live();
			} catch (error) {
				const isTransport = error instanceof TransportError;
				if (!isTransport) this.#parts.logger.error(`unexpected trouble: ${error instanceof Error ? error.stack : messageOf(error)}`);
				this.#lose(isTransport ? error : new TransportError("failed", `Unexpected trouble: ${messageOf(error)}.`));
			}
			if (this.#connection.phase !== "lost") continue;
			await pause(this.#parts.clock, backoffMs(this.#connection.failedOpenings, this.#parts.random()), this.#closing.signal);
		}
	}

	/** One life of the line, from opening it to its end. Rejects with the TransportError that ended it. */
	async #live(): Promise<void> {
		this.#move({ type: "open" });
		const line = await openLine({
			...this.#parts,
			protocol: this.#parts.line.protocol,
			onEvent: (event) => this.#watch.onEvent(event),
			pace: () => this.#watch.pace,
			onHeard: () => this.#heard.abort(),
		});
		// Closing must not wait for an answer that may never come.
		const closeLine = () => void line.close();
		this.#closing.signal.addEventListener("abort", closeLine, { once: true, signal: line.gone });
		try {
			this.#line = line;
			this.#watch.restart();
			this.#poller.restart();
			this.#move({ type: "opened" });
			await this.#poll(line);
			line.gone.throwIfAborted();
		} finally {
			this.#line = null;
			await line.close();
		}
	}

	/** Asks until the line is gone, or was silent so long that it is better opened anew. */
	async #poll(line: OpenLine): Promise<void> {
		const ended = AbortSignal.any([line.gone, this.#closing.signal]);
		let silentSince: number | null = null;
		while (!ended.aborted) {
			if (this.#connection.phase === "asleep") await this.#letSleep(line, ended);
			else await this.#askNext(line);
			if (this.#connection.phase === "silent") {
				silentSince ??= this.#parts.clock.now();
				if (this.#parts.clock.now() - silentSince >= silentReopenMs(this.#parts.transport)) return;
				await pause(this.#parts.clock, SILENT_PAUSE_MS, ended);
				continue;
			}
			silentSince = null;
			await this.#restBySleepiness(ended);
		}
	}

	/** Near its sleep voltage a battery is asked less often, and below it no more. */
	async #restBySleepiness(ended: AbortSignal): Promise<void> {
		const { store, settings, clock } = this.#parts;
		if (!settings.sleepGuard || this.#connection.phase !== "online") return;
		this.#guard = watchSleep(this.#guard, drowsinessOf(store.snapshot), clock.now());
		if (this.#guard.wants === "pause") this.#fallAsleep();
		else if (this.#guard.wants === "slow") await pause(clock, slowPauseMs(store.snapshot.packs.length, settings.statusStaleAfterMs), ended);
	}

	/** Leaves the battery alone, listening; then looks whether it is awake. */
	async #letSleep(line: OpenLine, ended: AbortSignal): Promise<void> {
		const { store, settings, clock } = this.#parts;
		// Only where one pack has the cable does a byte wake it: on RS485 none has.
		const restMs = probePauseMs(settings.sleepProbeMinutes, store.snapshot.cabledPack !== null);
		await pause(clock, Math.min(LEAST_SLEEP_MS, restMs), ended);
		this.#heard = new AbortController();
		await pause(clock, restMs - LEAST_SLEEP_MS, AbortSignal.any([ended, this.#heard.signal]));
		for (let n = 0; n < WAKING_QUESTIONS && this.#connection.phase === "asleep" && !ended.aborted; n += 1) {
			await this.#askNext(line);
			await pause(clock, SILENT_PAUSE_MS, ended);
		}
	}

	#fallAsleep(): void {
		this.#problem = null;
		this.#poller.restart();
		this.#move({ type: "fell-asleep" });
	}

	async #askNext(line: OpenLine): Promise<void> {
		const asked = this.#poller.next();
		this.#watch.asks({ ...asked, pack: packAsked(asked.question) ?? this.#poller.cabledPack });
		const hush = this.#hush.signal;
		// One try is enough while it is doubtful that anybody answers.
		const attempts =
			asked.isLongShot || this.#connection.unanswered > 0 || this.#connection.phase !== "online" ? 1 : this.#parts.settings.attempts;
		try {
			const answer = await line.bus.request(asked.exchange, { attempts, signal: hush });
			for (const { repliedBy } of answer.readings) this.#replyAddress.check(repliedBy, this.#parts.store.snapshot, this.#poller.cabledPack);
			this.#settleAnswer();
			this.#poller.answered(asked, answer);
		} catch (error) {
			if (hush.aborted) return;
			if (!isLineError(error) || error.kind === "transport") throw error;
			this.#settleFailure(asked, error);
			this.#poller.failed(asked, error);
		}
		if (asked.endsCycle) this.#tellCounts();
	}

	#settleAnswer(): void {
		this.#answersInRow += 1;
		if (this.#answersInRow >= ANSWERS_UNTIL_WELL || this.#connection.phase !== "online") this.#problem = null;
		this.#move({ type: "answered", at: this.#parts.clock.now() });
	}

	#settleFailure(asked: Asked, error: Exclude<LineError, TransportError>): void {
		const { clock, transport, line } = this.#parts;
		this.#answersInRow = 0;
		const isHeard = error.kind === "rejected" || error.kind === "decode";
		const pack = packAsked(asked.question);
		const isOnePack =
			pack !== null && pack !== this.#poller.cabledPack && error.code === "no-answer" && this.#connection.phase === "online";
		if (!isTriedOtherwise(asked, error) && (!asked.isLongShot || this.#connection.phase !== "online")) {
			this.#setProblem({
				kind: error.kind,
				code: error.code,
				message: isOnePack ? packMissing(pack) : likelyCause(error, transport.port, line.reach, this.#watch.junk),
				at: clock.now(),
			});
		}
		const wasSilent = this.#connection.phase === "silent";
		if (isHeard) this.#move({ type: "answered", at: clock.now() });
		else if (!asked.saysNothing) this.#move({ type: "unanswered" });
		if (!wasSilent && this.#connection.phase === "silent") this.#onSilence();
		this.#tellCounts();
	}

	/** Nobody answers any more: the battery sleeps, where that was to be expected. */
	#onSilence(): void {
		this.#watch.restart();
		if (isSleepExpected(this.#guard)) this.#fallAsleep();
		else this.#poller.restart();
	}

	#lose(error: TransportError): void {
		if (this.#closing.signal.aborted) return;
		this.#answersInRow = 0;
		this.#setProblem({ kind: error.kind, code: error.code, message: error.message, at: this.#parts.clock.now() });
		this.#move({ type: "line-lost" });
	}

	/** The same trouble again keeps the time when it began. */
	#setProblem(problem: Problem): void {
		if (this.#problem?.code === problem.code && this.#problem.message === problem.message) return;
		this.#problem = problem;
	}

	/** Moves the connection on; every change of state is told once, and every other reason why the line stays lost. */
	#move(input: ConnectionInput): void {
		const before = this.#connection;
		this.#connection = nextConnection(before, input);
		const state = linkStateOf(this.#connection.phase);
		const isChanged = state !== linkStateOf(before.phase);
		this.#parts.store.setLink({
			state,
			problem: this.#problem,
			onlineSince: this.#connection.onlineSince,
			reconnects: Math.max(0, this.#connection.openings - 1),
		});
		const code = this.#problem?.code ?? null;
		if (!isChanged && (state !== "lost" || code === this.#told)) return;
		this.#told = code;
		const { port } = this.#parts.transport;
		const words = this.#problem ? ` – ${this.#problem.message}` : "";
		if (state === "silent" || state === "lost") this.#parts.logger.warn(`${port}: ${state}${words}`);
		else this.#parts.logger.info(`${port}: ${state}`);
	}

	#tellCounts(): void {
		const { store } = this.#parts;
		store.setLink(this.#watch.view(store.snapshot.link.failures.implausible));
	}
}
