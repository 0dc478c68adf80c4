import type { HomeAssistantApi } from "./home-assistant-api.ts";

const HOUR_MS = 3_600_000;
const HOURS = 8 * 24;
/** kWh of an hour of the day: charged while the sun shines, discharged in the evening. */
const HOURLY = {
	energy_charged: (hour: number) => (hour >= 9 && hour < 16 ? 0.9 : 0),
	energy_discharged: (hour: number) => (hour >= 17 ? 0.7 : 0.06),
} as const;

/** Gives the energy counters of a device a past, as Home Assistant's statistics keep it: a week of days that differ. */
export async function weekOfEnergy(api: HomeAssistantApi, device: string, now = Date.now()): Promise<void> {
	const first = Math.floor(now / HOUR_MS) * HOUR_MS - HOURS * HOUR_MS;
	for (const [key, ofHour] of Object.entries(HOURLY)) {
		let sum = 0;
		const stats = Array.from({ length: HOURS }, (_, index) => {
			const start = new Date(first + index * HOUR_MS);
			sum += ofHour(start.getUTCHours()) * (0.8 + 0.1 * (start.getUTCDate() % 5));
			return { start: start.toISOString(), sum, state: sum };
		});
		await api.command("recorder/import_statistics", {
			metadata: {
				...{ source: "recorder", statistic_id: `sensor.${device}_${key}`, name: null },
				...{ unit_of_measurement: "kWh", unit_class: "energy", has_sum: true, mean_type: 0 },
			},
			stats,
		});
	}
}
