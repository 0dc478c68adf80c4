import { expect, test } from "vitest";
import { openLine } from "../../../src/bms/driver/open-line.ts";
import { BANK_SETTINGS } from "../../../src/bms/options.ts";
import { TransportError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/logger.ts";
import { defaultsOf } from "../../../src/settings.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { asciiV25 } from "./simulated-bank.ts";

test("a line that is lost while it opens rejects questions at once and writes nothing", async () => {
	const clock = new ManualClock();
	let written = 0;
	const line = await openLine({
		transport: {
			port: "tcp://gateway:1",
			baudRate: null,
			open: async ({ onLost }) => onLost(new TransportError("closed", "gone")),
			write: async () => {
				written += 1;
			},
			close: async () => {},
		},
		protocol: asciiV25,
		settings: defaultsOf(BANK_SETTINGS),
		clock,
		logger: silentLogger,
	});
	expect(line.gone.aborted).toBe(true);
	await expect(line.bus.request(asciiV25.packCount(1))).rejects.toMatchObject({ kind: "transport", code: "closed", message: "gone" });
	await clock.advance(5_000);
	expect(written).toBe(0);
	expect(clock.pending).toBe(0);
});
