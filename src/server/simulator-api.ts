import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from "express";
import { BmsError } from "../errors.ts";
import { runCommand } from "../simulator/commands.ts";
import { scenarioSchema } from "../simulator/scenario-schema.ts";
import type { SimulatorControl } from "../simulator/simulator-control.ts";

/**
 * HTTP API of the simulator: `GET /state`, `GET /scenario-schema` (JSON Schema of scenario scripts), and `POST /command` with `{"command": "set 1 alarm.low_soc"}` (the
 * commands of `rack-battery simulate`). Errors are `{"error": {code, message}}` with status 400. `guard`, when
 * handed in, is asked before anything else; whoever mounts the router behind a guarded server needs none.
 */
export function createSimulatorApi(control: SimulatorControl, guard?: RequestHandler): Router {
	const router = express.Router();
	if (guard) router.use(guard);
	router.use(express.json({ limit: "16kb" }));
	router.get("/state", (_request, response) => {
		response.set("Cache-Control", "no-store").json(control.state());
	});
	router.get("/scenario-schema", (_request, response) => {
		response.set("Cache-Control", "no-store").json(scenarioSchema());
	});
	router.post("/command", async (request, response) => {
		const body: unknown = request.body;
		const command = typeof body === "object" && body !== null && "command" in body ? body.command : undefined;
		if (typeof command !== "string") {
			const message = 'Send {"command": "…"} as JSON, with Content-Type application/json; the command "help" lists all.';
			response.status(400).json({ error: { code: "invalid", message } });
			return;
		}
		response.json(await runCommand(control, command));
	});
	router.use(refusedCommands);
	return router;
}

/** The API alone, as an application of its own, with JSON for every error. */
export function createSimulatorApp(control: SimulatorControl): Express {
	const app = express();
	app.disable("x-powered-by");
	app.use(createSimulatorApi(control));
	app.use((request, response) => {
		response.status(404).json({ error: { code: "not-found", message: `There is no ${request.method} ${request.path}.` } });
	});
	app.use(otherErrors);
	return app;
}

/** What a command refuses is the client's to read; anything else goes on. */
const refusedCommands: ErrorRequestHandler = (error, _request, response, next) => {
	if (error instanceof BmsError) response.status(400).json({ error: { code: error.code, message: error.message } });
	else next(error);
};

const otherErrors: ErrorRequestHandler = (error, _request, response, next) => {
	if (response.headersSent) {
		next(error);
		return;
	}
	const { status } = error as { status?: unknown };
	const isClients = typeof status === "number" && status >= 400 && status < 500;
	const message = isClients ? "The request's body is not understood: it must be JSON." : "The simulator failed to answer.";
	response.status(isClients ? status : 500).json({ error: { code: isClients ? "bad-request" : "internal", message } });
};
