import type { Node, NodeAPI, NodeDef } from "node-red";
import { type Bank, createDiscovery, messageOf, type PublisherState, systemClock, VERSION } from "../../src/index.ts";
import type { BankAccess } from "../lib/bank-access.ts";
import { connectToBank } from "../lib/bank-user.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { isTracing, nodeLogger } from "../lib/node-logger.ts";
import { publisherBadge, type StatusBadge } from "../lib/status.ts";
import { type BrokerCredentials, mqttPlanOf } from "./mqtt-plan.ts";

interface DiscoveryConfig extends NodeDef {
	readonly bank?: string;
}
type DiscoveryNode = Node<BrokerCredentials>;

/** Publishes nothing; for a node that cannot. */
const IDLE = { stop() {} };

function publish(node: DiscoveryNode, config: DiscoveryConfig, isTraced: boolean, bank: Bank, badge: StatusBadge, access: BankAccess) {
	const fail = (key: "brokerMissing" | "publishedTwice", text: string) => {
		badge.problem(key);
		node.error(text, {});
		return IDLE;
	};
	let settings: ReturnType<typeof mqttPlanOf>;
	try {
		settings = mqttPlanOf(config as unknown as Readonly<Record<string, unknown>>, node.credentials ?? {}, access.server);
	} catch (error) {
		return fail("brokerMissing", messageOf(error));
	}
	const giveBack = access.claimPublisher(bank, settings.url);
	if (!giveBack)
		return fail(
			"publishedTwice",
			"Another node publishes this bank to that broker already. One is enough: remove this one or choose another bank or broker.",
		);
	const discovery = createDiscovery(bank, settings, {
		logger: nodeLogger(node, isTraced),
		clock: systemClock,
		random: Math.random,
		pageUrl: access.server?.pageUrl ?? null,
		version: VERSION,
		contacts: access.contactsOf(bank),
	});
	const show = ({ state }: PublisherState) => badge.show(publisherBadge(state), bank.snapshot.origin);
	show(discovery.state());
	const unlisten = discovery.onState(show);
	const unregister = access.server?.registry.addPublisher(bank, () => discovery.state());
	const stop = async () => {
		unlisten();
		unregister?.();
		await discovery.stop();
		giveBack();
	};
	return { stop };
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryDiscovery(this: DiscoveryNode, config: DiscoveryConfig): void {
		RED.nodes.createNode(this, config);
		const isTraced = isTracing(RED.settings);
		connectToBank(kind, this, config.bank, (bank, badge, access) => publish(this, config, isTraced, bank, badge, access));
	}
	RED.nodes.registerType<DiscoveryNode, DiscoveryConfig, unknown, BrokerCredentials>("rack-battery-discovery", RackBatteryDiscovery, {
		credentials: { username: { type: "text" }, password: { type: "password" } },
	});
}
