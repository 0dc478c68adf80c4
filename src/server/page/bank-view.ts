import type { Activity, BankSnapshot } from "../../bms/battery/snapshot.ts";
import { ACTIVITY_WORDS, ago, enumeration, power, quantity, share, UNKNOWN } from "./format.ts";
import { fact } from "./pack-view.ts";
import { h, styled, type VElement } from "./vnode.ts";

/** State of charge as a ring; the number in it is the text, the ring only repeats it. */
function ring(stateOfCharge: number | null): VElement {
	const shown = stateOfCharge === null ? 0 : Math.min(100, Math.max(0, stateOfCharge));
	const circle = { cx: "60", cy: "60", r: "52", pathLength: "100" };
	return h(
		"div",
		{ class: "ring" },
		h(
			"svg",
			{ viewBox: "0 0 120 120", "aria-hidden": "true" },
			h("circle", { ...circle, class: "ring-track" }),
			stateOfCharge === null
				? null
				: styled(h("circle", { ...circle, class: shown <= 15 ? "ring-fill low" : "ring-fill" }), { "--charge": String(shown) }),
		),
		h(
			"p",
			{ class: "ring-text" },
			h("span", { class: stateOfCharge === null ? "soc unknown" : "soc", "data-testid": "bank-soc" }, quantity(stateOfCharge, "%", 0)),
			h("span", { class: "ring-label" }, "state of charge"),
		),
	);
}

function flowWords(activity: Activity | null, watts: number | null): string {
	if (activity === null || watts === null) return `Power ${UNKNOWN}: the battery does not tell its current`;
	return activity === "idle" ? "Idle" : `${ACTIVITY_WORDS[activity].replace(/^./, (letter) => letter.toUpperCase())} with ${power(watts)}`;
}

function packWords(snapshot: BankSnapshot, inTotals: readonly number[]): string {
	const known = snapshot.packs.length;
	if (inTotals.length === known) return known === 1 ? "from its one pack" : `from all ${known} packs`;
	return `from pack${inTotals.length === 1 ? "" : "s"} ${enumeration(inTotals.map(String))} of ${known} only`;
}

/** The bank at a glance. Without a live pack nothing is shown as a value. */
export function bankView(snapshot: BankSnapshot, now: number): VElement {
	const { totals } = snapshot;
	const live = totals !== null && !totals.stale ? totals : null;
	const value = live?.value;
	const age = live
		? `${ago(live.at, now)}, ${packWords(snapshot, live.value.packs)}`
		: totals
			? `last known ${ago(totals.at, now)}`
			: "nothing heard yet";
	return h(
		"section",
		{ class: "card bank", "data-testid": "bank", "data-activity": value?.activity ?? undefined, "aria-labelledby": "bank-title" },
		h("h2", { id: "bank-title" }, "Bank"),
		h(
			"div",
			{ class: "bank-body" },
			ring(value?.stateOfCharge ?? null),
			h(
				"div",
				{},
				h(
					"p",
					{ class: `flow ${value?.activity ?? ""}`, "data-testid": "bank-activity" },
					value ? flowWords(value.activity, value.power) : `Power ${UNKNOWN}`,
				),
				h(
					"dl",
					{ class: "facts" },
					fact("Voltage", quantity(value?.voltage, "V", 2), "bank-voltage"),
					fact("Current", quantity(value?.current, "A", 2), "bank-current"),
					fact("Left", value ? share(value.remainingCapacity, value.fullCapacity) : UNKNOWN, "bank-capacity"),
					fact("Health", quantity(value?.stateOfHealth, "%", 0)),
					fact("Cell difference", quantity(value?.cellVoltageDelta, "mV", 0)),
					snapshot.energy === null
						? null
						: fact(
								"Charged / discharged",
								`${quantity(snapshot.energy.charged, "", 2)} / ${quantity(snapshot.energy.discharged, "kWh", 2)}`,
							),
				),
			),
		),
		h("p", { class: "age", "data-testid": "bank-age" }, age),
	);
}
