import type { ParameterGroupKey } from "../battery/parameters.ts";
import type { SwitchKey } from "../battery/switches.ts";
import type { PackAccess } from "../protocol/protocol.ts";
import { clearRecords, setClock, setInverterProtocol, shutDown } from "./care-commands.ts";
import type { CommandName } from "./command.ts";
import type { LineAccess } from "./line-access.ts";
import type { Handler } from "./outcome.ts";
import {
	compareParameters,
	listSaves,
	readParameters,
	restoreDefaults,
	restoreParameters,
	saveParameters,
	writeParameters,
} from "./parameter-commands.ts";
import { identify, readClock, readInverterProtocol, readRecords } from "./read-commands.ts";
import { confirmSwitch, readSwitches, setSwitch } from "./switch-commands.ts";

/** TABLE of who carries out each command. */
export const HANDLERS: Readonly<Record<CommandName, Handler>> = {
	identify,
	"read-parameters": readParameters,
	"read-clock": readClock,
	"read-switches": readSwitches,
	"read-inverter-protocol": readInverterProtocol,
	"read-records": readRecords,
	"save-parameters": saveParameters,
	"list-saves": listSaves,
	"compare-parameters": compareParameters,
	switch: setSwitch,
	"confirm-switch": confirmSwitch,
	"set-clock": setClock,
	"shut-down": shutDown,
	"write-parameters": writeParameters,
	"restore-parameters": restoreParameters,
	"restore-defaults": restoreDefaults,
	"clear-records": clearRecords,
	"set-inverter-protocol": setInverterProtocol,
};

const hasParameters = ({ parameterGroups }: PackAccess) => parameterGroups.length > 0;

/** TABLE of what each command needs of the protocol; a command that is not here needs nothing of it. */
const NEEDS: Partial<Record<CommandName, (access: PackAccess, line: LineAccess) => boolean>> = {
	"read-parameters": hasParameters,
	"save-parameters": hasParameters,
	"compare-parameters": hasParameters,
	"write-parameters": hasParameters,
	"restore-parameters": hasParameters,
	"restore-defaults": (access) => hasParameters(access) && access.restoreDefaults !== undefined,
	"read-clock": (_access, line) => line.clock !== undefined,
	"set-clock": (access, line) => access.setClock !== undefined && line.clock !== undefined,
	"read-records": ({ record }) => record !== undefined,
	"clear-records": ({ record, clearRecords: clear }) => record !== undefined && clear !== undefined,
	"read-inverter-protocol": ({ inverterProtocol }) => inverterProtocol !== undefined,
	"set-inverter-protocol": ({ inverterProtocol, setInverterProtocol: set }) => inverterProtocol !== undefined && set !== undefined,
	switch: ({ setSwitch, switches }) => setSwitch !== undefined && switches.length > 0,
	"confirm-switch": ({ switches }) => switches.length > 0,
	"shut-down": ({ shutDown: sleep }) => sleep !== undefined,
};
const NOTHING: PackAccess = { parameterGroups: [], parameters: never, setParameters: never, switches: [] };

function never(): never {
	throw new RangeError("This protocol has no parameters.");
}

/** Whether the protocol of a line can do a command, or a part of it. */
export function isOffered(line: LineAccess | null, command: CommandName, part?: SwitchKey | ParameterGroupKey): boolean {
	if (line === null) return false;
	const access = line.access ?? NOTHING;
	if (!(NEEDS[command]?.(access, line) ?? true)) return false;
	if (part === undefined) return true;
	const parts: readonly string[] = command === "switch" || command === "confirm-switch" ? access.switches : access.parameterGroups;
	return parts.includes(part);
}
