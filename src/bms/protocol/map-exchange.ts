import type { Acceptance, Exchange } from "./protocol.ts";

/** The same exchange, its answer turned into something else. */
export function mapExchange<T, U>(exchange: Exchange<T>, turn: (value: T) => U): Exchange<U> {
	return chained(exchange, (value) => ({ kind: "reply", value: turn(value) }));
}

/** The same exchange for a line with several packs: an answer of another address belongs to another question. */
export function onlyFrom<T extends { readonly repliedBy: number }>(address: number, exchange: Exchange<T>): Exchange<T> {
	return chained(exchange, (value) =>
		value.repliedBy === address ? { kind: "reply", value } : { kind: "foreign", reason: `an answer of pack ${value.repliedBy}` },
	);
}

function chained<T, U>(exchange: Exchange<T>, next: (value: T) => Acceptance<U>): Exchange<U> {
	return {
		label: exchange.label,
		request: exchange.request,
		accept(frame) {
			const accepted = exchange.accept(frame);
			return accepted.kind === "reply" ? next(accepted.value) : accepted;
		},
	};
}
