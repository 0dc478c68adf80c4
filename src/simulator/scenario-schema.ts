import { type Argument, NAME_OF_SIGNAL } from "./action-arguments.ts";
import { ACTIONS, type Action, RANGES } from "./actions.ts";
import {
	CLOCK_PATTERN,
	LARGEST_SEED,
	LONGEST_SECONDS,
	NAME_PATTERN,
	PROFILE_PARTS,
	SCENARIO_PARTS,
	START_PARTS,
	STEP_PARTS,
	TIME_PATTERN,
} from "./check-scenario.ts";
import { FORCIBLE_KEYS } from "./forcible-bits.ts";

type Schema = Readonly<Record<string, unknown>>;

/** A time: text, or seconds. */
const TIME: Schema = {
	anyOf: [
		{ type: "string", pattern: TIME_PATTERN },
		{ type: "number", minimum: 0, maximum: LONGEST_SECONDS },
	],
};

const range = ({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): Schema => ({
	type: "number",
	minimum,
	maximum,
});

function argumentSchema(argument: Argument): Schema {
	const { description } = argument;
	switch (argument.type) {
		case "choice":
			return { description, enum: argument.choices };
		case "bit":
			return { description, enum: FORCIBLE_KEYS };
		case "name":
			return { description, type: "string", pattern: NAME_OF_SIGNAL };
		default: {
			const { type, minimum, maximum, unit, words } = argument;
			const number = { type, minimum, maximum };
			const text = unit === undefined ? description : `${description}, ${unit}`;
			return words === undefined ? { description: text, ...number } : { description: text, anyOf: [number, { enum: words }] };
		}
	}
}

function stepSchema([name, action]: readonly [string, Action]): Schema {
	const rows = Object.entries(action.arguments);
	const needed = rows.filter(([, argument]) => argument.optional !== true).map(([key]) => key);
	const { ramp } = action;
	return {
		type: "object",
		description: action.description,
		additionalProperties: false,
		required: ["at", "do", ...needed],
		properties: {
			at: { ...TIME, description: STEP_PARTS.at },
			do: { const: name },
			...Object.fromEntries(rows.map(([key, argument]) => [key, argumentSchema(argument)])),
			...(ramp === null ? {} : { over: { ...TIME, description: STEP_PARTS.over } }),
		},
		...(ramp === null ? {} : { dependentSchemas: { over: { properties: { [ramp.argument]: { type: "number" } } } } }),
	};
}

const curve = (description: string): Schema => ({
	type: "array",
	description,
	items: { type: "array", prefixItems: [TIME, { ...range({ minimum: 0, maximum: RANGES.loadW.maximum }) }], minItems: 2, maxItems: 2 },
});

/** JSON Schema (2020-12) of a scenario, for editors and other programs; the check of the simulator says more. */
export function scenarioSchema(): Schema {
	return {
		$schema: "https://json-schema.org/draft/2020-12/schema",
		title: "Scenario of a simulated battery bank",
		type: "object",
		additionalProperties: false,
		required: ["name"],
		properties: {
			$schema: { type: "string", description: SCENARIO_PARTS.$schema },
			name: { type: "string", pattern: NAME_PATTERN, description: SCENARIO_PARTS.name },
			description: { type: "string", description: SCENARIO_PARTS.description },
			seed: { type: "integer", minimum: 0, maximum: LARGEST_SEED, description: SCENARIO_PARTS.seed },
			start: {
				type: "object",
				description: SCENARIO_PARTS.start,
				additionalProperties: false,
				properties: {
					clock: { type: "string", pattern: CLOCK_PATTERN, description: START_PARTS.clock },
					stateOfCharge: { ...range(RANGES.stateOfCharge), description: START_PARTS.stateOfCharge },
					loadW: { ...range(RANGES.loadW), description: START_PARTS.loadW },
				},
			},
			profile: {
				type: "object",
				description: SCENARIO_PARTS.profile,
				additionalProperties: false,
				minProperties: 1,
				properties: { consumption: curve(PROFILE_PARTS.consumption), sun: curve(PROFILE_PARTS.sun) },
			},
			steps: { type: "array", description: SCENARIO_PARTS.steps, items: { oneOf: Object.entries(ACTIONS).map(stepSchema) } },
			lasts: { ...TIME, description: SCENARIO_PARTS.lasts },
			repeat: { type: "boolean", description: SCENARIO_PARTS.repeat },
		},
	};
}
