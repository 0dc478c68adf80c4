import type { BankSnapshot } from "../bms/battery/snapshot.ts";

/** Whether the battery is read, for machines that watch over us. */
export interface Health {
	readonly status: "ok" | "unhealthy";
	/** What is wrong, in words; null when all is well. */
	readonly reason: string | null;
	/** Where the bytes come from; null while no flow has opened the battery. */
	readonly origin: BankSnapshot["origin"] | null;
}

function linkReason({ link }: BankSnapshot): string {
	if (link.problem) return link.problem.message;
	switch (link.state) {
		case "connecting":
			return `The line to the battery (${link.port}) is being opened.`;
		case "silent":
			return `The battery at ${link.port} does not answer.`;
		default:
			return `The line to the battery (${link.port}) is closed.`;
	}
}

function reasonOf(snapshot: BankSnapshot): string | null {
	// Whoever restarts us for that would wake the battery.
	if (snapshot.link.state === "asleep") return null;
	if (snapshot.link.state !== "online") return linkReason(snapshot);
	if (snapshot.totals === null) return "No pack has answered yet.";
	if (snapshot.totals.stale) return "The readings of the packs are too old.";
	if (snapshot.conditions === null) return "The alarm state of the bank is not known.";
	return null;
}

/** Health of a bank: well only while its line is up and its readings and its alarm state are fresh, or while it sleeps as expected. */
export function healthOf(snapshot: BankSnapshot | null): Health {
	if (snapshot === null)
		return { status: "unhealthy", reason: "No flow has opened the battery: deploy a flow with a rack battery node.", origin: null };
	const reason = reasonOf(snapshot);
	return { status: reason === null ? "ok" : "unhealthy", reason, origin: snapshot.origin };
}
