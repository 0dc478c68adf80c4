import type { ServerStatus } from "../server-status.ts";
import { duration } from "./format.ts";
import { pageView } from "./page-view.ts";
import { patch } from "./vnode.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Without a message for this long the connection counts as lost: the server sends one at least every 5 s. */
const SILENCE_MS = 12_000;

const content = document.querySelector("#content");
const connection = document.querySelector<HTMLElement>("#connection");
if (content === null || connection === null) throw new Error("The page is not complete.");

let vocabulary: Vocabulary | null = null;
let status: ServerStatus | null = null;
let receivedAt = performance.now();
let isLost = false;

/** The server's time now: this device's clock may be wrong, so only its differences are used. */
const serverNow = (last: ServerStatus) => last.now + (performance.now() - receivedAt);

function showConnection(): void {
	if (connection === null) return;
	const silentFor = performance.now() - receivedAt;
	const isAway = isLost || silentFor > SILENCE_MS;
	connection.hidden = !isAway;
	document.body.classList.toggle("disconnected", isAway);
	const words = status === null ? "" : ` What you see is ${duration(silentFor)} old.`;
	const text = isAway ? `The connection to the server is lost.${words} It is tried again by itself.` : "";
	if (connection.textContent !== text) connection.textContent = text;
}

function show(): void {
	showConnection();
	if (status === null || vocabulary === null || content === null) return;
	patch(content, pageView(status, vocabulary, serverNow(status), decodeURIComponent(location.hash.slice(1))));
	const charge = status.banks[0]?.snapshot.totals;
	document.title =
		charge && !charge.stale && charge.value.stateOfCharge !== null
			? `${Math.round(charge.value.stateOfCharge)} % · Rack Battery`
			: "Rack Battery";
}

async function loadVocabulary(): Promise<void> {
	const response = await fetch("api/vocabulary");
	if (response.ok) vocabulary = await response.json();
}

function follow(): void {
	const source = new EventSource("api/events");
	source.addEventListener("status", (event) => {
		status = JSON.parse(event.data);
		receivedAt = performance.now();
		isLost = false;
		// A restarted server may be a newer one.
		if (vocabulary === null) loadVocabulary().then(show, () => {});
		show();
	});
	source.addEventListener("error", () => {
		isLost = true;
		show();
		// After an answer that is no stream the browser gives up: begin anew.
		if (source.readyState === EventSource.CLOSED) setTimeout(follow, 3000);
	});
}

window.addEventListener("hashchange", show);
setInterval(show, 1000);
loadVocabulary().then(show, () => {});
follow();
