import { ConfigError } from "../errors.ts";
import type { Replay } from "./replay.ts";
import { Signals } from "./signals.ts";
import type { CableControl, SimulatorControl } from "./simulator-control.ts";

/** The control of a replayed bank: the cable can be pulled; the battery itself answers as it was captured. */
export function createReplayControl(replay: Replay, file: string, cable: CableControl, now: () => number): SimulatorControl {
	const signals = new Signals(now);
	const refuse = (): never => {
		throw new ConfigError("conflict", `This bank replays ${file}: only its cable can be pulled and plugged.`);
	};
	return {
		get cable() {
			return cable.cable;
		},
		pullCable: (how) => cable.pullCable(how),
		plugCable: () => cable.plugCable(),
		faults: cable.faults,
		setCondition: refuse,
		release: refuse,
		losePack: refuse,
		returnPack: refuse,
		sleepPack: refuse,
		pressKey: refuse,
		setCharger: refuse,
		setFirmware: refuse,
		setAddress: refuse,
		setInverterProtocol: refuse,
		setLoad: refuse,
		setStateOfCharge: refuse,
		setCell: refuse,
		setProbe: refuse,
		setReading: refuse,
		setSignal: (name, value) => signals.setSignal(name, value),
		onSignal: (listener) => signals.onSignal(listener),
		startScenario: refuse,
		stopScenario: refuse,
		state: () => ({
			at: now(),
			cable: cable.cable,
			cabledPack: null,
			chargerW: null,
			loadW: null,
			packs: [],
			faults: cable.faults.active,
			signals: signals.values,
			scenario: null,
			replay: { file, answers: replay.questions, unused: replay.unused },
		}),
	};
}
