import { PROTOCOLS } from "../../src/bms/protocol/protocols.ts";
import type { Clock } from "../../src/clock.ts";
import { defaultsOf } from "../../src/settings.ts";
import { LineFaults } from "../../src/simulator/line-faults.ts";
import { SIMULATOR_SETTINGS, type SimulatorSettings } from "../../src/simulator/options.ts";
import { SimulatedBank, type SimulatedBankDeps } from "../../src/simulator/simulated-bank.ts";
import { type CableControl, createSimulatorControl, type SimulatorControl } from "../../src/simulator/simulator-control.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** Settings of a quiet bank: nothing drawn, nothing charged. */
export function quiet(settings: Partial<SimulatorSettings> = {}): SimulatorSettings {
	return { ...defaultsOf(SIMULATOR_SETTINGS), loadW: 0, ...settings };
}

const noCable = (): CableControl => ({ cable: "plugged", pullCable: async () => {}, plugCable: async () => {}, faults: new LineFaults() });

/** A bank without a line, with its control and its clock. */
export function bankWith(
	settings: Partial<SimulatorSettings> = {},
	deps: Partial<Omit<SimulatedBankDeps, "clock">> & { readonly clock?: Clock } = {},
): { readonly bank: SimulatedBank; readonly control: SimulatorControl; readonly clock: ManualClock } {
	const clock = deps.clock instanceof ManualClock ? deps.clock : new ManualClock();
	const bank = new SimulatedBank(quiet(settings), { ...deps, clock });
	return { bank, clock, control: createSimulatorControl(bank, noCable(), clock) };
}

const encoder = new TextEncoder();
export const bytes = (text: string) => encoder.encode(text);
/** A frame as text, without its end mark; null = silence. */
export const text = (frame: Uint8Array | null) => (frame === null ? null : new TextDecoder().decode(frame).replace(/\r$/, ""));
/** What a responder answers to a request printed without its end mark. */
export const ask = (responder: { answer(request: Uint8Array): Uint8Array | null }, request: string) =>
	text(responder.answer(bytes(`${request}\r`)));

const ascii = PROTOCOLS["ascii-0x25"].protocol;

/** Telemetry as the driver reads it. Throws what the driver would get instead. */
export function telemetryOf(responder: { answer(request: Uint8Array): Uint8Array | null }, pack: number | "all") {
	return readingOf(responder, ascii.telemetry(1, pack)).blocks;
}

/** Status as the driver reads it. */
export function statusOf(responder: { answer(request: Uint8Array): Uint8Array | null }, pack: number | "all") {
	return readingOf(responder, ascii.status(1, pack)).blocks;
}

export function readingOf<T>(
	responder: { answer(request: Uint8Array): Uint8Array | null },
	exchange: {
		readonly request: Uint8Array;
		accept(frame: Uint8Array): { readonly kind: string; readonly value?: T };
	},
): T {
	const answer = responder.answer(exchange.request);
	if (answer === null) throw new Error("no answer");
	const accepted = exchange.accept(answer);
	if (accepted.kind !== "reply" || accepted.value === undefined) throw new Error(`not a reply: ${accepted.kind}`);
	return accepted.value;
}

/** The value of a block that is there. */
export function present<T>(block: { readonly absent: false; readonly value: T } | { readonly absent: true } | undefined): T {
	if (block === undefined || block.absent) throw new Error("the pack is absent");
	return block.value;
}
