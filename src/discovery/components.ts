import { conditionOf } from "../bms/battery/conditions.ts";
import { type Datapoint, probeLabel } from "../bms/battery/datapoints.ts";
import { STATE_KEYS, STATES } from "../bms/battery/states.ts";
import {
	BANK_ENTITIES,
	type DatapointEntity,
	EXTRA_ENTITIES,
	type ExtraEntity,
	PACK_ENTITIES,
	STATE_EXCEPTIONS,
	stateKeyOf,
} from "./entities.ts";
import type { Group } from "./groups.ts";
import { QUANTITY_CLASSES, quantityClassOf, unitOf } from "./quantity-classes.ts";
import { SHOWN_CONDITIONS } from "./state-payload.ts";
import { onOffTemplate, valueTemplate } from "./templates.ts";

/** One entity, before it gets the ids and topics of its device. */
export interface EntitySpec {
	/** Small letters, digits and underscores; unique on its device and stable for ever. */
	readonly key: string;
	readonly platform: "sensor" | "binary_sensor";
	readonly name: string;
	/** A group with a template, or one of the plain `online`/`offline` topics. */
	readonly source: { readonly group: Group; readonly template: string } | "availability" | "bridge";
	readonly deviceClass?: string | undefined;
	readonly stateClass?: string | undefined;
	readonly unit?: string | undefined;
	readonly precision?: number | undefined;
	readonly icon?: string | undefined;
	readonly category?: "diagnostic" | undefined;
	readonly enabled: boolean;
	readonly shown: ExtraEntity["shown"];
	readonly codes?: string | undefined;
	/** Template of further attributes, from the same message. */
	readonly attributes?: string | undefined;
}

export interface EntityChoices {
	/** Whether single cells are enabled from the start. */
	readonly cellEntities: boolean;
}

/** How many cells and probes a pack has. */
export interface PackShape {
	readonly cells: number;
	readonly probes: number;
}

export function bankEntities(): readonly EntitySpec[] {
	return [...BANK_ENTITIES.map(([, datapoint, entity]) => readingSpec(datapoint, entity)), ...extraSpecs("bank"), ...conditionSpecs()];
}

export function packEntities(shape: PackShape, choices: EntityChoices): readonly EntitySpec[] {
	return [
		...PACK_ENTITIES.flatMap(([, datapoint, entity]) => {
			if (!("list" in datapoint) || datapoint.list === undefined) return [readingSpec(datapoint, entity)];
			return datapoint.list === "cell" ? cellSpecs(datapoint, entity, shape.cells, choices) : probeSpecs(datapoint, entity, shape.probes);
		}),
		...extraSpecs("pack"),
		...stateSpecs(),
		...conditionSpecs(),
	];
}

function readingSpec(datapoint: Datapoint, entity: DatapointEntity): EntitySpec {
	const quantity = quantityClassOf(datapoint.quantity);
	return {
		key: entity.key,
		platform: "sensor",
		name: datapoint.label,
		source: { group: entity.group, template: valueTemplate(entity.key) },
		deviceClass: quantity.deviceClass,
		stateClass: quantity.stateClass,
		unit: unitOf(datapoint.quantity),
		precision: entity.precision ?? quantity.precision,
		icon: quantity.icon,
		category: entity.category,
		enabled: true,
		shown: entity.alwaysKnown ? "bridge" : "device",
	};
}

function cellSpecs(datapoint: Datapoint, entity: DatapointEntity, count: number, choices: EntityChoices): readonly EntitySpec[] {
	return Array.from({ length: count }, (_, index) => ({
		...readingSpec(datapoint, entity),
		key: `cell_${index + 1}`,
		name: `Cell ${index + 1} voltage`,
		source: { group: entity.group, template: valueTemplate(`${entity.key}[${index}]`) },
		enabled: choices.cellEntities,
	}));
}

function probeSpecs(datapoint: Datapoint, entity: DatapointEntity, count: number): readonly EntitySpec[] {
	return Array.from({ length: count }, (_, index) => ({
		...readingSpec(datapoint, entity),
		key: `temperature_${index + 1}`,
		name: probeLabel(index, count),
		source: { group: entity.group, template: valueTemplate(`${entity.key}[${index}]`) },
		// Only six probes have known places; the last two are the MOSFETs' and the surroundings'.
		category: count === 6 && index >= 4 ? "diagnostic" : undefined,
	}));
}

function extraSpecs(device: "bank" | "pack"): readonly EntitySpec[] {
	return EXTRA_ENTITIES.filter(({ on }) => on === device || on === "both").map((extra) => {
		const energy = extra.kind === "counter" ? QUANTITY_CLASSES.energy : undefined;
		const isSensor = extra.kind === "counter" || extra.kind === "text" || extra.kind === "link";
		const plain = extra.kind === "availability" || extra.kind === "bridge" ? extra.kind : null;
		return {
			key: extra.key,
			platform: isSensor ? "sensor" : "binary_sensor",
			name: extra.name,
			source: plain ?? { group: extra.group, template: isSensor ? valueTemplate(extra.key) : onOffTemplate(extra.key) },
			deviceClass: energy?.deviceClass ?? extra.deviceClass,
			stateClass: energy?.stateClass ?? (extra.unit && "measurement"),
			unit: energy ? unitOf("energy") : extra.unit,
			precision: energy?.precision,
			icon: extra.icon,
			category: extra.category,
			enabled: extra.disabled !== true,
			shown: extra.shown,
			codes: extra.codes,
		};
	});
}

function stateSpecs(): readonly EntitySpec[] {
	return STATE_KEYS.map((state) => {
		const key = stateKeyOf(state);
		const exception = STATE_EXCEPTIONS[state];
		return {
			key,
			platform: "binary_sensor",
			name: `${STATES[state].label}${"unverified" in STATES[state] ? " (unverified)" : ""}`,
			source: { group: "status", template: onOffTemplate(`states.${key}`) },
			icon: exception?.icon ?? "mdi:toggle-switch-outline",
			category: "diagnostic",
			enabled: exception?.enabled ?? false,
			shown: "device",
		};
	});
}

function conditionSpecs(): readonly EntitySpec[] {
	return SHOWN_CONDITIONS.map((conditionKey) => {
		const condition = conditionOf(conditionKey);
		const isState = condition.isState === true;
		// Labels of alarms and protections are alike; a fault's label says itself that it is one.
		const name = condition.class === "fault" || isState ? condition.label : `${condition.label} ${condition.class}`;
		return {
			key: `${condition.class}_${condition.slug}`,
			platform: "binary_sensor",
			name,
			source: { group: "status", template: onOffTemplate(`${condition.class}s.${condition.slug}`) },
			deviceClass: isState ? undefined : "problem",
			icon: isState ? "mdi:battery-check" : undefined,
			category: "diagnostic",
			enabled: false,
			shown: "device",
		};
	});
}
