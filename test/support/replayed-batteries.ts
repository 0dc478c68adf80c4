import { devices, entityOf, type Heard } from "./home-assistant-view.ts";

/**
 * TABLE of captured batteries and what Home Assistant has to show of them. The numbers were worked out by hand
 * from the captured bytes (rs232-v25 §5 and §6 give the layout), not with this project's decoder.
 */

/** What an entity shows, by its name; a list means any of these (several captures of one request are played in turn). */
type Shown = Readonly<Record<string, string | readonly string[]>>;

export interface ReplayedBattery {
	readonly title: string;
	/** In test/fixtures/replay. */
	readonly file: string;
	/** What the bank's own device shows. */
	readonly bank: Shown;
	/** What the packs show, by address. */
	readonly packs: Readonly<Record<number, Shown>>;
	/** Codes of the bank's active alarms. */
	readonly alarmCodes: readonly string[];
}

const cells = (millivolts: readonly number[]): Shown =>
	Object.fromEntries(millivolts.map((value, index) => [`Cell ${index + 1} voltage`, String(value / 1000)]));

const allQuiet: Shown = { "Alarm active": "off", "Protection active": "off", "Fault active": "off" };

export const REPLAYED_BATTERIES: readonly ReplayedBattery[] = [
	{
		title: "one pack: Jakiper 48V100, P16S100A-1812, discharging",
		file: "one-pack-p16s100a-1812.json",
		bank: { ...allQuiet, "Packs online": "1", Voltage: "52.429", "Battery link": "on" },
		packs: {
			1: {
				...allQuiet,
				...cells([3271, 3272, 3271, 3271, 3271, 3269, 3270, 3271, 3271, 3270, 3271, 3270, 3270, 3271, 3270, 3271]),
				Voltage: "52.429",
				Current: "-2.25",
				// 52.429 V · -2.25 A = -117.97 W
				Power: ["-117.97", "-118"],
				"Remaining capacity": "48.19",
				"Full capacity": "103.46",
				"Design capacity": "100",
				Cycles: "140",
				"Cell voltage min": "3.269",
				"Cell voltage max": "3.272",
				"Cell voltage delta": "3",
				"Lowest cell": "6",
				"Highest cell": "2",
				"Cell temperature 1": "24.1",
				"Cell temperature 4": "23.9",
				"MOSFET temperature": "26.5",
				"Ambient temperature": "27.4",
				// This firmware sends neither: the charge follows from 48.19 of 103.46 Ah, the health is not known.
				"State of charge": ["46.6", "46.58"],
				"State of health": "unknown",
				Discharging: "on",
				Charging: "off",
				Online: "on",
			},
		},
		alarmCodes: [],
	},
	{
		title: "several packs: seven Revov R100, old and new models mixed, two measurements in turn",
		file: "seven-packs-revov-r100.json",
		bank: { ...allQuiet, "Packs online": "7", "Full capacity": "704.83", "Design capacity": "700", "State of health": "100" },
		packs: {
			1: { Voltage: ["52.963", "52.959"], Current: ["-8.2", "-8.42"], "State of charge": "90", "Full capacity": "100", Cycles: "47" },
			2: { Voltage: ["52.987", "52.981"], Current: ["-7.54", "-7.59"], "State of charge": "90", "Full capacity": "100", Cycles: "45" },
			3: { Voltage: ["52.987", "52.982"], Current: ["-7.12", "-7.19"], "State of charge": "92", "Full capacity": "100.31", Cycles: "105" },
			4: { Voltage: ["53.066", "53.063"], Current: ["-6.23", "-6.33"], "State of charge": "95", "Full capacity": "100.3", Cycles: "524" },
			5: { Voltage: ["53.005", "53"], Current: "-6.13", "State of charge": "95", "Full capacity": "105.05", Cycles: "521" },
			6: { Voltage: ["53.051", "53.048"], Current: ["-6.12", "-6.08"], "State of charge": "95", "Full capacity": "99.8", Cycles: "508" },
			7: { Voltage: "53.036", Current: ["-6.13", "-6.16"], "State of charge": "95", "Full capacity": "99.37", Cycles: "505" },
		},
		alarmCodes: [],
	},
	{
		title: "alarm set: two full packs over the cell and pack voltage limits; Fully is a state and not a problem",
		file: "alarm-set-two-full-packs.txt",
		bank: {
			"Cell over-voltage alarm": "on",
			"Pack over-voltage alarm": "on",
			"Discharge over-current alarm": "off",
			"Cell over-voltage protection": "off",
			"Alarm active": "on",
			"Fully charged": "on",
			"Protection active": "off",
			"Fault active": "off",
		},
		packs: {
			1: {
				...cells([3613, 3611, 3613, 3608, 3604, 3609, 3603, 3592, 3608, 3609, 3608, 3616, 3616, 3606, 3615, 3610]),
				Voltage: "57.741",
				Current: "0",
				"State of charge": "100",
				"Remaining capacity": "199.92",
				Cycles: "192",
				"Lowest cell": "8",
			},
			2: {
				...cells([3601, 3611, 3613, 3599, 3601, 3598, 3601, 3613, 3609, 3603, 3606, 3608, 3607, 3609, 3611, 3608]),
				Voltage: "57.796",
				"State of charge": "100",
				"Full capacity": "207",
				Cycles: "7",
			},
		},
		alarmCodes: ["OV", "TOV"],
	},
];

const BANK_DEVICE = /^(?!.* pack \d).*\(replayed\)$/;

/** What Home Assistant would show differently from what the captured bytes say, in words; empty when all is right. */
export function differences(heard: Heard, battery: ReplayedBattery): readonly string[] {
	const expectedDevices = Object.keys(battery.packs).length + 1;
	const found = devices(heard).length;
	if (found !== expectedDevices) return [`${found} devices are announced, not ${expectedDevices}`];
	const codes = entityOf(heard, BANK_DEVICE, "Alarm active").codes;
	return [
		...differing(heard, BANK_DEVICE, battery.bank),
		...Object.entries(battery.packs).flatMap(([pack, shown]) => differing(heard, new RegExp(` pack ${pack} \\(replayed\\)$`), shown)),
		...(codes?.toSorted().join() === battery.alarmCodes.join() ? [] : [`active alarms are ${codes}, not ${battery.alarmCodes}`]),
	];
}

function differing(heard: Heard, device: RegExp, shown: Shown): readonly string[] {
	return Object.entries(shown).flatMap(([name, wanted]) => {
		const { state } = entityOf(heard, device, name);
		return [wanted].flat().includes(state) ? [] : [`${device} ${name} is ${state}, not ${[wanted].flat().join(" or ")}`];
	});
}
