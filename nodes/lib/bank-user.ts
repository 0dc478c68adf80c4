import type { Node, NodeAPI } from "node-red";
import { type Bank, ConfigError, messageOf } from "../../src/index.ts";
import type { BankAccess, BankConfigNode } from "./bank-access.ts";
import { within } from "./bounded.ts";
import type { FlowStart } from "./flow-start.ts";
import { type BadgeKey, StatusBadge } from "./status.ts";

/** Longest time a node takes to close, ms; below Node-RED's own limit of 15 s. */
const CLOSE_MS = 8000;

/** What a node does while its bank is open. */
export interface BankWork {
	/** Ends it; the bank is released afterwards. */
	stop(): void | Promise<void>;
}

/** Says what went wrong: short in the badge, in full in the log and to the Catch nodes. */
function report(node: Node, badge: StatusBadge, error: unknown, key?: BadgeKey): void {
	badge.problem(key ?? badgeOfError(error));
	node.error(messageOf(error), {});
}

/** Ends a message that could not be dealt with: short in the badge, in full to the log and the Catch nodes. */
export function failInput(badge: StatusBadge, done: (error?: Error) => void, error: unknown): void {
	badge.problem("input");
	done(error instanceof Error ? error : new Error(messageOf(error)));
}

function badgeOfError(error: unknown): BadgeKey {
	if (!(error instanceof ConfigError)) return "failed";
	if (error.code === "conflict") return "conflict";
	return error.context.problems?.some((problem) => problem.path === "source") ? "noServer" : "settings";
}

function accessOf(RED: Pick<NodeAPI, "nodes">, id: string | undefined): BankAccess | null {
	const config = id === undefined || id === "" ? null : (RED.nodes.getNode(id) as BankConfigNode | null);
	return config?.bankAccess ?? null;
}

/** What a node type brings to its nodes. */
export interface NodeKind {
	readonly RED: Pick<NodeAPI, "nodes">;
	readonly flowStart: FlowStart;
}

/**
 * Makes a node a user of its bank: finds the configuration, shows how it goes, starts the work when the bank
 * opens, ends it and releases the bank when the node closes.
 */
export function connectToBank(
	{ RED, flowStart }: NodeKind,
	node: Node,
	bankId: string | undefined,
	start: (bank: Bank, badge: StatusBadge, access: BankAccess) => BankWork,
): { readonly badge: StatusBadge; readonly bank: () => Bank | null } {
	const badge = new StatusBadge(node);
	let work: BankWork | null = null;
	let open: Bank | null = null;
	let release = async () => {};
	let isClosed = false;
	badge.show("opening");

	const cancel = flowStart.after(() => {
		const access = accessOf(RED, bankId);
		if (!access) {
			report(node, badge, new ConfigError("invalid", "No bank is chosen. Open this node and choose or add one."), "noBank");
			return;
		}
		release = access.use({
			opened: (bank) => {
				if (isClosed) return;
				badge.mended();
				work = start(bank, badge, access);
				open = bank;
			},
			failed: (error) => report(node, badge, error),
		});
	});

	node.on("close", (_removed: boolean, done: () => void) => {
		cancel();
		isClosed = true;
		open = null;
		const finish = async () => {
			await work?.stop();
			await release();
		};
		const ended = finish().catch((error: unknown) => node.warn(messageOf(error)));
		void within(CLOSE_MS, ended).then(done);
	});
	return { badge, bank: () => open };
}
