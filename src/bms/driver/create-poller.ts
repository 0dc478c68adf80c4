import type { LineProtocol } from "../protocol/protocols.ts";
import { AddressedPoller } from "./addressed-poller.ts";
import type { BankPoller, PollerParts } from "./bank-poller.ts";
import { Poller } from "./poller.ts";

/** The way to poll a line, by who answers on it. */
export function createPoller(parts: PollerParts & { readonly line: LineProtocol }): BankPoller {
	const { line, ...rest } = parts;
	if (line.reach === "cabled") return new Poller({ ...rest, protocol: line.protocol });
	return new AddressedPoller({ ...rest, protocol: line.protocol, search: line.search, firstByteTimeoutMs: line.firstByteTimeoutMs });
}
