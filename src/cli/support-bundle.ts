import { arch, platform, release } from "node:os";
import type { ProbeReport } from "../bms/probe/probe-report.ts";
import type { SerialPortInfo } from "../bms/transport/list-ports.ts";
import type { TrafficRing } from "../bms/transport/traffic-ring.ts";
import { type Config, secretsOf, settingAt, settingPaths, valueAt } from "../config/config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { VERSION } from "../index.ts";
import { HIDDEN, hideSecrets } from "../server/hide-secrets.ts";

/** What the running server says of itself. */
export interface ServerPart {
	readonly url: string;
	/** Why it could not be asked; null when it was. */
	readonly problem: string | null;
	/** GET /api/status: banks with their link record and its last trouble. */
	readonly status: unknown;
	/** GET /api/support: the last lines of its log, and the last frames of every line. */
	readonly recent: unknown;
}

/** What goes into a bug report (docs/probe.md). */
export interface SupportParts {
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly loaded: LoadedConfig | null;
	/** Why the settings cannot be used; null when they can. */
	readonly settingsProblem: string | null;
	readonly ports: readonly SerialPortInfo[];
	readonly server: ServerPart;
	readonly probe: ProbeReport | null;
	readonly traffic: TrafficRing;
	/** Texts that must not be in the bundle, beside the secrets of the settings. */
	readonly secrets: readonly string[];
}

/** The bundle as an object for JSON. Whatever is secret is taken out of it, wherever it stands. */
export function supportBundle(parts: SupportParts): Readonly<Record<string, unknown>> {
	const { at, loaded, settingsProblem, ports, server, probe, traffic } = parts;
	const bundle = {
		format: 1,
		madeAt: new Date(at).toISOString(),
		version: VERSION,
		node: process.version,
		system: { platform: platform(), release: release(), arch: arch() },
		settingsFile: loaded?.settingsFile ?? null,
		settingsProblem,
		settings: loaded ? shownSettings(loaded.config) : null,
		origin: loaded?.origin ?? null,
		ports,
		server,
		probe,
		traffic: traffic.pieces,
		trafficDropped: traffic.dropped,
	};
	return hideSecrets(bundle, [...parts.secrets, ...(loaded ? secretsOf(loaded.config) : [])]) as Readonly<Record<string, unknown>>;
}

/** The settings that are not the default, secrets hidden. */
function shownSettings(config: Config): Readonly<Record<string, unknown>> {
	const given = settingPaths().flatMap(({ section, key, row }) => {
		const value = valueAt(config, section, key);
		return value === row.default ? [] : [[`${section}.${key}`, settingAt(section, key)?.secret ? HIDDEN : value] as const];
	});
	return Object.fromEntries(given);
}
