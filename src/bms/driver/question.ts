import type { PackSelector, Reading } from "../battery/readings.ts";
import type { Exchange, Protocol } from "../protocol/protocol.ts";

/** What the driver can ask of a battery. */
export type Question =
	| { readonly kind: "telemetry" | "status"; readonly selector: PackSelector }
	| { readonly kind: "packCount" | "version" | "serials" };

/** The exchange that asks it; `address` is the ADR to send. */
export function exchangeFor(protocol: Protocol, question: Question, address: number): Exchange<Reading> {
	switch (question.kind) {
		case "telemetry":
		case "status":
			return protocol[question.kind](address, question.selector);
		default:
			return protocol[question.kind](address);
	}
}

/** The pack a question is about; null when it is about all, or about the cabled one without naming it. */
export function packAsked(question: Question): number | null {
	return "selector" in question && question.selector !== "all" ? question.selector : null;
}

/** Whether two questions ask the same. */
export function isSameQuestion(a: Question, b: Question): boolean {
	return a.kind === b.kind && ("selector" in a ? a.selector : null) === ("selector" in b ? b.selector : null);
}
