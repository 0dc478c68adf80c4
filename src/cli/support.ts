import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { probePort } from "../bms/probe/probe-port.ts";
import type { ProbeReport } from "../bms/probe/probe-report.ts";
import { listPorts } from "../bms/transport/list-ports.ts";
import { parsePort } from "../bms/transport/open-transport.ts";
import { createTrafficRing, type TrafficRing } from "../bms/transport/traffic-ring.ts";
import { DEFAULT_CONFIG } from "../config/config.ts";
import { type LoadedConfig, loadConfig, SETTINGS_FILE } from "../config/load-config.ts";
import { ConfigError, fileWords, messageOf } from "../errors.ts";
import { helpTable } from "../help-table.ts";
import { didYouMean } from "../nearest.ts";
import { type CliIo, EXIT } from "./cli-io.ts";
import { type ServerPart, supportBundle } from "./support-bundle.ts";

/** TABLE of the options of `rack-battery support`. */
const OPTIONS = {
	server: { argument: "URL", description: "The running server; http://127.0.0.1 with the port of the settings when not given." },
	password: { argument: "PASSWORD", description: "The server's password, where it has one that is not in the settings." },
	settings: { argument: "FILE", description: "Settings file instead of rack-battery.json in the working folder." },
	port: { argument: "PORT", description: "Where the battery is, for --capture; the port of the settings when not given." },
	capture: {
		argument: "SECONDS",
		description: "Also probes the port for at most 5 to 120 s and writes down every byte (end the server first).",
	},
	output: { argument: "FILE", description: "Writes to a new file instead of the standard output." },
	help: { argument: null, description: "Shows this." },
} as const satisfies Record<string, { readonly argument: string | null; readonly description: string }>;

type OptionName = keyof typeof OPTIONS;
const NAMES = Object.keys(OPTIONS) as readonly OptionName[];
const isOption = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

const HELP = [
	"rack-battery support [options]",
	"",
	"Collects what helps to find out what is wrong, as one JSON object without secrets: versions, settings that are not",
	"the default, serial ports, what the running server says of its banks and lines, the last lines of its log and the last",
	"frames of its lines, and with --capture what the probe found and every byte it saw. Nothing is sent anywhere: read it,",
	"then attach it to a bug report. Addresses of your network and serial numbers of the battery are in it.",
	"",
	"Options:",
	...helpTable(
		NAMES.map((name) => {
			const { argument, description } = OPTIONS[name];
			return [`--${name}${argument === null ? "" : ` ${argument}`}`, description] as const;
		}),
	),
	"",
	"Exit codes: 0 written, 1 the file cannot be written, 2 wrong use.",
];

/** How long the server may take to answer, ms, and how much it may say: 16 banks of 16 packs with full rings stay below. */
const SERVER_LIMIT_MS = 5_000;
const MOST_CHARACTERS = 8_000_000;

const NOT_IN_HERE = "what it knows, its log and the last frames of its lines are not in here. Start it, or name it by --server.";

/** What a test brings along instead of the process's own. */
export interface SupportSurroundings {
	readonly environment?: Readonly<Record<string, string | undefined>>;
	readonly folder?: string;
}

/** `rack-battery support`. Resolves with the exit code. */
export async function support(args: readonly string[], io: CliIo, surroundings: SupportSurroundings = {}): Promise<number> {
	const problems: string[] = [];
	const given = readOptions(args, problems);
	if (given.has("help")) {
		io.stdout.write(`${HELP.join("\n")}\n`);
		return EXIT.ok;
	}
	const { loaded, settingsProblem } = readSettings(given.get("settings"), surroundings);
	const captureMs = captureOf(given.get("capture"), problems);
	const port = given.get("port") ?? (loaded?.origin === "real" ? loaded.config.bank.port : null);
	if (captureMs !== null) checkPort(port, problems);
	const server = serverAddress(given, loaded, problems);
	if (basename(given.get("output") ?? "") === SETTINGS_FILE)
		problems.push(`--output ${SETTINGS_FILE} is the name of the settings file: choose another one`);
	if (problems.length > 0 || server === null) {
		io.stderr.write(
			`rack-battery support cannot do that:\n${problems.map((problem) => `  ${problem}`).join("\n")}\nSee rack-battery support --help.\n`,
		);
		return EXIT.usage;
	}
	const traffic = createTrafficRing();
	const probe = captureMs === null || port === null ? null : await capture(port, captureMs, traffic, io);
	const told = await askServer(server);
	if (told.problem !== null) io.stderr.write(`${told.problem}\n`);
	const bundle = supportBundle({
		at: Date.now(),
		...{ loaded, settingsProblem, probe, traffic },
		ports: await listPorts(),
		server: told,
		secrets: [server.password],
	});
	return write(`${JSON.stringify(bundle, null, "\t")}\n`, given.get("output"), io);
}

