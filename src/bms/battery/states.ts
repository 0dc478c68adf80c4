/**
 * TABLE of the on/off states of a pack (fault-map §5). `unverified`: the sources contradict each other or
 * none proves the polarity, so the value is shown with that mark and nothing is decided from it.
 */
export const STATES = {
	chargeMosfet: { label: "Charge MOSFET" },
	dischargeMosfet: { label: "Discharge MOSFET" },
	chargerPresent: { label: "Charger present" },
	packSupplying: { label: "Pack supplying" },
	heater: { label: "Heater" },
	shuttingDown: { label: "Shutting down" },
	currentLimiting: { label: "Charge current limiting", unverified: true },
	buzzerEnabled: { label: "Buzzer enabled" },
	ledAlarmDisabled: { label: "LED alarm disabled", unverified: true },
	currentLimiterDisabled: { label: "Charge current limiter disabled", unverified: true },
	limiterGearLow: { label: "Limiter gear low" },
	dischargeMosfetFunction: { label: "Discharge MOSFET function bit", unverified: true },
	chargeMosfetFunction: { label: "Charge MOSFET function bit", unverified: true },
	systemLock: { label: "System lock", unverified: true },
	testMode: { label: "Test mode", unverified: true },
} as const satisfies Record<string, { readonly label: string; readonly unverified?: true }>;

export type StateKey = keyof typeof STATES;
export const STATE_KEYS = Object.keys(STATES) as readonly StateKey[];
