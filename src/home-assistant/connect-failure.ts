import type { HomeAssistantAddress } from "./address.ts";
import { HomeAssistantError } from "./home-assistant-error.ts";

const HINTS: Readonly<Record<string, string>> = {
	ECONNREFUSED: "nothing listens there: is Home Assistant running, and is the port right (8123 unless you changed it)?",
	ENOTFOUND: "the name is not known in this network: try the IP address.",
	EAI_AGAIN: "names cannot be looked up at the moment: try the IP address.",
	EHOSTUNREACH: "there is no way to that address from here.",
	ENETUNREACH: "there is no way to that address from here.",
	ETIMEDOUT: "nothing answers there.",
	ECONNRESET: "it hung up.",
	DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is of its own making: switch the check of the certificate off if that is your own.",
	SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of its own making: switch the check of the certificate off if that is your own.",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be checked: switch the check off if the certificate is your own.",
	CERT_HAS_EXPIRED: "its certificate has expired.",
	ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name: use that name in the address.",
	EPROTO: "it does not speak https there: try http.",
};

/** A connection that did not come about, in words; the port is in doubt when the owner gave none. */
export function unreachable({ shown }: HomeAssistantAddress, error: unknown): HomeAssistantError {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	const hint = HINTS[code] ?? (code === "" ? "the connection did not come about." : `${code}.`);
	return new HomeAssistantError("unreachable", `Home Assistant at ${shown} cannot be reached: ${hint}`, error);
}

/** Something else than the WebSocket interface answered the handshake. */
export function wrongAnswer({ shown }: HomeAssistantAddress, status: number | undefined): HomeAssistantError {
	if (status === 401 || status === 403)
		return new HomeAssistantError(
			"refused",
			`Home Assistant at ${shown} does not let this machine in (${status}): after wrong passwords it may have banned its address (ip_bans.yaml).`,
		);
	return new HomeAssistantError(
		"unreachable",
		`What answers at ${shown} is not Home Assistant (${status ?? "no status"}): check the address.`,
	);
}

export function refused({ shown }: HomeAssistantAddress): HomeAssistantError {
	return new HomeAssistantError(
		"refused",
		`Home Assistant at ${shown} does not accept the access token: make a new one in your profile there.`,
	);
}