function readOptions(args: readonly string[], problems: string[]): ReadonlyMap<OptionName, string> {
	const { tokens } = parseArgs({
		args: args.map((arg) => (arg === "-h" ? "--help" : arg)),
		options: Object.fromEntries(NAMES.map((name) => [name, { type: OPTIONS[name].argument === null ? "boolean" : "string" }] as const)),
		...{ strict: false, allowPositionals: true, tokens: true },
	});
	const given = new Map<OptionName, string>();
	for (const token of tokens ?? []) {
		if (token.kind === "positional") problems.push(`"${token.value}" is not understood: every value needs its option before it`);
		if (token.kind !== "option") continue;
		const { name, rawName, value, inlineValue } = token;
		const known = NAMES.map((option) => `--${option}`);
		if (!isOption(name)) problems.push(`${rawName} is no option${didYouMean(rawName, known)}`);
		else if (OPTIONS[name].argument === null) given.set(name, "");
		else if (value === undefined || (!inlineValue && value.startsWith("--"))) problems.push(`${rawName} needs a value after it`);
		else given.set(name, value);
	}
	return given;
}

/** Settings that cannot be used are part of the trouble: the bundle says why, and goes on without them. */
function readSettings(
	file: string | undefined,
	surroundings: SupportSurroundings,
): { readonly loaded: LoadedConfig | null; readonly settingsProblem: string | null } {
	try {
		return { loaded: loadConfig(file === undefined ? [] : ["--settings", file], surroundings), settingsProblem: null };
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return { loaded: null, settingsProblem: error.message };
	}
}

function captureOf(text: string | undefined, problems: string[]): number | null {
	if (text === undefined) return null;
	const seconds = /^\d{1,3}$/.test(text) ? Number(text) : 0;
	if (seconds >= 5 && seconds <= 120) return seconds * 1000;
	problems.push(`--capture "${text}" must be a whole number of seconds from 5 to 120`);
	return null;
}

function checkPort(port: string | null, problems: string[]): void {
	if (port === null) {
		problems.push("--capture needs --port: the settings name no real battery");
		return;
	}
	try {
		parsePort(port);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		problems.push(error.message);
	}
}

interface ServerAddress {
	/** Without user and password. */
	readonly url: string;
	readonly user: string;
	readonly password: string;
}

function serverAddress(given: ReadonlyMap<OptionName, string>, loaded: LoadedConfig | null, problems: string[]): ServerAddress | null {
	const own = loaded?.config.server;
	const text = given.get("server") ?? `http://127.0.0.1:${own?.port || DEFAULT_CONFIG.server.port}`;
	if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
		problems.push(`--server must be an address, for example http://127.0.0.1:${DEFAULT_CONFIG.server.port}`);
		return null;
	}
	const url = new URL(text);
	const user = decoded(url.username) || "admin";
	// Our own password goes to our own server only.
	const password = given.get("password") ?? (decoded(url.password) || (given.has("server") ? "" : (own?.password ?? "")));
	url.username = "";
	url.password = "";
	return { url: url.href.replace(/\/$/, ""), user, password };
}

/** A stray % stands for itself. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Asks the running server; why that is not possible is a part of the bundle. */
async function askServer(server: ServerAddress): Promise<ServerPart> {
	const { url } = server;
	try {
		const status = await answerOf(server, "/api/status");
		if (status.problem !== null) return { url, problem: status.problem, status: null, recent: null };
		const recent = await answerOf(server, "/api/support");
		return { url, problem: recent.problem, status: status.value, recent: recent.value };
	} catch (error) {
		const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
		return { url, problem: `No server answers at ${url} (${why}): ${NOT_IN_HERE}`, status: null, recent: null };
	}
}

async function answerOf(
	{ url, user, password }: ServerAddress,
	path: string,
): Promise<{ readonly problem: string | null; readonly value: unknown }> {
	const login = password === "" ? {} : { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
	const answer = await fetch(url + path, { headers: login, redirect: "error", signal: AbortSignal.timeout(SERVER_LIMIT_MS) });
	const nothing = (why: string) => ({ problem: `What answers at ${url}${path} ${why}: ${NOT_IN_HERE}`, value: null });
	if (answer.status === 401) return nothing("wants its password (--password)");
	if (!answer.ok) return nothing(`is no Rack Battery server of this version (status ${answer.status})`);
	let text = "";
	const decoder = new TextDecoder();
	for await (const chunk of answer.body ?? []) {
		text += decoder.decode(chunk, { stream: true });
		if (text.length > MOST_CHARACTERS) return nothing("says far more than belongs into a bug report");
	}
	try {
		return { problem: null, value: JSON.parse(text) };
	} catch {
		return nothing("is no Rack Battery server");
	}
}

async function capture(port: string, limitMs: number, traffic: TrafficRing, io: CliIo): Promise<ProbeReport> {
	io.stderr.write(`Probing ${port} for at most ${limitMs / 1000} s, with questions that only read. On RS232 they wake a sleeping pack.\n`);
	const report = await probePort({ port, limitMs, onTraffic: (piece) => traffic.add(piece) });
	io.stderr.write(`${report.summary}\n`);
	return report;
}

async function write(text: string, file: string | undefined, io: CliIo): Promise<number> {
	if (file === undefined) {
		io.stdout.write(text);
		return EXIT.ok;
	}
	try {
		// A file that is there may be somebody's: it is not replaced.
		await writeFile(file, text, { flag: "wx", mode: 0o600 });
	} catch (error) {
		io.stderr.write(`${file} cannot be written: ${fileWords(error)}\n`);
		return EXIT.failed;
	}
	io.stderr.write(`Written to ${file}. Read it before you pass it on.\n`);
	return EXIT.ok;
}
