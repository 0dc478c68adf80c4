import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";
import { type Bank, type BankCommands, type Caller, CommandError, ConfigError, messageOf } from "../../src/index.ts";
import { connectToBank } from "../lib/bank-user.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { bankBadge, type StatusBadge } from "../lib/status.ts";
import { readWish, removeSecrets, type Wish } from "./command-inputs.ts";
import { armedMessage, progressMessage, resultMessage } from "./command-messages.ts";
import { RequestQueue } from "./request-queue.ts";

interface CommandConfig extends NodeDef {
	readonly bank?: string;
}
interface CommandCredentials {
	readonly password?: string;
}

type Send = (messages: readonly (object | null)[]) => void;
type Done = (error?: Error) => void;

/** A message that waits for its turn, with the ways to answer it. */
interface Asked {
	readonly message: NodeMessageInFlow;
	readonly send: Send;
	readonly done: Done;
}

/** The commands of an open bank. Throws in words where there are none. */
function commandsOf(bank: Bank | null): { readonly bank: Bank; readonly commands: BankCommands } {
	if (bank === null) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
	const { commands } = bank;
	if (!commands) throw new CommandError("unsupported", "This bank only shows what others read: nothing can be asked of it here.");
	return { bank, commands };
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };

	function RackBatteryCommand(this: Node<CommandCredentials>, config: CommandConfig): void {
		RED.nodes.createNode(this, config);
		const caller: Caller = { kind: "node", id: this.id };
		let show = () => {};
		const queue = new RequestQueue(() => show());

		const work = (bank: Bank, badge: StatusBadge) => {
			show = () => {
				const { id, kind: from } = bank.commands?.access.armed?.caller ?? {};
				const isArmed = id === caller.id && from === caller.kind;
				const { snapshot } = bank;
				badge.show(queue.isBusy ? "commandRunning" : isArmed ? "commandArmed" : bankBadge(snapshot), snapshot.origin);
			};
			show();
			const ends = [bank.subscribe(show), bank.commands?.onAccess(show) ?? (() => {})];
			const stop = async () => {
				for (const end of ends) end();
				await queue.end();
				bank.commands?.disarm(caller);
			};
			return { stop };
		};
		const { badge, bank } = connectToBank(kind, this, config.bank, work);

		const fail = (done: Done, error: unknown, key: "input" | "commandFailed") => {
			badge.problem(key);
			done(error instanceof Error ? error : new Error(messageOf(error)));
		};
		const answer = ({ message, send, done }: Asked, part: object) => {
			badge.mended();
			send([{ ...message, ...part }, null]);
			done();
		};

		const run = async (wish: Wish & { kind: "run" }, asked: Asked, signal: AbortSignal): Promise<void> => {
			badge.mended();
			try {
				const { bank: open, commands } = commandsOf(bank());
				const onProgress: Parameters<BankCommands["run"]>[0]["onProgress"] = (progress) =>
					asked.send([null, { ...RED.util.cloneMessage(asked.message), ...progressMessage(open.snapshot, wish.command, progress) }]);
				const result = await commands.run({ command: wish.command, arguments: wish.arguments, caller, signal, onProgress });
				answer(asked, resultMessage(open.snapshot, result));
			} catch (error) {
				fail(asked.done, error, "commandFailed");
			}
		};
		const arm = async (wish: Wish & { kind: "arm" }, asked: Asked): Promise<void> => {
			try {
				const { bank: open, commands } = commandsOf(bank());
				await commands.arm({ class: wish.class, password: wish.password, caller });
				answer(asked, armedMessage(open.snapshot, commands.access.armed));
			} catch (error) {
				fail(asked.done, error, "commandFailed");
			}
		};

		const carryOut = (wish: Wish, asked: Asked): void => {
			if (wish.kind === "cancel") {
				queue.cancel(wish.all);
				asked.done();
				return;
			}
			const { bank: open, commands } = commandsOf(bank());
			if (wish.kind === "disarm") {
				commands.disarm(caller);
				answer(asked, armedMessage(open.snapshot, null));
				return;
			}
			queue.add(
				(signal) => (wish.kind === "arm" ? arm(wish, asked) : run(wish, asked, signal)),
				(error) => fail(asked.done, error, "commandFailed"),
			);
		};

		this.on("input", (message, send, done) => {
			try {
				const wish = readWish(message, config, this.credentials?.password ?? "");
				removeSecrets(message);
				carryOut(wish, { message, send: send as Send, done });
			} catch (error) {
				removeSecrets(message);
				fail(done, error, "input");
			}
		});
	}
	RED.nodes.registerType<Node<CommandCredentials>, CommandConfig, unknown, CommandCredentials>("rack-battery-command", RackBatteryCommand, {
		credentials: { password: { type: "password" } },
	});
}
