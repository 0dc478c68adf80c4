import type { Clock } from "../clock.ts";
import type { LineStates } from "./battery/contact.ts";
import type { BankEvent, BankSnapshot } from "./battery/snapshot.ts";
import type { BankCommands } from "./command/command.ts";
import type { RecentTraffic } from "./transport/traffic-ring.ts";

/** An open bank, as its consumers see it. */
export interface Bank {
	/** The whole truth now. */
	readonly snapshot: BankSnapshot;
	/**
	 * The time of this bank: that of all times in its snapshots, and what everything waits by that judges them
	 * (contacts, shedding, notices). A simulated bank may live faster than the world.
	 */
	readonly clock: Clock;
	/**
	 * Called after every new snapshot with what happened since the one before; `cycle` is true when a poll
	 * cycle (every pack's cells once) has just ended. Returns the way to stop listening.
	 */
	subscribe(listener: (snapshot: BankSnapshot, events: readonly BankEvent[], cycle: boolean) => void): () => void;
	/** How many packs there are by the settings; 0 where the battery is asked. With so many there, whoever else was is gone for good. */
	readonly packsTold?: number;
	/**
	 * Which modem lines of the battery's own serial adapter are on. Rejects with an error in words while the line
	 * is not open, or when it is no serial port. Not there for banks without a line.
	 */
	readonly modemLines?: () => Promise<LineStates>;
	/** What can be asked of the battery beyond polling. Not there for banks that only show what others read. */
	readonly commands?: BankCommands;
	/** The last bytes that went over the line, for a bug report. Not there for banks without a line. */
	readonly traffic?: RecentTraffic;
	/** Closes the line and saves the energy counters; never rejects. */
	close(): Promise<void>;
}
