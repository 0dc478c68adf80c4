import { networkInterfaces } from "node:os";
import { isLoopback } from "../config/semantic-checks.ts";

/** What the start tells its owner. */
export interface GreetingFacts {
	readonly version: string;
	readonly host: string;
	readonly port: number;
	readonly wantedPort: number;
	readonly origin: "real" | "simulated" | "replayed";
	/** Where the battery is: the port of a real one, the file of a replay. */
	readonly source: string;
	/** Packs of a simulated bank. */
	readonly simulatedPacks: number;
	/** What happens to a simulated bank; empty for nothing. */
	readonly scenario: string;
	/** How much faster a simulated bank lives. */
	readonly timeFactor: number;
	readonly broker: { readonly url: string; readonly isBuiltIn: boolean };
	readonly dataFolder: string;
	readonly settingsFile: string | null;
	readonly hasPassword: boolean;
}

const WILDCARDS = ["0.0.0.0", "::"];

/** Addresses at which a server that listens on `host` is found, the most useful first. */
export function reachableHosts(host: string): readonly string[] {
	if (!WILDCARDS.includes(host)) return [host];
	const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
	const outside = addresses.filter(({ internal, family }) => !internal && (family === "IPv4" || host === "::"));
	return [...outside.filter(({ family }) => family === "IPv4").map(({ address }) => address), "127.0.0.1"];
}

/** http:// address of a path of this server. */
export function pageAddress(host: string, port: number, path = "/"): string {
	return `http://${host.includes(":") ? `[${host}]` : host}:${port}${path}`;
}

/** Where the status page is for other machines; null when only this one reaches it. */
export function outsideAddress(host: string, port: number): string | null {
	const found = reachableHosts(host).find((name) => !isLoopback(name));
	return found === undefined ? null : pageAddress(found, port);
}

const line = (label: string, text: string) => `  ${label.padEnd(14)}${text}`;

function batteryLines({ origin, source, simulatedPacks, scenario, timeFactor }: GreetingFacts): readonly string[] {
	if (origin === "real") return [line("Battery", `at ${source}`)];
	const what =
		origin === "simulated"
			? `The battery is SIMULATED (${simulatedPacks} ${simulatedPacks === 1 ? "pack" : "packs"}): no number you see comes from a real one.`
			: `The battery is REPLAYED from ${source}: you see old answers of a real battery, not yours.`;
	const played = scenario === "" ? [] : [`  The scenario ${scenario} plays.`];
	const faster =
		timeFactor === 1 ? [] : [`  Its time runs ${timeFactor} times as fast as yours: ages, delays and energy are in its seconds.`];
	return [
		"",
		`  ${what}`,
		...played,
		...faster,
		"  Attach a real one: npm start -- --port /dev/ttyUSB0  (or --port tcp://192.168.1.20:8899, a serial gateway)",
	];
}

function brokerLines({ broker }: GreetingFacts): readonly string[] {
	if (!broker.isBuiltIn) return [line("MQTT broker", broker.url)];
	return [
		line("MQTT broker", `${broker.url}  (built in, for trying things out: MQTT 3.1.1, this machine only)`),
		line("", "Home Assistant wants Mosquitto 2: npm start -- --mqtt mqtt://user:password@192.168.1.10:1883"),
	];
}

/** The lines printed when the server is up. */
export function greeting(facts: GreetingFacts): readonly string[] {
	const { host, port, wantedPort } = facts;
	const [main = host, ...others] = reachableHosts(host);
	return [
		"",
		`Rack Battery ${facts.version} is running.`,
		"",
		line("Status page", pageAddress(main, port)),
		...others.map((name) => line("", pageAddress(name, port))),
		...(wantedPort !== 0 && wantedPort !== port ? [line("", `Port ${wantedPort} is taken: ${port} is used instead.`)] : []),
		line("Flow editor", pageAddress(main, port, "/red/")),
		...brokerLines(facts),
		...(facts.hasPassword ? [line("Login", "user name admin, with the password of the settings")] : []),
		line("Data folder", facts.dataFolder),
		...(facts.settingsFile === null ? [] : [line("Settings", facts.settingsFile)]),
		...batteryLines(facts),
		"",
		"  Ctrl-C ends it.",
		"",
	];
}
