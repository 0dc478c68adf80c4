import { join } from "node:path";
import { afterEach, test } from "vitest";
import { differences, REPLAYED_BATTERIES } from "../support/replayed-batteries.ts";
import { startMosquitto } from "./support/mosquitto.ts";
import { observe } from "./support/mqtt-observer.ts";
import { startServer } from "./support/rack-battery.ts";
import { eventually, repository, Scene } from "./support/scene.ts";

/** The main job on real bytes: captured replies through the whole server, at 9600 baud, to Mosquitto. */

const scene = new Scene();
afterEach(() => scene.end());

test.each(REPLAYED_BATTERIES)("$title", async (battery) => {
	const broker = await startMosquitto(scene);
	const observer = await observe(scene, broker.url);
	await startServer(scene, { args: ["--mqtt", broker.url, "--replay", join(repository, "test", "fixtures", "replay", battery.file)] });
	await eventually(
		"everything is shown as captured",
		() => {
			const wrong = differences(observer.messages, battery);
			if (wrong.length > 0) throw new Error(wrong.slice(0, 10).join("; "));
			return true;
		},
		45_000,
	);
});
