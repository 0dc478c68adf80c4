import {
	type Action,
	actionWords,
	causeWords,
	durationWords,
	type Language,
	outageOf,
	overallWords,
	reasonWords,
	type Stage,
	type StageStatus,
} from "../../src/index.ts";
import type { Format } from "./shed-inputs.ts";
import type { ShedView } from "./shed-run.ts";

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const rounded = (value: number | null, digits: number) =>
	value === null || !Number.isFinite(value) ? null : Number(value.toFixed(digits));

const PAYLOADS = {
	boolean: { on: true, off: false },
	text: { on: "on", off: "off" },
	number: { on: 1, off: 0 },
} as const satisfies Record<Format, { readonly on: unknown; readonly off: unknown }>;

/** What a stage's output sends; `action` and `entity` are what a Home Assistant action node takes. */
export function stageMessage(action: Action, view: ShedView, stages: readonly Stage[], entity: string, format: Format, language: Language) {
	const { snapshot } = view;
	const number = stages.findIndex(({ key }) => key === action.stage) + 1;
	return {
		topic: `rack-battery/${snapshot.id}/load-shed/${number}`,
		payload: PAYLOADS[format][action.to],
		stage: stages[number - 1]?.name ?? action.stage,
		number,
		position: action.to,
		action: `homeassistant.turn_${action.to}`,
		...(entity === "" ? {} : { entity }),
		cause: action.cause.kind,
		text: actionWords(action, stages, language),
		simulated: snapshot.origin !== "real",
	};
}

function stagePayload(status: StageStatus, stages: readonly Stage[], language: Language) {
	const { stage, number, position, by, code, cause, since, until } = status;
	return {
		number,
		name: stage.name,
		position,
		by,
		code,
		cause: cause?.kind ?? null,
		causeText: cause === null ? null : causeWords(cause, stages, language),
		since: isoOf(since),
		until: isoOf(until),
		text: reasonWords(status, stages, language),
	};
}

/** The report: what was decided and why, with every stage. What is not known is null. */
export function reportMessage(view: ShedView, stages: readonly Stage[], language: Language) {
	const { snapshot, state, readings, overall, autonomy, actions, at } = view;
	const left = autonomy.minutesLeft?.best ?? null;
	const shed = view.stages.filter(({ by }) => by === "shed").map(({ stage }) => stage.name);
	const changes = actions.map((action) => actionWords(action, stages, language));
	const payload = {
		bank: snapshot.id,
		name: snapshot.name,
		simulated: snapshot.origin !== "real",
		at: new Date(at).toISOString(),
		code: overall.code,
		alarm: overall.isAlarm,
		text: [...changes, overallWords(overall, language)].join(" "),
		changes,
		shed,
		dryRun: state.dryRun.isOn,
		grid: state.grid?.present ?? null,
		outage: outageOf(state),
		lockedUntil: state.lockedUntil !== null && state.lockedUntil > at ? isoOf(state.lockedUntil) : null,
		stages: view.stages.map((status) => stagePayload(status, stages, language)),
		readings: {
			stateOfCharge: readings?.stateOfCharge ?? null,
			lowestCellVoltage: readings?.lowestCellVoltage ?? null,
			lowBattery: readings?.lowBattery ?? null,
			fault: readings?.fault ?? null,
			dischargeW: rounded(readings?.dischargeW ?? null, 0),
			importW: rounded(readings?.importW ?? null, 0),
		},
		minutesLeft: left === null ? null : Math.floor(left),
		timeLeft: left === null ? null : durationWords(left, language),
	};
	return {
		topic: `rack-battery/${snapshot.id}/load-shed`,
		payload,
		text: payload.text,
		shed,
		alarm: overall.isAlarm,
		simulated: payload.simulated,
	};
}
