import type { CommandName } from "../../src/bms/command/command.ts";

/** Arguments with which a command is carried out, each named by what it does to a battery of defaults. */
export function validArguments(command: CommandName): Readonly<Record<string, unknown>> {
	switch (command) {
		case "switch":
			return { switch: "buzzer", on: true };
		case "confirm-switch":
			return { switch: "ledAlarm", did: "as-asked" };
		case "write-parameters":
			return { values: { cellOvervoltageAlarm: 3.55 } };
		case "set-inverter-protocol":
			return { mode: "manual", can: 3, rs485: 5 };
		case "read-records":
			return { from: 0, count: 2 };
		default:
			return {};
	}
}
