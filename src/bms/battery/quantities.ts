/** TABLE of the physical quantities a reading can be. Raw wire units end in the layouts; these are the units of the model. */
export const QUANTITIES = {
	voltage: { unit: "V", decimals: 3 },
	voltageDifference: { unit: "mV", decimals: 0 },
	current: { unit: "A", decimals: 2 },
	power: { unit: "W", decimals: 0 },
	capacity: { unit: "Ah", decimals: 2 },
	energy: { unit: "kWh", decimals: 3 },
	temperature: { unit: "°C", decimals: 1 },
	stateOfCharge: { unit: "%", decimals: 1 },
	stateOfHealth: { unit: "%", decimals: 0 },
	cycles: { unit: "", decimals: 0 },
	count: { unit: "", decimals: 0 },
	cellNumber: { unit: "", decimals: 0 },
} as const satisfies Record<string, { readonly unit: string; readonly decimals: number }>;

export type Quantity = keyof typeof QUANTITIES;
