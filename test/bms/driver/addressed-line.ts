import type { BankEvent } from "../../../src/bms/battery/snapshot.ts";
import { openBank } from "../../../src/bms/open-bank.ts";
import { BANK_SETTINGS, type BankSettings } from "../../../src/bms/options.ts";
import { MemoryTransport } from "../../../src/bms/transport/memory-transport.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** What is at the far end of an RS485 line: the answer to a request, or null for silence. */
export type Responder = (request: Uint8Array) => Uint8Array | null;

/** A bank on an RS485 line whose far end the test writes; answers come 30 ms after the request. */
export function openAddressedBank(settings: Partial<BankSettings>, answer: Responder) {
	const clock = new ManualClock();
	const requests: { readonly bytes: Uint8Array; readonly at: number }[] = [];
	const transport = new MemoryTransport((line) => ({
		onBytes(bytes) {
			requests.push({ bytes, at: clock.now() });
			const reply = answer(bytes);
			if (reply !== null) clock.after(30, () => line.send(reply));
		},
	}));
	const bank = openBank(
		{ ...defaultsOf(BANK_SETTINGS), ...settings },
		{ origin: "real", logger: silentLogger, clock, transport, random: () => 0 },
	);
	const events: BankEvent[] = [];
	bank.subscribe((_snapshot, happened) => events.push(...happened));
	return {
		bank,
		clock,
		requests,
		events,
		presences: () => Object.fromEntries(bank.snapshot.packs.map(({ address, presence }) => [address, presence])),
		/** Moves time on until it holds; fails after `limitMs`. Returns how long it took, ms. */
		async until(holds: () => boolean, limitMs = 60_000): Promise<number> {
			const start = clock.now();
			while (!holds()) {
				if (clock.now() - start >= limitMs) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(bank.snapshot.link)}`);
				await clock.advance(10);
			}
			return clock.now() - start;
		},
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

export type AddressedBank = ReturnType<typeof openAddressedBank>;
