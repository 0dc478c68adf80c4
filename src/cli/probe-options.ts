import { parseArgs } from "node:util";
import { CANDIDATE_NAMES, type CandidateName, candidateNamed } from "../bms/probe/candidates.ts";
import { helpTable } from "../help-table.ts";
import { didYouMean, nearest } from "../nearest.ts";

/** TABLE of the options of `rack-battery probe`. */
const OPTIONS = {
	port: {
		argument: "PORT",
		description: "Serial port (/dev/ttyUSB0, COM3) or gateway (tcp://192.168.1.20:8899) to try. Without it: the list of ports.",
	},
	"listen-only": { argument: null, description: "Sends nothing, only tells what is heard." },
	"baud-rate": { argument: "N", description: "Tries this speed only (1200 to 115200 baud); of a gateway: what it is set to." },
	protocol: { argument: "NAME", description: `Tries this protocol only: ${CANDIDATE_NAMES.join(", ")}.` },
	timeout: { argument: "SECONDS", description: "Longest time for all of it, 5 to 600; 120 when not given." },
	json: { argument: null, description: "Prints one JSON object (docs/probe.md); progress still goes to the error output." },
	quiet: { argument: null, description: "No progress." },
	help: { argument: null, description: "Shows this." },
} as const satisfies Record<string, { readonly argument: string | null; readonly description: string }>;

type OptionName = keyof typeof OPTIONS;

export interface ProbeOptions {
	/** null = list the ports. */
	readonly port: string | null;
	readonly listenOnly: boolean;
	/** null = all that are usual. */
	readonly baudRate: number | null;
	readonly protocol: CandidateName | null;
	readonly timeoutMs: number;
	readonly json: boolean;
	readonly quiet: boolean;
	readonly help: boolean;
	/** Everything wrong with the command line, in words. */
	readonly problems: readonly string[];
}

const NAMES = Object.keys(OPTIONS) as readonly OptionName[];
const isOption = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

/** Reads the options; what is wrong is collected, not thrown. */
export function readProbeOptions(args: readonly string[]): ProbeOptions {
	const { tokens } = parseArgs({
		args: args.map((arg) => (arg === "-h" ? "--help" : arg)),
		options: Object.fromEntries(NAMES.map((name) => [name, { type: OPTIONS[name].argument === null ? "boolean" : "string" }] as const)),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const problems: string[] = [];
	const given = new Map<OptionName, string>();
	for (const token of tokens) {
		if (token.kind === "option-terminator") continue;
		if (token.kind === "positional") problems.push(`"${token.value}" is not understood: a port is given by --port ${token.value}`);
		else if (!isOption(token.name)) {
			problems.push(
				`${token.rawName} is no option${didYouMean(
					token.rawName,
					NAMES.map((name) => `--${name}`),
				)}`,
			);
		} else if (OPTIONS[token.name].argument === null) given.set(token.name, "");
		else if (token.value === undefined || (!token.inlineValue && token.value.startsWith("--"))) {
			problems.push(`${token.rawName} needs a value after it`);
		} else given.set(token.name, token.value);
	}
	const number = (name: OptionName, minimum: number, maximum: number): number | null => {
		const text = given.get(name);
		if (text === undefined) return null;
		const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
		if (value >= minimum && value <= maximum) return value;
		problems.push(`--${name} "${text}" must be a whole number from ${minimum} to ${maximum}`);
		return null;
	};
	const protocol = given.get("protocol");
	const candidate = protocol === undefined ? null : candidateNamed(protocol);
	// As the setting of a bank, auto is every protocol.
	if (protocol !== undefined && protocol !== "auto" && candidate === null) {
		const near = nearest(protocol, CANDIDATE_NAMES);
		const guess = near === undefined ? "" : `; did you mean ${near}?`;
		problems.push(`--protocol "${protocol}" must be one of ${CANDIDATE_NAMES.join(", ")}, or a name that bank.protocol has${guess}`);
	}
	return {
		port: given.get("port") ?? null,
		listenOnly: given.has("listen-only"),
		baudRate: number("baud-rate", 1200, 115_200),
		protocol: candidate,
		timeoutMs: (number("timeout", 5, 600) ?? 120) * 1000,
		json: given.has("json"),
		quiet: given.has("quiet"),
		help: given.has("help"),
		problems,
	};
}

/** The options with their meaning, one a line. */
export function probeOptionsHelp(): readonly string[] {
	return helpTable(
		NAMES.map((name) => {
			const { argument, description } = OPTIONS[name];
			return [`--${name}${argument === null ? "" : ` ${argument}`}`, description] as const;
		}),
	);
}
