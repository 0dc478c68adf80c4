import { Router } from "express";
import type { BankRegistry } from "../bank-registry.ts";
import { CONDITIONS } from "../bms/battery/conditions.ts";
import { BANK_DATAPOINTS, PACK_DATAPOINTS } from "../bms/battery/datapoints.ts";
import { QUANTITIES } from "../bms/battery/quantities.ts";
import { STATES } from "../bms/battery/states.ts";
import type { Clock } from "../clock.ts";
import { BANK_SCHEMA } from "./bank-schema.ts";
import { healthOf } from "./health.ts";
import { type ServerFacts, serverStatus, snapshotOf } from "./server-status.ts";
import type { StatusEvents } from "./status-events.ts";

/** The words behind the keys of a snapshot. */
export const VOCABULARY = {
	conditions: CONDITIONS,
	states: STATES,
	quantities: QUANTITIES,
	packReadings: PACK_DATAPOINTS,
	bankReadings: BANK_DATAPOINTS,
};

/** What the API needs. */
export interface StatusApiDeps {
	readonly registry: BankRegistry;
	readonly facts: ServerFacts;
	readonly events: StatusEvents;
	readonly clock: Clock;
}

/** Reading paths of the API: `/bank`, `/banks`, `/status`, `/events`, `/schema/bank`, `/vocabulary`. */
export function createStatusApi({ registry, facts, events, clock }: StatusApiDeps): Router {
	const api = Router();
	api.use((_request, response, next) => {
		response.set("Cache-Control", "no-store");
		next();
	});
	api.get("/bank", (request, response) => {
		const { id } = request.query;
		const snapshot = snapshotOf(registry, facts, typeof id === "string" ? id : undefined);
		if (snapshot) {
			response.json(snapshot);
		} else if (typeof id === "string") {
			response.status(404).json({ error: { code: "no-such-bank", message: `No open bank has the id ${JSON.stringify(id)}.` } });
		} else {
			response.status(503).json({ error: { code: "no-bank", message: healthOf(null).reason } });
		}
	});
	api.get("/banks", (_request, response) => {
		const banks = serverStatus(registry, facts, clock.now()).banks.map(({ snapshot, publishers }) => ({
			id: snapshot.id,
			name: snapshot.name,
			origin: snapshot.origin,
			health: healthOf(snapshot),
			publishers,
			url: `/api/bank?id=${encodeURIComponent(snapshot.id)}`,
		}));
		response.json(banks);
	});
	api.get("/status", (_request, response) => {
		response.json(serverStatus(registry, facts, clock.now()));
	});
	api.get("/events", events.follow);
	api.get("/schema/bank", (_request, response) => {
		response.type("application/schema+json").send(JSON.stringify(BANK_SCHEMA));
	});
	api.get("/vocabulary", (_request, response) => {
		response.json(VOCABULARY);
	});
	return api;
}
