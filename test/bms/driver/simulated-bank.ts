import type { Bank } from "../../../src/bms/bank.ts";
import type { BankEvent } from "../../../src/bms/battery/snapshot.ts";
import { type OpenBankDeps, openBank } from "../../../src/bms/open-bank.ts";
import { BANK_SETTINGS, type BankSettings } from "../../../src/bms/options.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import type { Transport } from "../../../src/bms/transport/transport.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { createMemoryLine } from "../../../src/simulator/memory-line.ts";
import { SIMULATOR_SETTINGS, type SimulatorSettings } from "../../../src/simulator/options.ts";
import { SimulatedBank } from "../../../src/simulator/simulated-bank.ts";
import { createSimulatorControl } from "../../../src/simulator/simulator-control.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export interface SimulatedSetup {
	readonly simulator?: Partial<SimulatorSettings>;
	readonly settings?: Partial<BankSettings>;
	readonly cabledAddress?: number;
	readonly deps?: Partial<OpenBankDeps>;
	/** Stands between the bank and the battery. */
	readonly wrap?: (transport: Transport) => Transport;
}

/** A bank that reads a simulated battery over the true wire, in time that the test moves. */
export function openSimulatedBank({ simulator, settings, cabledAddress, deps, wrap = (transport) => transport }: SimulatedSetup = {}) {
	const clock = new ManualClock();
	const battery = new SimulatedBank(
		{ ...defaultsOf(SIMULATOR_SETTINGS), ...simulator },
		{ clock, ...(cabledAddress === undefined ? {} : { cabledAddress }) },
	);
	const { transport, cable } = createMemoryLine(battery, { baudRate: 9600, answerDelayMs: 30, ...simulator }, clock);
	const log: string[] = [];
	const logger = {
		trace() {},
		info: (text: string) => log.push(`info ${text}`),
		warn: (text: string) => log.push(`warn ${text}`),
		error: (text: string) => log.push(`error ${text}`),
		child: () => logger,
	};
	const requests: { readonly text: string; readonly at: number }[] = [];
	const watched: Transport = {
		port: transport.port,
		baudRate: transport.baudRate,
		open: (handlers) => transport.open(handlers),
		close: () => transport.close(),
		write(bytes) {
			requests.push({ text: String.fromCharCode(...bytes), at: clock.now() });
			return transport.write(bytes);
		},
	};
	const bank = openBank(
		{ ...defaultsOf(BANK_SETTINGS), ...settings },
		{ origin: "simulated", logger, clock, transport: wrap(watched), random: () => 0, ...deps },
	);
	const events: BankEvent[] = [];
	bank.subscribe((_snapshot, happened) => events.push(...happened));
	return {
		bank,
		battery,
		clock,
		cable,
		control: createSimulatorControl(battery, cable, clock),
		transport,
		log,
		requests,
		events,
		/** Moves time on until it holds; fails after `limitMs`. Returns how long it took, ms. */
		async until(holds: (bank: Bank) => boolean, limitMs = 60_000): Promise<number> {
			const start = clock.now();
			while (!holds(bank)) {
				if (clock.now() - start >= limitMs) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(bank.snapshot.link)}`);
				await clock.advance(10);
			}
			return clock.now() - start;
		},
		/** Closes the bank; time moves on as far as closing needs. */
		async close(): Promise<void> {
			let isClosed = false;
			const closed = bank.close().then(() => {
				isClosed = true;
			});
			for (let n = 0; n < 400 && !isClosed; n += 1) await clock.advance(10);
			await closed;
		},
	};
}

export const presences = (bank: Bank) => Object.fromEntries(bank.snapshot.packs.map(({ address, presence }) => [address, presence]));
export const isLive = (bank: Bank) => bank.snapshot.packs.length > 0 && bank.snapshot.packs.every(({ presence }) => presence === "live");
/** Request text of a command, without header and checksum: "42" + INFO. */
export const asked = (text: string) => text.slice(7, 9) + text.slice(13, -5);
export { asciiV25 };
