/** Where Home Assistant listens. */
export interface HomeAssistantAddress {
	readonly protocol: "ws" | "wss";
	/** As it stands in an address: IPv6 in brackets. */
	readonly host: string;
	readonly port: number;
	readonly path: string;
	/** For people; holds no secret. */
	readonly shown: string;
	/** What the owner should know before messages leave the house, or travel in the clear; null when all is well. */
	readonly warning: string | null;
}

export interface AddressProblem {
	readonly problem: string;
}

const EXAMPLE = "for example http://homeassistant.local:8123";
const SCHEMES: Readonly<Record<string, "ws" | "wss">> = { "http:": "ws", "ws:": "ws", "https:": "wss", "wss:": "wss" };
const API_PATH = "/api/websocket";

/** Networks that are not the internet: loopback, RFC 1918, link-local, carrier NAT (which VPNs use), IPv6 likewise. */
const LOCAL_ADDRESS = [
	/^(127|10)(\.\d+){3}$/,
	/^172\.(1[6-9]|2\d|3[01])(\.\d+){2}$/,
	/^(192\.168|169\.254)(\.\d+){2}$/,
	/^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])(\.\d+){2}$/,
	/^\[(::1|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)\]$/i,
];

/** Endings that the public name service never serves (RFC 6761, 6762, 8375, and `.internal`), and two that routers use. */
const LOCAL_NAME = /(^|\.)(localhost|local|lan|home|internal|home\.arpa|fritz\.box)$/i;

/** Whether a host of an address is inside the house as far as its name tells; a name without a dot is. */
export function isLocalHost(host: string): boolean {
	if (LOCAL_ADDRESS.some((network) => network.test(host))) return true;
	const isName = !host.startsWith("[") && !/^[\d.]+$/.test(host);
	return isName && (!host.includes(".") || LOCAL_NAME.test(host));
}

function warningOf(protocol: "ws" | "wss", host: string): string | null {
	if (isLocalHost(host)) return null;
	const inTheClear = protocol === "ws" ? " Over http the access token can be read on the way: use https, or better the local address." : "";
	return `${host} looks like an address outside of the house: what is sent to Home Assistant leaves your network.${inTheClear}`;
}

/** Reads the address the owner wrote. The problem never repeats it: a password may be in it. */
export function parseHomeAssistantAddress(url: string): HomeAssistantAddress | AddressProblem {
	const text = url.trim();
	if (text === "") return { problem: `The address of Home Assistant is missing: give it as in the browser, ${EXAMPLE}.` };
	if (!URL.canParse(text)) return { problem: `The address of Home Assistant cannot be read: write it as in the browser, ${EXAMPLE}.` };
	const { protocol: scheme, hostname, port, pathname, username, password } = new URL(text);
	const protocol = SCHEMES[scheme];
	if (protocol === undefined || hostname === "")
		return { problem: `The address of Home Assistant must begin with http:// or https://, ${EXAMPLE}.` };
	if (username !== "" || password !== "")
		return { problem: "Home Assistant takes no user and password in its address: leave them out and give an access token." };
	const folder = pathname.replace(/\/+$/, "");
	return {
		protocol,
		host: hostname,
		// The browser's own ports: an address without one means them.
		port: port === "" ? (protocol === "ws" ? 80 : 443) : Number(port),
		path: folder === "" ? API_PATH : folder.endsWith("/websocket") ? folder : `${folder}${API_PATH}`,
		shown: `${hostname}${port === "" ? "" : `:${port}`}`,
		warning: warningOf(protocol, hostname),
	};
}
