import type { ArmedClass, Caller } from "./command.ts";

/** How long an arming lasts, ms. */
export const ARMED_MS = 5 * 60_000;

/** What is armed. Times in ms since the epoch. */
export interface Arming {
	readonly armed: { readonly class: ArmedClass; readonly caller: Caller; readonly until: number } | null;
}

export const DISARMED: Arming = { armed: null };

export type ArmingInput =
	| { readonly type: "armed"; readonly class: ArmedClass; readonly caller: Caller; readonly at: number }
	| { readonly type: "disarmed"; readonly caller: Caller }
	/** Whatever is armed ends: another password is there. */
	| { readonly type: "ended" }
	| { readonly type: "time"; readonly at: number };

/** What follows. One class for one caller at a time: another arming ends the one before. */
export function nextArming(arming: Arming, input: ArmingInput): Arming {
	switch (input.type) {
		case "armed": {
			const { class: armedClass, caller, at } = input;
			return { armed: { class: armedClass, caller, until: at + ARMED_MS } };
		}
		case "disarmed":
			return arming.armed !== null && isSameCaller(arming.armed.caller, input.caller) ? DISARMED : arming;
		case "ended":
			return arming.armed === null ? arming : DISARMED;
		case "time":
			return arming.armed !== null && input.at >= arming.armed.until ? DISARMED : arming;
	}
}

/** Whether this class is armed for this caller now. */
export function isArmed({ armed }: Arming, wanted: ArmedClass, caller: Caller, at: number): boolean {
	return armed !== null && at < armed.until && armed.class === wanted && isSameCaller(armed.caller, caller);
}

function isSameCaller(a: Caller, b: Caller): boolean {
	return a.kind === b.kind && a.id === b.id;
}
