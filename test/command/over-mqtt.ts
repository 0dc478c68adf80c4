import type { Bank } from "../../src/bms/bank.ts";
import { componentKey } from "../../src/discovery/control-components.ts";
import { CONTROLS, type Control } from "../../src/discovery/controls.ts";
import { createDiscovery } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS } from "../../src/discovery/options.ts";
import { namesOf } from "../../src/discovery/topics.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { TestBroker } from "../support/broker.ts";
import type { OpenEntry, WhileWaiting } from "./entry-points.ts";
import { PASSWORD } from "./fake-battery.ts";

type Given = Readonly<Record<string, unknown>>;

/** What a command means there: the controls with their payloads; none where Home Assistant has none for it. */
export function controlsMeant(command: string, given: unknown): readonly { readonly control: Control; readonly payload: string }[] {
	const wanted = given as Given;
	return CONTROLS.filter((control) => control.command === command).flatMap((control) => {
		const payload = payloadFor(control, wanted);
		return payload === null ? [] : [{ control, payload }];
	});
}

function payloadFor({ platform, part, parameter, options, key }: Control, given: Given): string | null {
	if (parameter !== undefined) {
		const value = (given.values as Given | undefined)?.[parameter];
		if (value === undefined) return null;
		return platform === "switch" ? onOrOff(value === 1) : String(value);
	}
	if (platform === "switch") return part === given.switch ? onOrOff(given.on === true) : null;
	if (platform === "button") return "PRESS";
	const code = given[key.endsWith("can") ? "can" : "rs485"];
	return typeof code === "number" ? (options?.[code + 1] ?? null) : null;
}

const onOrOff = (on: boolean) => (on ? "ON" : "OFF");
const json = (text: string | undefined) => JSON.parse(text ?? "null") as Record<string, Record<string, unknown>> | null;

/** Home Assistant's way in: messages to a true broker, to the topics of the controls and of arming. */
export async function overMqtt(bank: Bank, whileWaiting: WhileWaiting): Promise<OpenEntry> {
	const broker = await TestBroker.start();
	const settings = { ...defaultsOf(MQTT_SETTINGS), url: broker.url };
	const names = namesOf(bank.snapshot, settings);
	const deps = { logger: silentLogger, clock: bank.clock, random: () => 0.5, pageUrl: null, version: "1" };
	const discovery = createDiscovery(bank, settings, deps);
	await whileWaiting(broker.until("the pack is there", () => broker.last(names.availability(1)) === "online"));

	const isAnnounced = (pack: number, control: Control) =>
		json(broker.last(names.config(pack)))?.cmps?.[componentKey(control)] !== undefined;
	const became = (pack: number) => JSON.stringify(json(broker.last(names.state(pack, "settings")))?.last_command_details);
	const rejections = () => broker.on(names.event("bank")).length;
	/** Everything said before was heard, or is never. */
	const heard = () => broker.tell(names.command("bank", "arm_control"), "");

	return {
		async give(command, given) {
			const pack = typeof (given as Given).pack === "number" ? Number((given as Given).pack) : 1;
			const meant = controlsMeant(command, given);
			if (meant.length === 0) await broker.say(names.command(pack, command), "PRESS");
			for (const { control, payload } of meant) {
				const before = became(pack);
				await broker.say(names.command(pack, control.key), payload);
				if (isAnnounced(pack, control)) await broker.until(`${control.key} has ended`, () => became(pack) !== before);
			}
			await heard();
		},
		async arm(armed) {
			const before = rejections();
			await broker.say(names.command("bank", `arm_${armed}`), PASSWORD);
			const isArmed = () => broker.last(names.access(armed as "control")) === "online";
			if (armed !== "comfort") await broker.until(`${armed} is armed or not`, () => isArmed() || rejections() > before);
			await heard();
		},
		async end() {
			await whileWaiting(discovery.stop());
			await broker.stop();
		},
	};
}
