import type { PublisherState } from "../../bank-registry.ts";
import type { LinkSnapshot, PackLink } from "../../bms/battery/snapshot.ts";
import type { ServerFacts } from "../server-status.ts";
import { ago, count, duration, quantity } from "./format.ts";
import { fact } from "./pack-view.ts";
import { h, type VElement } from "./vnode.ts";
import { LINK_WORDS } from "./vocabulary.ts";

const FAILURE_WORDS = {
	timeout: "no or half an answer",
	frame: "damaged answers",
	rejected: "requests refused",
	decode: "answers not understood",
	implausible: "implausible readings dropped",
} as const satisfies Record<keyof LinkSnapshot["failures"], string>;

function failureWords({ failures, replies }: LinkSnapshot): string {
	const entries = Object.entries(FAILURE_WORDS) as [keyof typeof FAILURE_WORDS, string][];
	const parts = entries.flatMap(([kind, words]) => (failures[kind] === 0 ? [] : [`${count(failures[kind])} ${words}`]));
	if (parts.length === 0) return "none";
	const failed = Object.values(failures).reduce((sum, number) => sum + number, 0);
	const share = (100 * failed) / (failed + replies);
	return `${parts.join(", ")} (${share < 0.1 ? "under 0.1" : share.toFixed(1)} %)`;
}

/** How well the battery is heard. */
export function linkView(link: LinkSnapshot, now: number): VElement {
	return h(
		"section",
		{
			class: `card link ${link.state === "online" || link.state === "asleep" ? "good" : "bad"}`,
			"data-testid": "link",
			"data-state": link.state,
			"aria-labelledby": "link-title",
		},
		h("h2", { id: "link-title" }, "Line to the battery"),
		h("p", { class: "summary", role: "status", "data-testid": "link-state" }, LINK_WORDS[link.state]),
		link.problem === null
			? null
			: h(
					"p",
					{ class: "problem", "data-testid": "link-problem" },
					link.problem.message,
					h("span", { class: "quiet" }, ` (${ago(link.problem.at, now)})`),
				),
		link.notes.map(({ message }) => h("p", { class: "quiet", "data-testid": "link-note" }, message)),
		h(
			"dl",
			{ class: "facts" },
			fact("Port", link.port),
			fact("Good answers", count(link.replies), "link-replies"),
			fact("Failures", failureWords(link)),
			fact("Answer time", quantity(link.answerTimeMs, "ms", 0)),
			fact("Up since", link.onlineSince === null ? "not up" : duration(now - link.onlineSince)),
			fact("Reconnects", count(link.reconnects)),
			link.junkBytes === 0 ? null : fact("Stray bytes", count(link.junkBytes)),
			link.foreign === 0 ? null : fact("Frames of others", count(link.foreign)),
			link.echoes === 0 ? null : fact("Echoes", count(link.echoes)),
			link.packs.map((pack) => fact(`Pack ${pack.address}`, packWords(pack, now), `link-pack-${pack.address}`)),
		),
	);
}

/** How well one pack is heard. */
function packWords({ replies, failures, answerTimeMs, lastGoodAt }: PackLink, now: number): string {
	const failed = Object.values(failures).reduce((sum, number) => sum + number, 0);
	const last = lastGoodAt === null ? "no good answer yet" : `last ${ago(lastGoodAt, now)}`;
	return `${count(replies)} good answers, ${count(failed)} failures, ${quantity(answerTimeMs, "ms", 0)}, ${last}`;
}

const PUBLISHER_WORDS: Readonly<Record<PublisherState["state"], string>> = {
	connecting: "connecting …",
	online: "online: the battery is published",
	offline: "offline: trying again",
	refused: "refused by the broker",
};

const goodOrBad = ({ state }: PublisherState) => (state === "online" ? "good" : "bad");

function publisher(state: PublisherState): VElement {
	return h(
		"li",
		{ class: goodOrBad(state), "data-state": state.state },
		h("p", { class: "summary", role: "status", "data-testid": "mqtt-state" }, PUBLISHER_WORDS[state.state]),
		state.problem === null ? null : h("p", { class: "problem" }, state.problem),
		h("p", { class: "quiet" }, state.broker),
	);
}

/** Whether the battery reaches MQTT, and with it Home Assistant. */
export function mqttView(publishers: readonly PublisherState[], facts: ServerFacts): VElement {
	return h(
		"section",
		{
			class: publishers.every((state) => goodOrBad(state) === "good") ? "card mqtt" : "card mqtt bad",
			"data-testid": "mqtt",
			"aria-labelledby": "mqtt-title",
		},
		h("h2", { id: "mqtt-title" }, "MQTT and Home Assistant"),
		publishers.length === 0
			? h("p", { class: "summary" }, "Not published: no flow has a discovery node for this bank.")
			: h("ul", { class: "plain" }, publishers.map(publisher)),
		facts.hasOwnBroker
			? h(
					"p",
					{ class: "quiet" },
					"The built-in broker speaks MQTT 3.1.1 and is for trying things out. Home Assistant wants Mosquitto 2: give its address as ",
					h("code", {}, "mqtt.url"),
					".",
				)
			: null,
	);
}
