import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { devices, entityOf } from "./support/home-assistant-view.ts";
import { startMosquitto } from "./support/mosquitto.ts";
import { type Observer, observe } from "./support/mqtt-observer.ts";
import { startServer } from "./support/rack-battery.ts";
import { eventually, repository, Scene } from "./support/scene.ts";

/**
 * The main job on real bytes: captured replies of real batteries through the whole server to Mosquitto, read
 * there as Home Assistant reads them. The expected numbers were worked out by hand from the captured bytes
 * (rs232-v25 §5 and §6 give the layout), not with this project's decoder.
 */

const scene = new Scene();
afterEach(() => scene.end());

async function replayed(file: string): Promise<Observer> {
	const broker = await startMosquitto(scene);
	const observer = await observe(scene, broker.url);
	await startServer(scene, { args: ["--mqtt", broker.url, "--replay", join(repository, "test", "fixtures", "replay", file)] });
	return observer;
}

/** Waits until entities of a device show what they should; a list of texts means any of them. */
async function shows(observer: Observer, device: RegExp, expected: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
	await eventually(
		`${device} on MQTT`,
		() => {
			for (const [name, wanted] of Object.entries(expected)) {
				const { state } = entityOf(observer, device, name);
				if (![wanted].flat().includes(state)) throw new Error(`${name} is ${state}, not ${[wanted].flat().join(" or ")}`);
			}
			return true;
		},
		30_000,
	);
}

const cells = (millivolts: readonly number[]) =>
	Object.fromEntries(millivolts.map((value, index) => [`Cell ${index + 1} voltage`, String(value / 1000)]));

test("one pack: Jakiper 48V100, P16S100A-1812, discharging", async () => {
	const observer = await replayed("one-pack-p16s100a-1812.json");
	await shows(observer, /pack 1 \(replayed\)$/, {
		...cells([3271, 3272, 3271, 3271, 3271, 3269, 3270, 3271, 3271, 3270, 3271, 3270, 3270, 3271, 3270, 3271]),
		Voltage: "52.429",
		Current: "-2.25",
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
		// This firmware sends no health, and no state of charge but the capacities: 48.19 of 103.46 Ah.
		"State of health": "unknown",
		Discharging: "on",
		Charging: "off",
		Online: "on",
		"Alarm active": "off",
		"Protection active": "off",
		"Fault active": "off",
	});
	expect(Number(entityOf(observer, /pack 1 /, "State of charge").state)).toBeCloseTo(46.58, 1);
	expect(Number(entityOf(observer, /pack 1 /, "Power").state)).toBeCloseTo(52.429 * -2.25, 0);
	await shows(observer, /^(?!.*pack).*\(replayed\)$/, { "Packs online": "1", Voltage: "52.429", "Battery link": "on" });
	expect(devices(observer).length).toBe(2);
});

test("several packs: seven Revov R100, old and new models mixed, two measurements in turn", async () => {
	const observer = await replayed("seven-packs-revov-r100.json");
	const packs = [
		{ Voltage: ["52.963", "52.959"], Current: ["-8.2", "-8.42"], "State of charge": "90", "Full capacity": "100", Cycles: "47" },
		{ Voltage: ["52.987", "52.981"], Current: ["-7.54", "-7.59"], "State of charge": "90", "Full capacity": "100", Cycles: "45" },
		{ Voltage: ["52.987", "52.982"], Current: ["-7.12", "-7.19"], "State of charge": "92", "Full capacity": "100.31", Cycles: "105" },
		{ Voltage: ["53.066", "53.063"], Current: ["-6.23", "-6.33"], "State of charge": "95", "Full capacity": "100.3", Cycles: "524" },
		{ Voltage: ["53.005", "53"], Current: ["-6.13"], "State of charge": "95", "Full capacity": "105.05", Cycles: "521" },
		{ Voltage: ["53.051", "53.048"], Current: ["-6.12", "-6.08"], "State of charge": "95", "Full capacity": "99.8", Cycles: "508" },
		{ Voltage: ["53.036"], Current: ["-6.13", "-6.16"], "State of charge": "95", "Full capacity": "99.37", Cycles: "505" },
	];
	for (const [index, expected] of packs.entries())
		await shows(observer, new RegExp(`pack ${index + 1} \\(replayed\\)$`), { ...expected, "State of health": "100" });
	await shows(observer, /^(?!.*pack).*\(replayed\)$/, {
		"Packs online": "7",
		"Full capacity": "704.83",
		"Design capacity": "700",
		"Alarm active": "off",
		"Protection active": "off",
		"Fault active": "off",
	});
	expect(devices(observer).length).toBe(8);
});

test("alarm set: two full packs over the cell and pack voltage limits, Fully shown as a state and not as a problem", async () => {
	const observer = await replayed("alarm-set-two-full-packs.txt");
	await shows(observer, /pack 1 \(replayed\)$/, {
		...cells([3613, 3611, 3613, 3608, 3604, 3609, 3603, 3592, 3608, 3609, 3608, 3616, 3616, 3606, 3615, 3610]),
		Voltage: "57.741",
		Current: "0",
		"State of charge": "100",
		"Remaining capacity": "199.92",
		Cycles: "192",
		"Lowest cell": "8",
	});
	await shows(observer, /pack 2 \(replayed\)$/, {
		...cells([3601, 3611, 3613, 3599, 3601, 3598, 3601, 3613, 3609, 3603, 3606, 3608, 3607, 3609, 3611, 3608]),
		Voltage: "57.796",
		"State of charge": "100",
		"Full capacity": "207",
		Cycles: "7",
	});
	const bank = /^(?!.*pack).*\(replayed\)$/;
	await shows(observer, bank, {
		"Cell over-voltage alarm": "on",
		"Pack over-voltage alarm": "on",
		"Discharge over-current alarm": "off",
		"Alarm active": "on",
		"Fully charged": "on",
		"Protection active": "off",
		"Fault active": "off",
	});
	expect(entityOf(observer, bank, "Alarm active").codes?.toSorted()).toEqual(["OV", "TOV"]);
	expect(entityOf(observer, bank, "Fully charged").deviceClass).toBeNull();
	expect(entityOf(observer, bank, "Protection active").codes).toEqual([]);
});
