import type { ParameterGroupKey } from "../battery/parameters.ts";
import type { AnyReading, PackSelector, Reading } from "../battery/readings.ts";
import { mapExchange } from "../protocol/map-exchange.ts";
import type { Exchange, LiveAnswer, PackAccess, PackProtocol, Protocol } from "../protocol/protocol.ts";

/** What the driver can ask of a battery. `pack`: whose it is, where packs are asked at their own address. */
export type Question =
	| { readonly kind: "telemetry" | "status"; readonly selector: PackSelector }
	| { readonly kind: "packCount" }
	| { readonly kind: "version" | "serials"; readonly pack?: number }
	| { readonly kind: "parameters"; readonly pack: number; readonly groups: readonly ParameterGroupKey[] };

/** The exchange that asks it of the cabled pack; `address` is the ADR to send. Null when the protocol cannot. */
export function exchangeFor(protocol: Protocol, question: Question, address: number): Exchange<LiveAnswer> | null {
	switch (question.kind) {
		case "telemetry":
		case "status":
			return asAnswer(protocol[question.kind](address, question.selector));
		case "parameters":
			return parametersExchange(protocol.access, question, address);
		default:
			return asAnswer(protocol[question.kind](address));
	}
}

/** The exchange that asks it of a pack at its own address. Null when the protocol cannot. */
export function packExchange(protocol: PackProtocol, question: Question): Exchange<LiveAnswer> | null {
	const pack = packAsked(question);
	if (pack === null) return null;
	switch (question.kind) {
		case "telemetry":
			return asAnswer(protocol.telemetry(pack));
		case "status":
			return asAnswer(protocol.status(pack));
		case "parameters":
			return parametersExchange(protocol.access, question, pack);
		case "packCount":
			return null;
		default: {
			const exchange: Exchange<AnyReading> | undefined = protocol[question.kind]?.(pack);
			return exchange ? asAnswer(exchange) : null;
		}
	}
}

/** The pack a question is about; null when it is about all, or about the cabled one without naming it. */
export function packAsked(question: Question): number | null {
	if ("selector" in question) return question.selector === "all" ? null : question.selector;
	return "pack" in question ? (question.pack ?? null) : null;
}

/** Whether two questions ask the same. */
export function isSameQuestion(a: Question, b: Question): boolean {
	const detail = (question: Question) =>
		"selector" in question ? question.selector : "groups" in question ? question.groups.join() : null;
	return a.kind === b.kind && detail(a) === detail(b) && packAsked(a) === packAsked(b);
}

/** Whether it is asked all the time: others are asked once, and nothing hangs on their answer. */
export function isRegular({ kind }: Question): boolean {
	return kind === "telemetry" || kind === "status";
}

function asAnswer(exchange: Exchange<AnyReading>): Exchange<LiveAnswer> {
	return mapExchange(exchange, (reading) => ({ readings: [reading] }));
}

function parametersExchange(
	access: PackAccess | undefined,
	{ groups }: Extract<Question, { kind: "parameters" }>,
	address: number,
): Exchange<LiveAnswer> | null {
	const set = access?.parameterSets?.find((one) => one.groups.join() === groups.join());
	const [group] = groups;
	const exchange = set?.read(address) ?? (group === undefined ? undefined : access?.parameters(address, group));
	if (exchange === undefined) return null;
	return mapExchange(exchange, ({ repliedBy, value }) => {
		const reading: Reading = { kind: "parameters", repliedBy, values: value };
		return { readings: [reading] };
	});
}
