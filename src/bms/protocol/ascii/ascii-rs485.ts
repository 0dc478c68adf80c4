import { onlyFrom } from "../map-exchange.ts";
import type { PackProtocol } from "../protocol.ts";
import { asciiV25 } from "./ascii-protocol.ts";

/**
 * Version 25h on the RS485 link ports (rs232-v25 §15): every pack answers for itself, ADR and INFO are its address. Only
 * these commands are documented there, so nothing is written.
 */
export const asciiV25OnRs485: PackProtocol = {
	name: "ascii-0x25",
	createFramer: () => asciiV25.createFramer(),
	telemetry: (address) => onlyFrom(address, asciiV25.telemetry(address, address)),
	status: (address) => onlyFrom(address, asciiV25.status(address, address)),
	version: (address) => onlyFrom(address, asciiV25.version(address)),
	serials: (address) => onlyFrom(address, asciiV25.serials(address)),
};
