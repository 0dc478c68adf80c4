import { arch, platform, release } from "node:os";
import type { ProbeReport } from "../bms/probe/probe-report.ts";
import type { TrafficRing } from "../bms/probe/traffic-ring.ts";
import type { SerialPortInfo } from "../bms/transport/list-ports.ts";
import { type Config, settingAt, settingPaths } from "../config/config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { VERSION } from "../index.ts";

/** What the running server says of itself. */
export interface ServerPart {
	readonly url: string;
	/** Why it could not be asked; null when it was. */
	readonly problem: string | null;
	/** GET /api/status: banks with their link record and its last trouble. */
	readonly status: unknown;
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

/** What stands where a secret was. */
const HIDDEN = "(hidden)";
/** Shorter texts are words of their own; a secret setting is hidden whatever its length. */
const LEAST_SECRET = 4;

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
	return withoutSecrets(bundle, [...parts.secrets, ...secretsOf(loaded?.config)]) as Readonly<Record<string, unknown>>;
}

/** The settings that are not the default, secrets hidden. */
function shownSettings(config: Config): Readonly<Record<string, unknown>> {
	const given = settingPaths().flatMap(({ section, key, row }) => {
		const value = valueAt(config, section, key);
		return value === row.default ? [] : [[`${section}.${key}`, settingAt(section, key)?.secret ? HIDDEN : value] as const];
	});
	return Object.fromEntries(given);
}

/** The values of all settings that are marked secret. */
export function secretsOf(config: Config | undefined): readonly string[] {
	if (!config) return [];
	return settingPaths().flatMap(({ section, key, row }) => (row.secret ? [String(valueAt(config, section, key))] : []));
}

function valueAt(config: Config, section: keyof Config, key: string): unknown {
	return (config[section] as Readonly<Record<string, unknown>>)[key];
}

/** A copy in which no text holds a secret, nor user and password of an address. */
function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
	const hide = (text: string) =>
		secrets
			.filter((secret) => secret.length >= LEAST_SECRET)
			.flatMap((secret) => [secret, encodeURIComponent(secret)])
			.reduce((cleaned, secret) => cleaned.replaceAll(secret, HIDDEN), text)
			.replace(/\b([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, `$1${HIDDEN}@`);
	const clean = (part: unknown): unknown => {
		if (typeof part === "string") return hide(part);
		if (Array.isArray(part)) return part.map(clean);
		if (typeof part !== "object" || part === null) return part;
		return Object.fromEntries(Object.entries(part).map(([key, inner]) => [hide(key), clean(inner)]));
	};
	return clean(value);
}
