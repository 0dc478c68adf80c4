import type { ArmedClass, Caller } from "./command.ts";

/** How long an arming lasts, ms. */
export const ARMED_MS = 5 * 60_000;
/** Wrong passwords in a row that cost no waiting. */
const FREE_FAILURES = 3;
/** Wait after the first wrong password that costs one, ms; it doubles with every further one. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** What is armed, and how often the password was wrong in a row. Times in ms since the epoch. */
export interface Arming {
	readonly armed: { readonly class: ArmedClass; readonly caller: Caller; readonly until: number } | null;
	readonly failures: number;
	/** Before this time no password is looked at. */
	readonly waitUntil: number;
}

export const DISARMED: Arming = { armed: null, failures: 0, waitUntil: 0 };

export type ArmingInput =
	| { readonly type: "armed"; readonly class: ArmedClass; readonly caller: Caller; readonly at: number }
	| { readonly type: "wrong-password"; readonly at: number }
	/** The password was right, and nothing is armed by it. */
	| { readonly type: "right-password" }
	| { readonly type: "disarmed"; readonly caller: Caller }
	/** Whatever is armed ends: another password is there. */
	| { readonly type: "ended" }
	| { readonly type: "time"; readonly at: number };

/** What follows. One class for one caller at a time: another arming ends the one before. */
export function nextArming(arming: Arming, input: ArmingInput): Arming {
	switch (input.type) {
		case "armed": {
			const { class: armedClass, caller, at } = input;
			return { armed: { class: armedClass, caller, until: at + ARMED_MS }, failures: 0, waitUntil: 0 };
		}
		case "wrong-password": {
			const failures = arming.failures + 1;
			return { ...arming, failures, waitUntil: input.at + waitAfter(failures) };
		}
		case "right-password":
			return { ...arming, failures: 0, waitUntil: 0 };
		case "disarmed":
			return arming.armed !== null && isSameCaller(arming.armed.caller, input.caller) ? { ...arming, armed: null } : arming;
		case "ended":
			return arming.armed === null ? arming : { ...arming, armed: null };
		case "time":
			return arming.armed !== null && input.at >= arming.armed.until ? { ...arming, armed: null } : arming;
	}
}

/** Whether this class is armed for this caller now. */
export function isArmed({ armed }: Arming, wanted: ArmedClass, caller: Caller, at: number): boolean {
	return armed !== null && at < armed.until && armed.class === wanted && isSameCaller(armed.caller, caller);
}

/** How long no password is looked at, ms. */
export function waitMs(arming: Arming, at: number): number {
	// A clock that was set back must not lock anybody out for longer than the wait itself.
	return Math.min(Math.max(0, arming.waitUntil - at), LONGEST_WAIT_MS);
}

function waitAfter(failures: number): number {
	if (failures < FREE_FAILURES) return 0;
	return Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - FREE_FAILURES, 16), LONGEST_WAIT_MS);
}

function isSameCaller(a: Caller, b: Caller): boolean {
	return a.kind === b.kind && a.id === b.id;
}
