import { join } from "node:path";
import type { Node, NodeAPI, NodeDef } from "node-red";
import {
	type Bank,
	ConfigError,
	createJsonFile,
	FAMILY_NAMES,
	type ManagerState,
	machineTime,
	messageOf,
	NOTIFICATION_SETTINGS,
	type Notice,
	readManagerState,
	say,
	type Wording,
} from "../../src/index.ts";
import type { BankAccess } from "../lib/bank-access.ts";
import { connectToBank, failInput } from "../lib/bank-user.ts";
import { dataFolderOf } from "../lib/data-folder.ts";
import { FlowStart } from "../lib/flow-start.ts";
import { type HomeAssistantUse, homeAssistantOf } from "../lib/home-assistant-access.ts";
import { readInputs } from "../lib/inputs.ts";
import { languageOf } from "../lib/language.ts";
import { nodeLogger } from "../lib/node-logger.ts";
import { readSettings } from "../lib/read-settings.ts";
import { type BadgeKey, bankBadge, type StatusBadge } from "../lib/status.ts";
import { BEHAVIOUR_INPUTS, type Facts, pressedButton, readMessage, type Said } from "./notify-inputs.ts";
import { listMessage, noticeMessages, type Shape, shedMessage } from "./notify-messages.ts";
import { NotifyRun } from "./notify-run.ts";

interface NotifyConfig extends NodeDef {
	readonly bank?: string;
	readonly ha?: string;
}

/** Type of the event that Home Assistant's app sends when a button is pressed. */
const BUTTON_EVENT = "mobile_app_notification_action";
/** A time left that was told longer ago is no longer true, ms. */
const TIME_LEFT_MS = 30 * 60_000;

/** The gravest thing that nobody has acknowledged; the line's trouble where nothing is known yet. */
export function notifyBadge({ issues }: ManagerState, line: BadgeKey): BadgeKey {
	const certain = issues.filter(({ confirmed }) => confirmed !== null && confirmed !== "info");
	const open = certain.filter(({ acknowledgedAt, snoozedUntil }) => acknowledgedAt === null && snoozedUntil === null);
	if (open.some(({ confirmed }) => confirmed === "critical")) return "notifyCritical";
	if (open.some(({ confirmed }) => confirmed === "warning")) return "notifyWarning";
	if (open.length > 0) return "notifyCaution";
	if (certain.length > 0) return "notifyAcknowledged";
	return line === "live" ? "notifyNone" : line;
}

/** A contact that a contact node tells about, as an alarm of the flow. */
function contactCommand({ key, owner, isActive, text }: NonNullable<Said["contact"]>, language: Shape["language"]) {
	const isFault = key === "fault";
	const title = say(FAMILY_NAMES[isFault ? "fault_contact" : "low_contact"], language);
	const alarm = { id: `${key}-${owner}`, severity: isFault ? ("critical" as const) : ("warning" as const), title, text };
	return { type: "custom" as const, alarm: { ...alarm, state: isActive ? ("on" as const) : ("off" as const) } };
}

