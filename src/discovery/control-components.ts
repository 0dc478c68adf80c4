import type { PackSnapshot } from "../bms/battery/snapshot.ts";
import { ARMED_CLASSES, type ArmedClass, type BankCommands, type WriteClass } from "../bms/command/command.ts";
import { CONTROLS, type Control } from "./controls.ts";
import type { Component } from "./discovery-config.ts";
import { onOffTemplate, valueTemplate } from "./templates.ts";
import type { DeviceKey, Names } from "./topics.ts";

/**
 * Home Assistant's switches, numbers, selects and buttons (home-assistant.md §§4, 6). Comfort is enabled from the
 * start; what reaches deeper is not, and available only while its class is armed.
 */

/** A command that waited this long is not wanted any more, s; brokers and Home Assistant that know expiry drop it. */
const COMMAND_LIFE_S = 10;

/** Controls of the classes that are enabled, as far as the line's protocol can do them. */
export function controlsOf(commands: Pick<BankCommands, "access" | "offers">): readonly Control[] {
	const { enabled } = commands.access;
	return CONTROLS.filter(({ class: writeClass, command, part }) => enabled.includes(writeClass) && commands.offers(command, part));
}

/** Key of a control among the components: the plain key belongs to the sensor that shows the same. */
export const componentKey = ({ key }: Control) => `set_${key}`;

/** The components of a pack's controls, and the sensor with what became of the last command. */
export function controlComponents(
	pack: PackSnapshot,
	controls: readonly Control[],
	names: Names,
	slug: string,
): Readonly<Record<string, Component>> {
	const uid = names.uid(pack.address);
	const lastCommand: Component = {
		p: "sensor",
		unique_id: `${uid}_last_command`,
		default_entity_id: `sensor.${slug}_last_command`,
		name: "Last command",
		icon: "mdi:console-line",
		entity_category: "diagnostic",
		state_topic: names.state(pack.address, "settings"),
		value_template: valueTemplate("last_command"),
		json_attributes_topic: names.state(pack.address, "settings"),
		json_attributes_template: "{{ value_json.last_command_details | default({}) | tojson }}",
		qos: 1,
		availability: [{ topic: names.bridgeState }],
	};
	return {
		...Object.fromEntries(controls.map((control) => [componentKey(control), component(control, pack, names, slug)])),
		last_command: lastCommand,
	};
}

/** Where the password for a class is typed in: it is never shown again, and not kept. */
export function armingComponents(classes: ReadonlySet<WriteClass>, names: Names, slug: string): Readonly<Record<string, Component>> {
	return Object.fromEntries(
		ARMED_CLASSES.filter((armed) => classes.has(armed)).map((armed): [string, Component] => [
			armingKey(armed),
			{
				p: "text",
				unique_id: `${names.uid("bank")}_${armingKey(armed)}`,
				default_entity_id: `text.${slug}_${armingKey(armed)}`,
				name: ARMING_NAMES[armed],
				icon: "mdi:key-variant",
				entity_category: "config",
				enabled_by_default: false,
				mode: "password",
				min: 0,
				max: 128,
				command_topic: names.command("bank", armingKey(armed)),
				// Always empty: without a state Home Assistant would keep the password as one.
				state_topic: names.bridgeState,
				value_template: "{{ '' }}",
				qos: 1,
				message_expiry_interval: COMMAND_LIFE_S,
				availability: [{ topic: names.bridgeState }],
			},
		]),
	);
}

export const armingKey = (armed: ArmedClass) => `arm_${armed}`;

const ARMING_NAMES = {
	control: "Password for control (5 minutes)",
	parameter: "Password for parameters (5 minutes)",
} as const satisfies Record<ArmedClass, string>;

function component(control: Control, pack: PackSnapshot, names: Names, slug: string): Component {
	const { platform, key, state } = control;
	const device: DeviceKey = pack.address;
	const isComfort = control.class === "comfort";
	const stateTopic = names.state(device, "settings");
	return {
		p: platform,
		unique_id: `${names.uid(device)}_${componentKey(control)}`,
		default_entity_id: `${platform}.${slug}_${key}`,
		name: control.name,
		...(control.icon === undefined ? {} : { icon: control.icon }),
		...(control.deviceClass === undefined ? {} : { device_class: control.deviceClass }),
		...(control.unit === undefined ? {} : { unit_of_measurement: control.unit }),
		entity_category: "config",
		...(isComfort ? {} : { enabled_by_default: false }),
		command_topic: names.command(device, key),
		...(state === null ? {} : { state_topic: stateTopic, value_template: templateOf(control, state) }),
		...rangeOf(control, pack),
		...(control.options === undefined ? {} : { options: control.options }),
		qos: 1,
		message_expiry_interval: COMMAND_LIFE_S,
		availability: [
			{ topic: names.bridgeState },
			{ topic: names.availability(device) },
			...(isComfort ? [] : [{ topic: names.access(control.class) }]),
		],
	};
}

function templateOf({ platform }: Control, path: string): string {
	return platform === "switch" ? onOffTemplate(path) : valueTemplate(path);
}

/** Home Assistant refuses a state outside the range: it must cover what the pack holds. The tighter rule is kept below. */
function rangeOf({ range, parameter }: Control, { parameters }: PackSnapshot): Readonly<Record<string, number | string>> {
	if (range === undefined) return {};
	const value = parameter === undefined ? undefined : parameters?.[parameter];
	const values = [range.minimum, range.maximum, ...(value === undefined ? [] : [value])];
	return { min: Math.min(...values), max: Math.max(...values), step: Math.max(0.001, range.step), mode: "box" };
}
