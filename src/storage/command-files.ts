import { join } from "node:path";
import type { BankOrigin } from "../bms/battery/snapshot.ts";
import type { CommandStore, ConfirmedSwitch, ConfirmedSwitches } from "../bms/command/command-store.ts";
import type { PasswordBrake } from "../bms/command/password-brake.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createAdminPassword } from "./admin-password.ts";
import { createAuditLog } from "./audit-log.ts";
import { createJsonFile } from "./json-file.ts";
import { createParameterSaves } from "./parameter-saves.ts";

export interface CommandFilesOptions {
	/** Folder to keep everything in; made when missing. The administrator's password is one for all banks in it. */
	readonly folder: string;
	readonly bank: string;
	readonly origin: BankOrigin;
	readonly logger: Logger;
	readonly clock: Clock;
	/** That of the folder's password, where more than one bank is opened. */
	readonly brake?: PasswordBrake;
}

/** What the commands of a bank keep, as files. */
export function createCommandFiles({ folder, bank, origin, logger, clock, brake }: CommandFilesOptions): CommandStore {
	return {
		audit: createAuditLog({ folder, bank, origin }),
		saves: createParameterSaves({ folder, bank, origin, logger }),
		password: createAdminPassword(folder),
		...(brake ? { brake } : {}),
		confirmed: confirmedFile({ folder, bank, origin, logger, clock }),
	};
}

function confirmedFile({ folder, bank, origin, logger, clock }: CommandFilesOptions): ConfirmedSwitches {
	const file = createJsonFile({
		base: join(folder, `switches-${encodeURIComponent(bank)}-${origin}`),
		what: "What was seen of the switches",
		parse: confirmedIn,
		logger,
		clock,
	});
	return { load: async () => (await file.load()) ?? {}, save: (confirmed) => file.save(confirmed) };
}

function confirmedIn(document: unknown): Readonly<Record<string, ConfirmedSwitch>> {
	if (typeof document !== "object" || document === null) throw new Error("no switches in it");
	const entries = Object.entries(document).map(([name, found]: [string, unknown]) => {
		const { polarity, serial = null } = (found ?? {}) as Partial<Record<keyof ConfirmedSwitch, unknown>>;
		if ((polarity !== "normal" && polarity !== "reversed") || (serial !== null && typeof serial !== "string"))
			throw new Error(`bad entry ${name}`);
		return [name, { polarity, serial }] as const;
	});
	return Object.fromEntries(entries);
}