export default function register(RED: NodeAPI): void {
	const kind = { RED, flowStart: new FlowStart(RED) };
	function RackBatteryNotify(this: Node, config: NotifyConfig): void {
		RED.nodes.createNode(this, config);
		let run: NotifyRun | null = null;
		let shape: Shape | null = null;
		let shed: string | null = null;
		let timeLeft: { readonly text: string | null; readonly at: number } | null = null;
		let open: Bank | null = null;

		const learn = (facts: Facts, now: number) => {
			if (facts.shed !== undefined) shed = facts.shed;
			if (facts.timeLeft !== undefined) timeLeft = { text: facts.timeLeft, at: now };
		};
		const wordingOf = (bank: Bank, language: Shape["language"]): Wording => {
			const isFresh = timeLeft !== null && bank.clock.now() - timeLeft.at <= TIME_LEFT_MS;
			return { language, snapshot: bank.snapshot, toLocalTime: machineTime, shed, timeLeft: isFresh ? (timeLeft?.text ?? null) : null };
		};
		const tell = (bank: Bank, notices: readonly Notice[], made: Shape) => {
			for (const notice of notices) {
				const { plain, homeAssistant } = noticeMessages(notice, wordingOf(bank, made.language), made);
				this.send([plain, homeAssistant, null] as never);
			}
		};

		const obey = ({ command, shed: shedNow }: Pick<Said, "command" | "shed">) => {
			if (command !== null) run?.command(command);
			if (shedNow !== null && open) this.send([null, null, null, shedMessage(shedNow.tag, open.snapshot)] as never);
		};

		/** Buttons of the phones come by themselves where a Home Assistant is chosen. */
		const listen = (): (() => void) => {
			if (config.ha === undefined || config.ha === "") return () => {};
			let use: HomeAssistantUse;
			try {
				use = homeAssistantOf(RED, config.ha);
			} catch (error) {
				this.error(messageOf(error), {});
				return () => {};
			}
			const stop = use.homeAssistant.subscribe(BUTTON_EVENT, ({ data }) => {
				const button = pressedButton(data.action);
				if (button !== null) obey(button);
			});
			return () => {
				stop();
				use.release();
			};
		};

		const watch = (bank: Bank, badge: StatusBadge, access: BankAccess) => {
			const settings = readSettings(NOTIFICATION_SETTINGS, config as unknown as Readonly<Record<string, unknown>>);
			const { format, shedButton, targets, targets1, targets2, targets3, language: choice } = readInputs(BEHAVIOUR_INPUTS, {}, config);
			const steps = [targets, targets1, targets2, targets3];
			const made: Shape = { format, language: languageOf(choice, RED), steps, snoozeMinutes: settings.snoozeMinutes, shedButton };
			shape = made;
			open = bank;
			const { id, origin } = bank.snapshot;
			const file = createJsonFile<ManagerState>({
				base: join(dataFolderOf(RED.settings), `notifications-${encodeURIComponent(id)}-${origin}-${this.id}`),
				what: "What was told about the battery",
				parse: readManagerState,
				logger: nodeLogger(this, false),
				clock: bank.clock,
			});
			let saved: Promise<void> = Promise.resolve();
			let isStopped = false;
			const begin = (kept: ManagerState | null) => {
				if (isStopped) return;
				run = new NotifyRun({
					bank,
					contacts: access.contactsOf(bank),
					settings,
					toLocalTime: machineTime,
					kept,
					looked: (state, notices, isNews) => {
						badge.show(notifyBadge(state, bankBadge(bank.snapshot)), origin);
						tell(bank, notices, made);
						if (isNews) this.send([null, null, listMessage(state, bank.snapshot, bank.clock.now())] as never);
					},
					keep: (state) => {
						saved = file.save(state).catch((error: unknown) => this.error(messageOf(error), {}));
					},
				});
			};
			// A file that cannot be read is told, and it begins anew: rather a message twice than none.
			const loaded = file.load().then(begin, (error: unknown) => {
				this.error(messageOf(error), {});
				begin(null);
			});
			const deaf = listen();
			return {
				stop: async () => {
					isStopped = true;
					deaf();
					await loaded;
					run?.stop();
					run = null;
					open = null;
					await saved;
				},
			};
		};

		const { badge } = connectToBank(kind, this, config.bank, watch);
		this.on("input", (message, send, done) => {
			try {
				const said = readMessage(message);
				if (!run || !open || !shape) throw new ConfigError("invalid", "The bank is not open; the badge of this node and the log say why.");
				learn(said.facts, open.clock.now());
				if (said.contact !== null) run.command(contactCommand(said.contact, shape.language));
				obey(said);
				if (said.wantsList) send([null, null, { ...message, ...listMessage(run.state, open.snapshot, open.clock.now()) }] as never);
				badge.mended();
				done();
			} catch (error) {
				failInput(badge, done, error);
			}
		});
	}
	RED.nodes.registerType("rack-battery-notify", RackBatteryNotify);
}
