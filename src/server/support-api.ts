import { type RequestHandler, Router } from "express";
import type { BankRegistry } from "../bank-registry.ts";
import { hideSecrets } from "./hide-secrets.ts";
import type { LogRing } from "./log-ring.ts";

/** What a running server gives to a bug report. */
export interface SupportSource {
	readonly log: LogRing;
	/** Texts that must not leave this machine, as far as they are known; asked at every request, for flows change. */
	readonly secrets: () => readonly string[];
}

/** `/support`: the last lines of the log, and what went over the lines of the open banks. Without secrets. */
export function createSupportApi(registry: BankRegistry, source: SupportSource): RequestHandler {
	const api = Router();
	api.get("/support", (_request, response) => {
		const { log, secrets } = source;
		const banks = registry.list().map(({ bank }) => {
			const { pieces = [], dropped = 0 } = bank.traffic ?? {};
			return { id: bank.snapshot.id, port: bank.snapshot.link.port, frames: pieces, framesDropped: dropped };
		});
		const part = { log: log.lines, logDropped: log.dropped, banks };
		response.set("Cache-Control", "no-store").json(hideSecrets(part, secrets()));
	});
	return api;
}
