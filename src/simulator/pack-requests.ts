import { parametersOfGroup } from "../bms/battery/parameters.ts";
import type { SwitchKey } from "../bms/battery/switches.ts";
import { RETURN_CODES, rejection } from "../bms/protocol/ascii/ascii-answers.ts";
import { checkFrame } from "../bms/protocol/ascii/ascii-frame.ts";
import {
	acknowledgement,
	inverterProtocolAnswer,
	type PackRequest,
	parametersAnswer,
	recordAnswer,
	switchAnswer,
} from "../bms/protocol/ascii/ascii-pack-answers.ts";
import { parametersOnTheWire } from "../bms/protocol/ascii/ascii-parameters.ts";
import type { BankPack } from "./bank-model.ts";
import { momentOf } from "./pack-clock.ts";
import { CURRENT_THRESHOLD } from "./pack-model.ts";
import { recordable } from "./simulated-answers.ts";
import type { SimulatedBank } from "./simulated-bank.ts";

/** What one pack does with a request beyond readings, and answers to it (rs232-v25 §§9-13). */
export function answerPackRequest(bank: SimulatedBank, pack: BankPack, request: PackRequest): Uint8Array {
	const { address, model, firmware } = pack;
	const { memory } = model;
	const done = (change: () => void) => {
		change();
		bank.model.settle();
		return acknowledgement(address);
	};
	switch (request.kind) {
		case "malformed":
			return rejection(address, RETURN_CODES.refused);
		case "readParameters": {
			const told = parametersOnTheWire(request.group).map((key) => [key, memory.parameters[key]]);
			return parametersAnswer(address, request.group, Object.fromEntries(told));
		}
		case "writeParameters": {
			const enabled = parametersOfGroup(request.group).find((key) => key.endsWith("Enabled"));
			// A board takes any level, but an on/off byte that is neither is no such byte.
			if (enabled !== undefined && (request.values[enabled] ?? 0) > 1) return rejection(address, RETURN_CODES.refused);
			return done(() => memory.setParameters(request.values));
		}
		case "switch":
			return answerSwitch(bank, pack, request.switch, request.on);
		case "readRecord": {
			const record = memory.record(request.index);
			// Old firmware does not tell which records were written at power-on.
			const told = record === null ? null : { ...recordable(record), ...(firmware === "old" ? { isPowerOn: null } : {}) };
			return recordAnswer(address, told);
		}
		case "clearRecords":
			return done(() => memory.clearRecords());
		case "setClock":
			return done(() => {
				memory.clockOffsetMs = momentOf(request.time) - bank.now;
			});
		case "shutDown":
			return done(() => bank.model.shutDown(pack));
		case "restoreDefaults":
			return done(() => memory.restoreDefaults());
		case "readInverterProtocol":
			return inverterProtocolAnswer(address, memory.inverter);
		case "setInverterProtocol":
			return done(() => memory.setInverter(request.wanted));
	}
}

function answerSwitch(bank: SimulatedBank, { address, model }: BankPack, key: SwitchKey, on: boolean): Uint8Array {
	const isRefused = !on && isLocked(model, key);
	if (!isRefused) {
		model.memory.setSwitch(key, on);
		// What is switched carries no current from this moment on.
		bank.model.settle();
	}
	const answer = switchAnswer(address, { key, on, states: model.status.states });
	if (!isRefused) return answer;
	const check = checkFrame(answer);
	return rejection(address, RETURN_CODES.refused, check.ok ? check.frame.info : new Uint8Array());
}

/** Charging is not ended while discharging is held off or under way, and the other way round: one of them stays on (rs232-v25 §9.2). */
function isLocked({ memory, measurements: { current } }: BankPack["model"], key: SwitchKey): boolean {
	if (key === "chargeMosfet") return !memory.isOn("dischargeMosfet") || current <= -CURRENT_THRESHOLD;
	if (key === "dischargeMosfet") return !memory.isOn("chargeMosfet") || current >= CURRENT_THRESHOLD;
	return false;
}
