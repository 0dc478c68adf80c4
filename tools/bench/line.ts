import { defaultsOf } from "../../src/settings.ts";
import { SIMULATOR_SETTINGS, type SimulatorSettings } from "../../src/simulator/options.ts";
import { type SimulatedLineServer, startSimulatedLine } from "../../src/simulator/tcp-line.ts";

export const BAUD = 9600;
export const ANSWER_DELAY_MS = 30;
export const GAP_MS = 50;

/** A simulated bank on a loopback line at the pace of the wire. */
export function simulatedLine(settings: Partial<SimulatorSettings>): Promise<SimulatedLineServer> {
	return startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), baudRate: BAUD, answerDelayMs: ANSWER_DELAY_MS, ...settings });
}
