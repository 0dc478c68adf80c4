/** Longest text of arguments that did not fit; the rest says nothing more. */
const LONGEST = 400;
const SECRET = /pass|secret|token|key|pin/i;

/** What was sent as arguments, as far as it may be kept: short, and nothing that looks like a secret. */
export function auditArguments(given: unknown): Readonly<Record<string, unknown>> {
	if (typeof given !== "object" || given === null) return {};
	try {
		const text = JSON.stringify(given, (name, value: unknown) => (SECRET.test(name) ? "***" : value));
		return text.length <= LONGEST ? (JSON.parse(text) as Record<string, unknown>) : { sent: text.slice(0, LONGEST) };
	} catch {
		return {};
	}
}
