import type { StateKey } from "./states.ts";

/**
 * TABLE of what can be switched in a pack (rs232-v25 §9): the state that shows it, and whether that state is set or
 * clear while the thing is on. `unverified`: the sources contradict each other about that polarity, so a read-back
 * cannot settle what the battery did; the user has to look.
 */
export interface Switch {
	readonly label: string;
	readonly state: StateKey;
	/** Value of the state while the thing is on. */
	readonly onWhen: boolean;
	readonly unverified?: true;
}

export const SWITCHES = {
	buzzer: { label: "Buzzer", state: "buzzerEnabled", onWhen: true },
	/** 99h/06 and 07; bit 5 of the control byte, polarity disputed (§6.4). */
	ledAlarm: { label: "LED alarm", state: "ledAlarmDisabled", onWhen: false, unverified: true },
	/** 99h/0A and 0B; bit 4 of the control byte, polarity disputed (§6.4). */
	currentLimiter: { label: "Charge current limiter", state: "currentLimiterDisabled", onWhen: false, unverified: true },
	/** 99h/09 (low) and 08 (high). */
	limiterGearLow: { label: "Limiter gear low", state: "limiterGearLow", onWhen: true },
	/** 9Ah; the indication byte is proven, only what the control bits say is disputed. */
	chargeMosfet: { label: "Charge MOSFET", state: "chargeMosfet", onWhen: true },
	/** 9Bh. */
	dischargeMosfet: { label: "Discharge MOSFET", state: "dischargeMosfet", onWhen: true },
} as const satisfies Record<string, Switch>;

export type SwitchKey = keyof typeof SWITCHES;
export const SWITCH_KEYS = Object.keys(SWITCHES) as readonly SwitchKey[];

/** The row of a switch, with the optional marks readable. */
export function switchOf(key: SwitchKey): Switch {
	return SWITCHES[key];
}
