import type { BankStatus, ServerStatus } from "../server-status.ts";
import { bankView } from "./bank-view.ts";
import { conditionsView } from "./conditions-view.ts";
import { linkView, mqttView } from "./link-view.ts";
import { packView } from "./pack-view.ts";
import { h, type VElement } from "./vnode.ts";
import { originWords, type Vocabulary } from "./vocabulary.ts";

function banner(origin: ServerStatus["server"]["origin"], replay: string | null): VElement | null {
	const words = originWords(origin, replay);
	return words === null
		? null
		: h("p", { class: "banner", "data-testid": "origin-banner", "data-origin": origin }, h("strong", {}, words.mark), ` ${words.text}`);
}

function bankLinks(banks: readonly BankStatus[], shownId: string): VElement | null {
	if (banks.length < 2) return null;
	const links = banks.map(({ snapshot: { id, name } }) =>
		h("a", { href: `#${encodeURIComponent(id)}`, "aria-current": id === shownId ? "page" : undefined }, name),
	);
	return h("nav", { "aria-label": "Banks" }, links);
}

function noBank(): VElement {
	return h(
		"section",
		{ class: "card", "data-testid": "no-bank" },
		h("h2", {}, "No battery is open"),
		h(
			"p",
			{},
			"No flow uses the battery. Deploy a flow with a ",
			h("em", {}, "rack battery"),
			" node in the ",
			h("a", { href: "red/" }, "flow editor"),
			".",
		),
	);
}

function bankParts(
	{ snapshot, publishers }: BankStatus,
	{ server }: ServerStatus,
	vocabulary: Vocabulary,
	now: number,
): readonly VElement[] {
	const packs = snapshot.packs.map((pack) =>
		packView(pack, vocabulary, now, snapshot.packs.length > 1 && pack.address === snapshot.cabledPack),
	);
	return [
		h("div", { class: "top" }, bankView(snapshot, now), conditionsView(snapshot, vocabulary, now)),
		h(
			"section",
			{ class: "packs", "aria-labelledby": "packs-title" },
			h("h2", { id: "packs-title" }, snapshot.packs.length === 1 ? "1 pack" : `${snapshot.packs.length} packs`),
			packs.length === 0 ? h("p", { class: "quiet" }, "No pack is known yet.") : h("div", { class: "pack-grid" }, packs),
		),
		h("div", { class: "bottom" }, linkView(snapshot.link, now), mqttView(publishers, server)),
	];
}

/** The whole page. `now` is the server's time; `bankId` picks one of several banks. */
export function pageView(status: ServerStatus, vocabulary: Vocabulary, now: number, bankId: string): readonly VElement[] {
	const shown = status.banks.find(({ snapshot }) => snapshot.id === bankId) ?? status.banks[0];
	const { origin, replay } = { origin: shown?.snapshot.origin ?? status.server.origin, replay: status.server.replay };
	return [
		h(
			"header",
			{ class: "page-header" },
			h("h1", { "data-testid": "bank-name" }, shown?.snapshot.name ?? "Rack Battery"),
			bankLinks(status.banks, shown?.snapshot.id ?? ""),
			banner(origin, replay),
		),
		h("main", {}, shown ? bankParts(shown, status, vocabulary, now) : noBank()),
		h(
			"footer",
			{},
			h(
				"p",
				{},
				h("a", { href: status.server.editorPath }, "Flow editor"),
				" · ",
				h("a", { href: "api/bank" }, "Data (JSON)"),
				" · ",
				h("a", { href: "api/schema/bank" }, "Schema"),
				" · ",
				h("a", { href: "healthz" }, "Health"),
			),
			h("p", { class: "quiet" }, `Rack Battery ${status.server.version} · MQTT broker ${status.server.brokerUrl}`),
		),
	];
}
