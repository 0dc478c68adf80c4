import type { NodeMessage } from "node-red";
import register from "../../nodes/rack-battery-command/rack-battery-command.ts";
import type { Bank } from "../../src/bms/bank.ts";
import { RunningFlow, SIMULATED } from "../nodes/running-flow.ts";
import type { OpenEntry } from "./entry-points.ts";
import { PASSWORD } from "./fake-battery.ts";

/** The bank as a flow has it: the flow's end is not its own. */
function lent(bank: Bank): Bank {
	return {
		...(bank.commands === undefined ? {} : { commands: bank.commands }),
		clock: bank.clock,
		get snapshot() {
			return bank.snapshot;
		},
		subscribe: (listener) => bank.subscribe(listener),
		close: async () => {},
	};
}

/** A command node in a running Node-RED; results and errors come back with the number of their question. */
export async function overNode(bank: Bank): Promise<OpenEntry> {
	RunningFlow.init();
	const flow = new RunningFlow({ openBank: () => lent(bank) });
	await flow.deploy(
		[
			{ id: "config", ...SIMULATED },
			{ id: "ends", type: "helper" },
			{ id: "catch", type: "catch", scope: null, uncaught: false, wires: [["ends"]] },
			{ id: "asks", type: "rack-battery-command", bank: "config", command: "message", wires: [["ends"], []] },
		],
		{ nodes: [register], credentials: { asks: { password: PASSWORD } } },
	);
	await flow.badge("asks", "rack-battery.status.live.simulated");
	let asked = 0;
	const tell = (message: object) => {
		const question = ++asked;
		const end = flow.messages("ends").next(`the end of ${JSON.stringify(message)}`, (one) => questionOf(one) === question);
		flow.node("asks").receive({ ...message, question } as NodeMessage);
		return end;
	};
	return {
		give: (command, given) => tell({ ...(given as object), command }),
		arm: (armed) => tell({ command: "arm", class: armed }),
		end: () => flow.end(),
	};
}

const questionOf = (message: NodeMessage) => (message as { readonly question?: number }).question;
