/** What a failed or lost connection to the broker means, and what to do next. */
export interface ConnectFailure {
	/** `refused`: the broker is there and says no; trying again soon would not help. */
	readonly state: "offline" | "refused";
	/** In the owner's words; holds no secret. */
	readonly problem: string;
	/** The broker does not speak the MQTT version that was offered; `maybe` when it just hung up before a word. */
	readonly versionRefused: "yes" | "maybe" | "no";
}

/** What the client told about it: a system error code, a reason code of the broker, or nothing. */
export interface FailureSigns {
	readonly code: string | number | undefined;
	/** Whether the broker had accepted the connection before. */
	readonly accepted: boolean;
}

type Words = (broker: string) => string;

/** TABLE of the broker's reason codes: 1-5 from MQTT 3.1.1 §3.2.2.3, from 128 on from MQTT 5 §2.4. */
const REASONS: Readonly<Record<number, readonly [ConnectFailure["state"], Words]>> = {
	1: ["refused", (broker) => `The broker at ${broker} speaks neither MQTT 5 nor MQTT 3.1.1.`],
	2: ["refused", (broker) => `The broker at ${broker} refuses our client id.`],
	3: ["offline", (broker) => `The broker at ${broker} is not ready.`],
	4: ["refused", (broker) => `The broker at ${broker} refuses user name or password.`],
	5: ["refused", (broker) => `The broker at ${broker} does not let this user in: check user name and password.`],
	132: ["refused", (broker) => `The broker at ${broker} speaks neither MQTT 5 nor MQTT 3.1.1.`],
	133: ["refused", (broker) => `The broker at ${broker} refuses our client id.`],
	134: ["refused", (broker) => `The broker at ${broker} refuses user name or password.`],
	135: ["refused", (broker) => `The broker at ${broker} does not let this user in: check user name and password.`],
	136: ["offline", (broker) => `The broker at ${broker} is not ready.`],
	137: ["offline", (broker) => `The broker at ${broker} is busy.`],
	138: ["refused", (broker) => `The broker at ${broker} has banned us.`],
	139: ["offline", (broker) => `The broker at ${broker} is shutting down.`],
};

/** TABLE of what the system says when the connection fails. */
const SYSTEM_ERRORS: Readonly<Record<string, Words>> = {
	ECONNREFUSED: (broker) => `Nothing answers at ${broker}: is the broker running, and is the port right?`,
	ENOTFOUND: (broker) => `The name in ${broker} is not known in this network.`,
	EAI_AGAIN: (broker) => `The name in ${broker} cannot be looked up just now.`,
	EHOSTUNREACH: (broker) => `There is no way to ${broker}: is that machine on?`,
	ENETUNREACH: (broker) => `There is no network to reach ${broker}.`,
	ETIMEDOUT: (broker) => `${broker} does not answer.`,
	ECONNRESET: (broker) => `The broker at ${broker} closed the connection.`,
	EPIPE: (broker) => `The broker at ${broker} closed the connection.`,
};

const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** Signs to meaning. Unknown signs are an ordinary loss: trying again is always right. */
export function explainFailure({ code, accepted }: FailureSigns, broker: string): ConnectFailure {
	if (typeof code === "number") {
		const [state, words] =
			REASONS[code] ?? (["offline", (where) => `The broker at ${where} ended the connection (reason ${code}).`] as const);
		return { state, problem: words(broker), versionRefused: code === 1 || code === 132 ? "yes" : "no" };
	}
	if (code !== undefined && CERTIFICATE_ERROR.test(code)) {
		return { state: "refused", problem: `The certificate of ${broker} is not trusted on this machine (${code}).`, versionRefused: "no" };
	}
	const problem =
		code === undefined ? `The broker at ${broker} closed the connection.` : (SYSTEM_ERRORS[code]?.(broker) ?? unnamed(code, broker));
	const hungUp = code === undefined || code === "ECONNRESET" || code === "EPIPE";
	return { state: "offline", problem, versionRefused: hungUp && !accepted ? "maybe" : "no" };
}

const unnamed = (code: string, broker: string) => `The connection to ${broker} failed (${code}).`;

/** Slow enough for a broker that said no not to be bothered by it. */
const REFUSED_DELAY_MS = 60_000;
const LONGEST_DELAY_MS = 30_000;

/** Wait before attempt number `attempt` (from 1) after a failure, in ms: 1, 2, 4 ... 30 s; a minute after a refusal. */
export function reconnectDelayMs(attempt: number, state: ConnectFailure["state"]): number {
	return state === "refused" ? REFUSED_DELAY_MS : Math.min(LONGEST_DELAY_MS, 1000 * 2 ** Math.min(attempt - 1, 10));
}
