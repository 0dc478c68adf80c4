import type { LinkState } from "../battery/snapshot.ts";

/** Questions in a row that nobody answers before the link counts as silent. */
const UNANSWERED_UNTIL_SILENT = 3;

/**
 * `asking`: the line is open and the battery has not answered yet. `silent`: the line is open and nobody answers.
 * `lost`: the line itself is gone or cannot be opened. `asleep`: the line is open, and the battery is left alone or does
 * not answer, as was to be expected.
 */
export type ConnectionPhase = "closed" | "opening" | "asking" | "online" | "silent" | "lost" | "asleep";

/** The life of the line to one battery. */
export interface Connection {
	readonly phase: ConnectionPhase;
	/** Questions in a row that nobody answered. */
	readonly unanswered: number;
	/** Openings in a row that came to nothing: refused, or lost again before the battery answered. */
	readonly failedOpenings: number;
	/** When the battery began to answer; null while it does not. */
	readonly onlineSince: number | null;
	/** How often the line was opened. */
	readonly openings: number;
}

export type ConnectionInput =
	| { readonly type: "open" }
	| { readonly type: "opened" }
	| { readonly type: "answered"; readonly at: number }
	| { readonly type: "unanswered" }
	/** It is left to sleep, or its silence is sleep. */
	| { readonly type: "fell-asleep" }
	/** It could not be opened, or is gone. */
	| { readonly type: "line-lost" }
	| { readonly type: "close" };

export const CLOSED: Connection = { phase: "closed", unanswered: 0, failedOpenings: 0, onlineSince: null, openings: 0 };

/** What becomes of the connection. Pure: the timers are outside. */
export function nextConnection(connection: Connection, input: ConnectionInput): Connection {
	switch (input.type) {
		case "open":
			// A retry is not news: the link stays lost, or silent, until something is heard.
			return connection.phase === "closed" ? { ...connection, phase: "opening" } : connection;
		case "opened":
			return {
				...connection,
				phase: connection.phase === "silent" || connection.phase === "asleep" ? connection.phase : "asking",
				unanswered: 0,
				openings: connection.openings + 1,
			};
		case "line-lost":
			return { ...connection, phase: "lost", unanswered: 0, failedOpenings: connection.failedOpenings + 1, onlineSince: null };
		case "answered":
			return { ...connection, phase: "online", unanswered: 0, failedOpenings: 0, onlineSince: connection.onlineSince ?? input.at };
		case "unanswered": {
			const unanswered = connection.unanswered + 1;
			if (unanswered < UNANSWERED_UNTIL_SILENT || connection.phase === "asleep") return { ...connection, unanswered };
			return { ...connection, phase: "silent", unanswered, onlineSince: null };
		}
		case "fell-asleep":
			return { ...connection, phase: "asleep", unanswered: 0, onlineSince: null };
		case "close":
			return { ...CLOSED, openings: connection.openings };
	}
}

/** The phase in the words of the snapshot. */
export function linkStateOf(phase: ConnectionPhase): LinkState {
	return phase === "opening" || phase === "asking" ? "connecting" : phase;
}
