import type { PackStatus } from "../../bms/battery/readings.ts";
import type { PackSnapshot } from "../../bms/battery/snapshot.ts";
import type { StateKey } from "../../bms/battery/states.ts";
import { conditionList } from "./conditions-view.ts";
import { ACTIVITY_WORDS, ago, power, quantity, share, UNKNOWN } from "./format.ts";
import { h, styled, type VElement } from "./vnode.ts";
import { PRESENCE_WORDS, type Vocabulary } from "./vocabulary.ts";

/** Ends of the bars: below the lowest and above the highest protection limits LiFePO4 cells have. */
const BAR_FROM_V = 2.5;
const BAR_TO_V = 3.65;

type Telemetry = NonNullable<PackSnapshot["telemetry"]>["value"];

/** One name and value of a list of facts; a long value takes a line of its own. */
export function fact(name: string, value: string, testId?: string): VElement {
	return h(
		"div",
		{ class: value.length > 18 ? "fact wide" : "fact" },
		h("dt", {}, name),
		h("dd", { "data-testid": testId, class: value === UNKNOWN ? "unknown" : undefined }, value),
	);
}

function cell(telemetry: Telemetry, volts: number, index: number, balancing: readonly number[]): VElement {
	const number = index + 1;
	// Of equal cells none is the highest or the lowest.
	const isSpread = telemetry.cellVoltageMax > telemetry.cellVoltageMin;
	const mark = isSpread && number === telemetry.highestCell ? "highest" : isSpread && number === telemetry.lowestCell ? "lowest" : null;
	const fill = Math.min(1, Math.max(0, (volts - BAR_FROM_V) / (BAR_TO_V - BAR_FROM_V)));
	return h(
		"li",
		{ class: mark === null ? "cell" : `cell ${mark}` },
		h("span", { class: "cell-number" }, h("span", { class: "heard" }, "cell "), String(number)),
		styled(h("span", { class: "bar", "aria-hidden": "true" }), { "--share": `${(fill * 100).toFixed(1)}%` }),
		h("span", { class: "cell-value" }, `${Math.round(volts * 1000)} mV`),
		h("span", { class: "cell-mark" }, [mark, balancing.includes(number) ? "balancing?" : null].filter((word) => word !== null).join(", ")),
	);
}

function probeName(index: number, probes: number): string {
	// Only the order of six probes is documented; any other count gets numbers, never a guessed place.
	if (probes !== 6) return `Probe ${index + 1}`;
	return index < 4 ? `Cells ${index + 1}` : index === 4 ? "MOSFETs" : "Ambient";
}

function temperatures(values: readonly (number | null)[]): VElement | null {
	if (values.length === 0) return null;
	const items = values.map((value, index) => fact(probeName(index, values.length), value === null ? "no probe" : quantity(value, "°C", 1)));
	return h("div", {}, h("h4", {}, "Temperatures"), h("dl", { class: "facts narrow" }, items));
}

function switchWord({ states, unsupported }: PackStatus, name: StateKey): string {
	return unsupported?.includes(name) ? "not reported" : states[name] ? "on" : "off";
}

function switches(pack: PackSnapshot, vocabulary: Vocabulary): VElement | null {
	const { status } = pack;
	if (status === null || status.stale) return h("p", { class: "quiet" }, "Switches and alarms of this pack: not known yet.");
	const names = ["chargeMosfet", "dischargeMosfet", "heater"] as const;
	return h(
		"dl",
		{ class: "facts narrow" },
		names.map((name) => fact(vocabulary.states[name]?.label ?? name, switchWord(status.value, name))),
	);
}

function flow({ power: watts, activity }: Telemetry): string {
	return watts === null || activity === null ? UNKNOWN : `${power(watts)}, ${ACTIVITY_WORDS[activity]}`;
}

function measurements(pack: PackSnapshot, telemetry: Telemetry): VElement {
	return h(
		"dl",
		{ class: "facts" },
		fact("Voltage", quantity(telemetry.voltage, "V", 2), `pack-${pack.address}-voltage`),
		fact("Current", quantity(telemetry.current, "A", 2), `pack-${pack.address}-current`),
		fact("Power", flow(telemetry)),
		fact("Left", share(telemetry.remainingCapacity, telemetry.fullCapacity)),
		fact("Health", quantity(telemetry.stateOfHealth, "%", 0)),
		fact("Cycles", String(telemetry.cycleCount)),
		fact("Cell difference", quantity(telemetry.cellVoltageDelta, "mV", 0)),
		pack.energy === null ? null : fact("Charged", quantity(pack.energy.charged, "kWh", 2)),
		pack.energy === null ? null : fact("Discharged", quantity(pack.energy.discharged, "kWh", 2)),
	);
}

/** That cells are being balanced is certain, which ones is not: no capture proves the order of these bits (rs232-v25 §6). */
const balancingNote = () => h("p", { class: "note" }, "Cells are being balanced; which ones is unverified.");

function liveBody(pack: PackSnapshot, telemetry: Telemetry, vocabulary: Vocabulary): readonly VElement[] {
	const balancing = pack.status !== null && !pack.status.stale ? (pack.status.value.balancingCells ?? []) : [];
	const cells = telemetry.cellVoltages.map((volts, index) => cell(telemetry, volts, index, balancing));
	return [
		h(
			"p",
			{ class: "pack-soc", "data-testid": `pack-${pack.address}-soc` },
			telemetry.stateOfCharge === null ? `charge ${UNKNOWN}` : quantity(telemetry.stateOfCharge, "%", 0),
		),
		measurements(pack, telemetry),
		h("h4", {}, "Cells"),
		h("ol", { class: "cells", "data-testid": `pack-${pack.address}-cells` }, cells),
		...[balancing.length > 0 ? balancingNote() : null, temperatures(telemetry.temperatures), switches(pack, vocabulary)].filter(
			(part) => part !== null,
		),
	];
}

/** One pack as a card. Only a live pack shows values: old ones would look like the truth of now. */
export function packView(pack: PackSnapshot, vocabulary: Vocabulary, now: number, isCabled: boolean): VElement {
	const { telemetry, presence } = pack;
	const isLive = presence === "live" && telemetry !== null && !telemetry.stale;
	const age = telemetry === null ? "never heard" : `last heard ${ago(telemetry.at, now)}`;
	const conditions =
		isLive && pack.conditions !== null && pack.conditions.length > 0 ? conditionList(pack.conditions, vocabulary, now) : null;
	const title = `Pack ${pack.address}`;
	return h(
		"article",
		{
			class: `card pack ${isLive ? "live" : "not-live"}`,
			"data-testid": `pack-${pack.address}`,
			"data-presence": presence,
			"aria-label": title,
		},
		h(
			"header",
			{},
			h("h3", {}, title),
			h("p", { class: "age", "data-testid": `pack-${pack.address}-age` }, isLive ? ago(telemetry.at, now) : age),
		),
		isLive ? null : h("p", { class: "presence" }, PRESENCE_WORDS[presence]),
		isCabled ? h("p", { class: "quiet" }, "The cable is plugged into this pack.") : null,
		conditions,
		isLive ? liveBody(pack, telemetry.value, vocabulary) : null,
		identity(pack),
	);
}

function identity({ identity: known }: PackSnapshot): VElement | null {
	if (known === null) return null;
	const parts = [
		known.version,
		known.packSerial === null ? null : `pack ${known.packSerial}`,
		known.bmsSerial === null ? null : `BMS ${known.bmsSerial}`,
	];
	const text = parts.filter((part) => part !== null).join(" · ");
	return text === "" ? null : h("p", { class: "quiet identity" }, text);
}
