import { candidate } from "./candidates.ts";
import type { Miss, Outcome, Step } from "./plan.ts";

/** TABLE of how a question ended, in a word or two. */
const MISSES = {
	silence: "nothing",
	echo: "our own question came back",
	garbage: "bytes that are no answer",
	broken: "an answer that broke off",
	others: "answers to other questions",
	refused: "it refuses",
	unreadable: "an answer of unknown form",
	"other-version": "an answer of another version",
	"foreign-map": "Modbus of another brand",
	away: "that pack is away",
} as const satisfies Record<Miss, string>;

/** A step in one line, before it is done. */
export function stepWords(step: Step, gateway: boolean): string {
	const speed = gateway ? "" : `${step.baudRate} baud, `;
	if (step.kind === "listen") return `${speed}listening for ${step.forMs / 1000} s, nothing is sent`;
	const { label } = candidate(step.protocol);
	switch (step.kind) {
		case "find":
			return `${speed}${label}, address ${step.address}`;
		case "census":
			return `${step.relayed ? "asking the main pack for" : "asking"} pack ${step.address}`;
		case "socket":
			return "finding out which socket this is";
		case "count":
			return "asking how many packs there are";
		case "identify":
			return `asking pack ${step.address} for version and serial number`;
	}
}

/** What came of it. */
export function outcomeWords(outcome: Outcome): string {
	switch (outcome.kind) {
		case "heard":
			return outcome.hearing.kind === "silence" ? "silence" : `${outcome.hearing.bytes} bytes: ${outcome.hearing.kind}`;
		case "answered": {
			const { address, voltage, stateOfCharge } = outcome.pack;
			return `pack ${address}: ${voltage.toFixed(2)} V${stateOfCharge === null ? "" : `, ${Math.round(stateOfCharge)} %`}`;
		}
		case "counted":
			return outcome.count === null ? "it does not say" : String(outcome.count);
		case "identified":
			return [outcome.version, outcome.serial].filter((text) => text !== null).join(", ") || "it does not say";
		case "missed":
			return MISSES[outcome.miss];
		case "line-lost":
			return outcome.error.message;
	}
}
