import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openBank } from "../src/bms/open-bank.ts";
import { BANK_SETTINGS } from "../src/bms/options.ts";
import { systemClock } from "../src/clock.ts";
import { createDiscovery } from "../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS } from "../src/discovery/options.ts";
import { silentLogger } from "../src/logger.ts";
import { defaultsOf } from "../src/settings.ts";
import { SIMULATOR_SETTINGS } from "../src/simulator/options.ts";
import { startSimulatedLine } from "../src/simulator/tcp-line.ts";
import { TestBroker } from "./support/broker.ts";
import { differences, REPLAYED_BATTERIES } from "./support/replayed-batteries.ts";

/**
 * The main job on real bytes: captured replies of real batteries over a TCP line, through driver, store and
 * discovery, to a broker, read there as Home Assistant reads them.
 */

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const end of endings.splice(0).reverse()) await end();
});

describe("captured replies arrive on MQTT", () => {
	test.each(REPLAYED_BATTERIES)(
		"$title",
		async (battery) => {
			const broker = await TestBroker.start();
			endings.push(() => broker.stop());
			const replay = join(import.meta.dirname, "fixtures", "replay", battery.file);
			const line = await startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), replay, baudRate: 0, answerDelayMs: 0 });
			endings.push(() => line.stop());
			const bank = openBank({ ...defaultsOf(BANK_SETTINGS), port: line.port }, { origin: "replayed", logger: silentLogger });
			endings.push(() => bank.close());
			const discovery = createDiscovery(
				bank,
				{ ...defaultsOf(MQTT_SETTINGS), url: broker.url },
				{ logger: silentLogger, clock: systemClock, random: () => 0, pageUrl: null, version: "0.0.0" },
			);
			endings.push(() => discovery.stop());

			let wrong: readonly string[] = ["nothing was announced"];
			const isRight = () => {
				wrong = differences(broker.seen, battery);
				return wrong.length === 0;
			};
			await broker.until("everything is shown as captured", isRight).catch((cause) => expect.fail(`${String(cause)}\n${wrong.join("\n")}`));
		},
		30_000,
	);
});
