/**
 * Why an action did not succeed. `connection-lost` and `timeout`: it is not known whether Home Assistant carried it
 * out. `rejected`: Home Assistant answered that it cannot. All others: it was never sent.
 */
export type HomeAssistantErrorCode =
	| "address"
	| "unreachable"
	| "refused"
	| "not-connected"
	| "connection-lost"
	| "timeout"
	| "rejected"
	| "closed"
	| "busy";

/** What went wrong with Home Assistant, in the owner's words; never with the token in it. */
export class HomeAssistantError extends Error {
	override readonly name = "HomeAssistantError";
	readonly code: HomeAssistantErrorCode;

	constructor(code: HomeAssistantErrorCode, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.code = code;
	}
}
