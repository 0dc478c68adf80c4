import { realpathSync } from "node:fs";
import type { NodeAPI } from "node-red";
import {
	ConfigError,
	candidate,
	LANGUAGES,
	type Language,
	listPorts,
	messageOf,
	type ProbePortOptions,
	type ProbeReport,
	probePort,
	type SerialPortInfo,
} from "../../src/index.ts";
import { lineOf } from "../lib/bank-plan.ts";

/** What the editor is told of the step at hand; it has the words. */
export interface ShownStep {
	readonly kind: "listen" | "find" | "census" | "socket" | "count" | "identify";
	readonly baudRate: number;
	readonly protocol: string;
	readonly address: number | null;
	readonly done: number;
	readonly total: number;
}

/** What a test brings along instead of the machine's own. */
export interface ProbeTools {
	/** Name of the bank that uses a line. */
	readonly userOf: (isLine: (line: string) => boolean) => string | null;
	readonly listPorts?: () => Promise<readonly SerialPortInfo[]>;
	readonly probePort?: (options: ProbePortOptions) => Promise<ProbeReport>;
}

interface Run {
	readonly id: number;
	readonly port: string;
	readonly cancel: AbortController;
	step: ShownStep | null;
	report: ProbeReport | null;
	/** Something nobody expected. */
	error: string | null;
}

/** The permission of whoever edits flows. */
const PERMISSION = "rack-battery.write";

/**
 * HTTP paths of the editor's probe button: the list of ports, one probe at a time. They need the same login as the
 * editor, and a port that a deployed bank reads is left alone.
 */
export function serveProbe(RED: Pick<NodeAPI, "httpAdmin" | "auth">, tools: ProbeTools): void {
	const { userOf, listPorts: list = listPorts, probePort: start = probePort } = tools;
	const allowed = RED.auth.needsPermission(PERMISSION);
	let latest: Run | null = null;
	let ids = 0;

	RED.httpAdmin.get("/rack-battery/ports", allowed, (_request, response) => {
		list().then(
			(ports) => response.json(ports),
			(error: unknown) => response.status(500).json(problem("failed", messageOf(error))),
		);
	});

	RED.httpAdmin.post("/rack-battery/probe", allowed, (request, response) => {
		const { port, language } = readBody(request.body);
		if (port === "") return void response.status(400).json(problem("no-port", "There is no port to probe."));
		const bank = userOf((line) => isSameLine(line, port));
		if (bank !== null) return void response.status(409).json({ ...problem("in-use", `${port} is read by the bank "${bank}".`), bank });
		if (latest !== null && latest.report === null && latest.error === null) {
			return void response.status(409).json(problem("busy", `${latest.port} is being probed.`));
		}
		ids += 1;
		const run: Run = { id: ids, port, cancel: new AbortController(), step: null, report: null, error: null };
		try {
			begin(
				run,
				start({ port, ...(language ? { language } : {}), signal: run.cancel.signal, onStep: (step, state) => show(run, step, state) }),
			);
		} catch (error) {
			return void response.status(error instanceof ConfigError ? 400 : 500).json(problem("bad-port", messageOf(error)));
		}
		latest = run;
		response.status(202).json({ id: run.id });
	});

	RED.httpAdmin.get("/rack-battery/probe/:id", allowed, (request, response) => {
		if (latest === null || String(latest.id) !== request.params.id)
			return void response.status(404).json(problem("gone", "There is no such probe."));
		const { step, report, error } = latest;
		response.json({ step, report, error });
	});

	RED.httpAdmin.delete("/rack-battery/probe/:id", allowed, (request, response) => {
		if (latest !== null && String(latest.id) === request.params.id) latest.cancel.abort();
		response.status(204).end();
	});
}

function begin(run: Run, probing: Promise<ProbeReport>): void {
	probing.then(
		(report) => {
			run.report = report;
		},
		(error: unknown) => {
			run.error = messageOf(error);
		},
	);
}

type OnStep = NonNullable<ProbePortOptions["onStep"]>;

function show(run: Run, step: Parameters<OnStep>[0], { done, ahead }: Parameters<OnStep>[1]): void {
	const asked = step.kind === "listen" ? null : step;
	run.step = {
		kind: step.kind,
		baudRate: step.baudRate,
		protocol: asked ? candidate(asked.protocol).label : "",
		address: asked?.address ?? null,
		done,
		total: done + ahead.length,
	};
}

function readBody(body: unknown): { readonly port: string; readonly language: Language | null } {
	const { port, language } = (typeof body === "object" && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
	return { port: typeof port === "string" ? port.trim() : "", language: LANGUAGES.find((known) => known === language) ?? null };
}

/** Whether two texts name one line; an adapter has several names. */
function isSameLine(line: string, port: string): boolean {
	return lineOf(port) === line || deviceOf(port) === deviceOf(line);
}

function deviceOf(port: string): string {
	try {
		return port.startsWith("/") ? realpathSync(port) : lineOf(port);
	} catch {
		return port;
	}
}

function problem(code: string, message: string): { readonly error: { readonly code: string; readonly message: string } } {
	return { error: { code, message } };
}
