import { setTimeout as wait } from "node:timers/promises";
import { publishBank, untilAllNamed } from "./publishing.ts";

const MINUTE_MS = 60_000;

/** MQTT state messages of one bank in one minute, the announcements at the start left out. */
async function messagesPerMinute(packs: number, loadW: number): Promise<number> {
	const published = await publishBank({ packs, loadW });
	await untilAllNamed(published, packs);
	// The announcements and first values go out in rounds of some seconds.
	await wait(15_000);
	let messages = 0;
	const stop = published.watch((topic) => {
		if (topic.startsWith(published.root)) messages += 1;
	});
	await wait(MINUTE_MS);
	stop();
	await published.stop();
	return messages;
}

/** Messages a minute for a bank at rest and one under a changing load; the heartbeat of 120 s may fall into the minute. */
export async function benchMessageRate(): Promise<void> {
	console.log("\nMQTT state messages a minute");
	console.log("packs    at rest   under load");
	const rows = [1, 4, 15].map(async (packs) => {
		const [rest, load] = await Promise.all([messagesPerMinute(packs, 0), messagesPerMinute(packs, 150 * packs)]);
		return `${String(packs).padStart(5)} ${String(rest).padStart(10)} ${String(load).padStart(12)}`;
	});
	for (const row of await Promise.all(rows)) console.log(row);
}
