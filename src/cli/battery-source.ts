import type { LoadedConfig } from "../config/load-config.ts";
import { type Clock, gapAtFactor, type Logger, systemClock } from "../index.ts";
import type { HttpServerOptions } from "../server/http-server.ts";
import { createSimulatorApi } from "../server/simulator-api.ts";
import { startSimulatedLine } from "../simulator/tcp-line.ts";

/** Where the battery of this run is. */
export interface BatterySource {
	/** As a port setting. */
	readonly port: string;
	/** The time it lives by. */
	readonly clock: Clock;
	/** Pause between two requests, ms. */
	readonly gapMs: number;
	/** Control of the simulator over HTTP; null at a real battery. */
	readonly api: HttpServerOptions["simulatorApi"];
	/** Ends what was started for it; never rejects. */
	stop(): Promise<void>;
}

/** Opens the line to the simulator or the replay on a loopback TCP port, or names the real port. */
export async function startBatterySource({ config, origin }: LoadedConfig, logger: Logger): Promise<BatterySource> {
	const { port, gapMs } = config.bank;
	if (origin === "real") return { port, clock: systemClock, gapMs, api: null, stop: () => Promise.resolve() };
	const line = await startSimulatedLine(config.simulator, { logger: logger.child("simulator"), readerKeepsTime: true });
	return {
		port: line.port,
		clock: line.clock,
		gapMs: gapAtFactor(gapMs, config.simulator.timeFactor),
		api: createSimulatorApi(line.control),
		stop: () => line.stop(),
	};
}
