import type { Config } from "./config.ts";
import type { ConfigProblem } from "./given-setting.ts";

/** The port under which the bank is simulated. */
export const SIMULATOR_PORT = "simulator";

/** Whether an address to listen on can be reached from this machine only. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Host names of the list `server.allowedHosts`, small letters. */
export function hostNamesOf(list: string): readonly string[] {
	return list
		.split(/[,\s]+/)
		.filter((name) => name !== "")
		.map((name) => name.toLowerCase());
}

function portProblem(port: string): string | null {
	if (port === SIMULATOR_PORT || /^\/[^\s]+$/.test(port) || /^(\\\\\.\\)?COM[1-9]\d*$/i.test(port)) return null;
	const wanted = "a serial port (/dev/ttyUSB0, COM3), a serial gateway (tcp://192.168.1.20:8899) or simulator";
	if (!/^tcp:/i.test(port)) return `must be ${wanted}`;
	const match = /^tcp:\/\/(\[[0-9a-f:.]+\]|[^\s/:@[\]]+):(\d{1,5})\/?$/i.exec(port);
	const number = Number(match?.[2]);
	if (match && number >= 1 && number <= 65535) return null;
	return "must name the gateway's address and its port number, for example tcp://192.168.1.20:8899";
}

function brokerProblem(url: string): string | null {
	if (url === "") return null;
	const wanted =
		"must be the broker's address, for example mqtt://192.168.1.10:1883 or mqtts://broker.local:8883; user and password may stand before an @";
	if (!/^mqtts?:\/\/[^/\s]/i.test(url) || !URL.canParse(url)) return wanted;
	const { hostname, pathname, search, hash } = new URL(url);
	return hostname === "" || (pathname !== "" && pathname !== "/") || search !== "" || hash !== "" ? wanted : null;
}

function hostNamesProblem(list: string): string | null {
	const wrong = hostNamesOf(list).find((name) => !/^([a-z0-9_]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/.test(name));
	return wrong === undefined ? null : `"${wrong}" must be a host name alone, without http:// and without a port, for example battery.local`;
}

/** Why a simulated bank's life cannot be had here; null when it can. */
function onlySimulated({ bank, simulator }: Config): string | null {
	if (bank.port !== SIMULATOR_PORT) return `is for the simulated battery, not for the real one at ${bank.port}: leave one of the two out`;
	if (simulator.replay !== "") return `is for the simulated battery, not for the replay of ${simulator.replay}: leave one of the two out`;
	return null;
}

/** What a table row cannot say: one setting against the world or against another. */
export function semanticProblems(config: Config): readonly ConfigProblem[] {
	const { bank, mqtt, server, simulator } = config;
	const checks: readonly (readonly [path: string, message: string | null])[] = [
		["bank.port", portProblem(bank.port)],
		["mqtt.url", brokerProblem(mqtt.url)],
		["server.allowedHosts", hostNamesProblem(server.allowedHosts)],
		["server.host", server.host === "" ? "must be an address of this machine, for example 127.0.0.1" : null],
		["server.dataFolder", server.dataFolder === "" ? "must name a folder" : null],
		[
			"server.password",
			server.host !== "" && !isLoopback(server.host) && server.password === "" && server.ingressFrom === ""
				? `is needed when other machines may connect (server.host is ${server.host}): set --password or RACK_BATTERY_SERVER_PASSWORD, or listen on 127.0.0.1`
				: null,
		],
		[
			"simulator.replay",
			simulator.replay !== "" && bank.port !== SIMULATOR_PORT
				? `cannot be combined with the real battery at ${bank.port}: leave one of the two out`
				: null,
		],
		["simulator.scenario", simulator.scenario === "" ? null : onlySimulated(config)],
		["simulator.timeFactor", simulator.timeFactor === 1 ? null : onlySimulated(config)],
	];
	return checks.flatMap(([path, message]) => (message === null ? [] : [{ path, message }]));
}
