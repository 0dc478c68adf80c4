import type { DiscoveryPayload } from "./discovery-config.ts";
import type { DeviceKey } from "./topics.ts";

type Components = DiscoveryPayload["cmps"];

/**
 * Components that an earlier version announced and the broker still keeps: Home Assistant shows them until they are
 * taken away by name, with the next announcement of their device.
 */
export class LeftOvers {
	readonly #found = new Map<DeviceKey, Components>();

	/** A message that the broker had kept; true when it names what is `known` no more. */
	heard(device: DeviceKey, payload: string, known: Components): boolean {
		const gone = Object.entries(componentsIn(payload)).filter(([key]) => !(key in known));
		if (gone.length > 0) this.#found.set(device, Object.fromEntries(gone));
		return gone.length > 0;
	}

	/** What is to be taken away from the device; told once. */
	take(device: DeviceKey): Components {
		const found = this.#found.get(device) ?? {};
		this.#found.delete(device);
		return found;
	}
}

/** The components that a message names; none when it is not to be read. */
function componentsIn(payload: string): Components {
	try {
		const { cmps } = JSON.parse(payload) as { readonly cmps?: unknown };
		const entries = Object.entries((cmps ?? {}) as Readonly<Record<string, { readonly p?: unknown } | null>>);
		return Object.fromEntries(entries.flatMap(([key, component]) => (typeof component?.p === "string" ? [[key, { p: component.p }]] : [])));
	} catch {
		return {};
	}
}
