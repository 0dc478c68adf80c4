/** Where the broker is and who we are there. The password is for the connection only: never show or log this object. */
export interface BrokerAddress {
	readonly protocol: "mqtt" | "mqtts";
	readonly host: string;
	readonly port: number;
	readonly username: string | undefined;
	readonly password: string | undefined;
	/** Address without user and password, for people. */
	readonly shown: string;
}

export interface AddressProblem {
	readonly problem: string;
}

const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883 } as const;

/**
 * Reads the address the owner wrote. User and password may stand in the address; the settings of their own
 * win. The problem never repeats what was written, because a password may be in it.
 */
export function parseBrokerAddress(url: string, username: string, password: string): BrokerAddress | AddressProblem {
	if (url.trim() === "") return { problem: "No MQTT broker is set: give its address, for example mqtt://192.168.1.10:1883." };
	if (!URL.canParse(url.trim())) return { problem: "The MQTT broker's address cannot be read: write it like mqtt://192.168.1.10:1883." };
	const parsed = new URL(url.trim());
	const protocol = parsed.protocol.slice(0, -1);
	if ((protocol !== "mqtt" && protocol !== "mqtts") || parsed.hostname === "") {
		return { problem: "The MQTT broker's address must begin with mqtt:// or mqtts://, for example mqtt://192.168.1.10:1883." };
	}
	const port = parsed.port === "" ? DEFAULT_PORTS[protocol] : Number(parsed.port);
	return {
		protocol,
		host: parsed.hostname.replace(/^\[|\]$/g, ""),
		port,
		username: username || decoded(parsed.username) || undefined,
		password: password || decoded(parsed.password) || undefined,
		shown: `${protocol}://${parsed.hostname}:${port}`,
	};
}

/** Percent signs that encode nothing are meant as they stand. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
