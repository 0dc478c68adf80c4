import { type Clock, systemClock } from "../../clock.ts";
import type { Language } from "../../languages.ts";
import { openTransport, parsePort } from "../transport/open-transport.ts";
import { type PortAccess, portAccess } from "../transport/port-access.ts";
import { planFor } from "./auto-protocol.ts";
import type { CandidateName } from "./candidates.ts";
import { type ProbeParts, probe } from "./probe.ts";
import { type ProbeReport, reportOf } from "./probe-report.ts";
import { isGateway } from "./verdict.ts";

/** Speed to begin with when none is given (rs232-v25 §1). */
const USUAL_BAUD_RATE = 9600;
/** Longest time when none is given, ms. */
export const PROBE_LIMIT_MS = 120_000;

export interface ProbePortOptions extends Pick<ProbeParts, "signal" | "onStep" | "onProgress" | "onTraffic" | "logger"> {
	/** As the user wrote it. */
	readonly port: string;
	/** This speed only; null = all that are usual. Behind a gateway: what it is set to. */
	readonly baudRate?: number | null;
	/** This protocol only; null = all. */
	readonly protocol?: CandidateName | null;
	/** Sends nothing. */
	readonly listenOnly?: boolean;
	readonly limitMs?: number;
	readonly language?: Language;
	readonly clock?: Clock;
	/** Instead of a look at the machine. */
	readonly portAccess?: (port: string) => Promise<PortAccess>;
}

/** Probes a port of this machine or a gateway. Throws a ConfigError when the text names no port; never rejects for what is there. */
export function probePort(options: ProbePortOptions): Promise<ProbeReport> {
	parsePort(options.port);
	return probeKnownPort(options);
}

async function probeKnownPort(options: ProbePortOptions): Promise<ProbeReport> {
	const { port, baudRate = null, protocol = null, listenOnly = false, limitMs = PROBE_LIMIT_MS, language, clock = systemClock } = options;
	const plan = planFor(port, baudRate ?? USUAL_BAUD_RATE, {
		listenOnly,
		...(baudRate === null ? {} : { baudRates: [baudRate] }),
		...(protocol === null ? {} : { protocols: [protocol] }),
	});
	const access = isGateway(port) ? null : await (options.portAccess ?? portAccess)(port);
	const openAt = (speed: number) => openTransport({ port, baudRate: speed });
	const state = await probe({ ...options, plan, limitMs, openAt, clock });
	const group = access?.kind === "no-permission" ? access.group : null;
	const user = access?.kind === "busy" ? `${access.program}, process ${access.pid}` : null;
	return reportOf(state, { port, group, user }, language);
}
