import type { CliIo } from "./cli-io.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";

type Run = (args: string[], io: CliIo) => Promise<number>;

export interface Subcommand {
	readonly summary: string;
	/** Loaded only when asked for: `decode` need not wait for Node-RED. */
	readonly load: () => Promise<Run>;
	/** Whether it holds the process open by parts that are not its own (Node-RED), so that its end ends the process. */
	readonly exits?: true;
}

/** TABLE of the subcommands, by what they are for. */
export const SUBCOMMAND_GROUPS: Readonly<Record<string, Readonly<Record<string, Subcommand>>>> = {
	"The server": {
		start: {
			summary: "Runs the server: battery, MQTT and Home Assistant, Node-RED, status page.",
			load: async () => {
				keepHeapSmall();
				return (await import("./start.ts")).start;
			},
			exits: true,
		},
	},
	"Finding and reading a battery": {
		probe: {
			summary: "Finds the battery: lists the ports, tries one, says what is there or what is wrong.",
			load: async () => (await import("./probe.ts")).probe,
		},
		identify: {
			summary: "Version, serial numbers, capacities, clock and inverter protocol of a pack.",
			load: async () => (await import("./identify.ts")).identify,
		},
		records: {
			summary: "The records a pack has stored by itself, newest first.",
			load: async () => (await import("./records.ts")).records,
		},
	},
	"Reading and changing a battery": {
		parameters: {
			summary: "Limits, delays, balancing, sleep: show, save, compare, change, give back.",
			load: async () => (await import("./parameters.ts")).parameters,
		},
		clock: {
			summary: "The clock of a pack: show, set.",
			load: async () => (await import("./clock.ts")).clock,
		},
		switch: {
			summary: "Buzzer, LED, current limiter, MOSFETs: show, on, off.",
			load: async () => (await import("./switch.ts")).switchCommand,
		},
		inverter: {
			summary: "The inverter protocol: show, set.",
			load: async () => (await import("./inverter.ts")).inverter,
		},
		shutdown: {
			summary: "Puts a pack to sleep.",
			load: async () => (await import("./maintenance.ts")).shutdown,
		},
		"clear-records": {
			summary: "Deletes the records a pack has stored.",
			load: async () => (await import("./maintenance.ts")).clearRecords,
		},
		"restore-defaults": {
			summary: "Gives a pack its maker's parameters.",
			load: async () => (await import("./maintenance.ts")).restoreDefaults,
		},
		password: {
			summary: "Sets the administrator's password, which the dangerous of these need.",
			load: async () => (await import("./password.ts")).password,
		},
	},
	"Without a battery, and for bug reports": {
		support: {
			summary: "Collects what helps with a bug report, without secrets.",
			load: async () => (await import("./support.ts")).support,
		},
		simulate: {
			summary: "Runs a simulated battery on a TCP port, or replays captured answers.",
			load: async () => (await import("./simulate.ts")).simulate,
		},
		capture: {
			summary: "Writes everything that goes over the battery's line to a file.",
			load: async () => (await import("./capture.ts")).capture,
		},
		replay: {
			summary: "Answers with the captured replies of a file.",
			load: async () => (await import("./replay.ts")).replay,
		},
		decode: {
			summary: "Reads captured frames and prints what they say, one JSON object a line.",
			load: async () => (await import("./decode.ts")).decode,
		},
	},
};
/** All of them by name. */
export const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = Object.assign({}, ...Object.values(SUBCOMMAND_GROUPS));
