import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** User name that belongs to the password of the settings. */
export const USER_NAME = "admin";

/** Who may ask. */
export interface GuardRules {
	/** Host names, small letters, besides the loopback names and the address the connection came in at. */
	readonly hostNames: readonly string[];
	/** Empty for none. */
	readonly password: string;
	/** Paths below which Node-RED asks for the password itself. */
	readonly ownLogin: readonly string[];
	/** Paths that need no password (nothing secret is there). */
	readonly open: readonly string[];
	/** Address of a proxy that has asked for a login itself (Home Assistant's ingress); empty for none. */
	readonly ingress: string;
}

/** What is known of a request before anything looks at it. */
export interface GuardedRequest {
	readonly method: string;
	/** As sent: path and query. */
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	/** Address of this machine at which the connection came in. */
	readonly localAddress: string | undefined;
	/** Where the connection came from. */
	readonly remoteAddress: string | undefined;
	readonly isUpgrade: boolean;
}

/** Why a request is not let in, in words for whoever sent it. */
export interface Refusal {
	readonly status: 401 | 403;
	readonly code: "foreign-host" | "foreign-origin" | "password-needed" | "only-ingress";
	readonly message: string;
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Host name of a Host header without its port; null when it is none. */
function hostNameOf(host: string | undefined): string | null {
	const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i.exec(host ?? "");
	return match?.[1]?.toLowerCase() ?? null;
}

/** How a local address stands in a Host header. */
function asHostName(address: string): string {
	const plain = address.replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");
	return plain.includes(":") ? `[${plain}]` : plain;
}

function isOwnHost(request: GuardedRequest, rules: GuardRules): boolean {
	const name = hostNameOf(request.headers.host);
	if (name === null) return false;
	if (LOOPBACK_NAMES.includes(name) || rules.hostNames.includes(name)) return true;
	return request.localAddress !== undefined && asHostName(request.localAddress) === name;
}

/** Whether an Origin header names the very address the request was sent to. */
function isOwnOrigin(origin: string, host: string): boolean {
	if (!URL.canParse(origin)) return false;
	const { protocol, host: originHost } = new URL(origin);
	// Parsed with the origin's scheme, so that default ports compare equal.
	return /^https?:$/.test(protocol) && URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === originHost;
}

/** A link somebody followed: another page may lead here, but never read or do anything. */
function isLinkFollowed({ method, headers, isUpgrade }: GuardedRequest): boolean {
	return (
		!isUpgrade &&
		(method === "GET" || method === "HEAD") &&
		headers["sec-fetch-mode"] === "navigate" &&
		headers["sec-fetch-dest"] === "document"
	);
}

function isForeign(request: GuardedRequest): boolean {
	const { origin, host = "", "sec-fetch-site": site } = request.headers;
	if (origin !== undefined && !isOwnOrigin(origin, host)) return true;
	return site !== undefined && site !== "same-origin" && site !== "none" && !isLinkFollowed(request);
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Whether user name and password are right; takes the same time whatever is wrong. */
export function isRightLogin(user: string, given: string, password: string): boolean {
	const isRightUser = timingSafeEqual(digest(user), digest(USER_NAME));
	return timingSafeEqual(digest(given), digest(password)) && isRightUser && password !== "";
}

function hasPassword(authorization: string | undefined, password: string): boolean {
	const encoded = /^basic ([a-z0-9+/=]+)$/i.exec(authorization ?? "")?.[1];
	if (encoded === undefined) return false;
	const [, user, given] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
	return user !== undefined && given !== undefined && isRightLogin(user, given, password);
}

const isLoopbackAddress = (address: string) => address === "::1" || /^127\./.test(address);

/** Whether a request comes from Home Assistant's ingress, whose pages and names stand in its Host and Origin. */
export function isFromIngress(remoteAddress: string | undefined, ingress: string): boolean {
	return ingress !== "" && remoteAddress !== undefined && asHostName(remoteAddress) === asHostName(ingress);
}

const isBelow = (url: string, folder: string) => {
	const path = url.split(/[?#]/, 1)[0] ?? "";
	return path === folder || path.startsWith(`${folder}/`);
};

/**
 * Whether a request may come in: the Host must be this server's own (else a foreign name was pointed at it:
 * DNS rebinding), no other page may send it, and the password must be there where one is set.
 */
export function refusalOf(request: GuardedRequest, rules: GuardRules): Refusal | null {
	if (isFromIngress(request.remoteAddress, rules.ingress)) return null;
	// Without a password nobody else may come in from outside: the address is open only for the ingress.
	if (rules.ingress !== "" && rules.password === "" && !isLoopbackAddress(asHostName(request.remoteAddress ?? "")))
		return { status: 403, code: "only-ingress", message: "These pages are open from within Home Assistant only." };
	if (!isOwnHost(request, rules))
		return {
			status: 403,
			code: "foreign-host",
			message:
				"This server was asked for under a name that is not its own. Use its address (as printed at its start), or add the name to server.allowedHosts in its settings.",
		};
	if (isForeign(request))
		return {
			status: 403,
			code: "foreign-origin",
			message: "Requests from other web pages are refused: use the pages of this server itself.",
		};
	const needsPassword = rules.password !== "" && ![...rules.ownLogin, ...rules.open].some((folder) => isBelow(request.url, folder));
	if (needsPassword && !hasPassword(request.headers.authorization, rules.password))
		return { status: 401, code: "password-needed", message: `The password of this server is needed (user name: ${USER_NAME}).` };
	return null;
}
