import type { Clock } from "../../clock.ts";
import { CommandError, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { BatteryStore } from "../battery/store-interface.ts";
import type { RequestOptions } from "../bus/job.ts";
import type { BmsDriver } from "../driver/bms-driver.ts";
import { pause } from "../driver/pause.ts";
import type { BankSettings } from "../options.ts";
import type { Exchange } from "../protocol/protocol.ts";
import type { Transport } from "../transport/transport.ts";
import { type AutoParts, type ResolvedProtocol, resolveProtocol } from "./auto-protocol.ts";

/** A driver as its bank uses it. */
export type BankDriver = Pick<BmsDriver, "start" | "close" | "ask" | "letSleepNow">;

export interface AutoDriverParts extends Pick<AutoParts, "onTraffic"> {
	readonly settings: Pick<BankSettings, "port" | "baudRate">;
	readonly store: BatteryStore;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly random: () => number;
	/** Instead of the transport that the port names; it keeps its speed. */
	readonly transport?: Transport;
	/** Makes the driver for what was found. */
	readonly createDriver: (resolved: ResolvedProtocol) => BankDriver;
}

/** A line that was silent for so long may have got another battery, or its socket another protocol, ms. */
export const SEARCH_AGAIN_MS = 600_000;
/** How often the silence is looked at, ms. */
const LOOK_MS = 10_000;

/**
 * The driver of a bank whose protocol is `auto`: finds out what the battery speaks, then reads it with that
 * protocol's driver. Only a line that stays silent for long is searched anew.
 */
export class AutoDriver implements BankDriver {
	readonly #parts: AutoDriverParts;
	readonly #closing = new AbortController();
	#driver: BankDriver | null = null;
	#running: Promise<void> | null = null;

	constructor(parts: AutoDriverParts) {
		this.#parts = parts;
	}

	ask<T>(exchange: Exchange<T>, options: RequestOptions): Promise<T> {
		const unknown = () => new CommandError("not-connected", `It is not known yet what the battery at ${this.#parts.settings.port} speaks.`);
		return this.#driver?.ask(exchange, options) ?? Promise.reject(unknown());
	}

	letSleepNow(pack: number): void {
		this.#driver?.letSleepNow(pack);
	}

	start(): void {
		this.#running ??= this.#run().catch((error: unknown) => this.#parts.logger.error(`the search ended: ${messageOf(error)}`));
	}

	async close(): Promise<void> {
		this.#closing.abort();
		await Promise.all([this.#driver?.close(), this.#running]);
		this.#driver = null;
	}

	async #run(): Promise<void> {
		const { signal } = this.#closing;
		const { store, clock, createDriver } = this.#parts;
		while (!signal.aborted) {
			const resolved = await resolveProtocol({
				...this.#parts,
				signal,
				onSearch: () => store.setLink({ state: "connecting" }),
				onNothing: ({ code }, { summary, advice }) => {
					const problem = { kind: "timeout", code, message: [summary, ...advice].join(" "), at: clock.now() };
					store.setLink({ state: "silent", problem });
				},
			});
			if (resolved === null) return;
			this.#driver = createDriver(resolved);
			this.#driver.start();
			await this.#untilSilentForLong();
			await this.#driver.close();
			this.#driver = null;
		}
	}

	async #untilSilentForLong(): Promise<void> {
		const { store, clock } = this.#parts;
		const { signal } = this.#closing;
		let silentSince: number | null = null;
		while (!signal.aborted) {
			await pause(clock, LOOK_MS, signal);
			if (store.snapshot.link.state !== "silent") silentSince = null;
			else {
				silentSince ??= clock.now();
				if (clock.now() - silentSince >= SEARCH_AGAIN_MS) return;
			}
		}
	}
}
