import type { BankSnapshot } from "../../../src/bms/battery/snapshot.ts";
import { expectedBank, expectedPack } from "./expected-states.ts";
import type { LogRow, StateRow } from "./home-assistant-api.ts";
import { announcedEntities, announcements, type House } from "./house.ts";
import type { CheckKind, Tally } from "./tally.ts";

/** One entity that is enabled, as it is and as it should be. */
interface Compared {
	readonly what: string;
	readonly right: boolean;
}

/** Compares every enabled entity with the server's snapshot. */
async function compare(house: House): Promise<readonly Compared[]> {
	const api = house.homeAssistant.api();
	const entities = await api.entities();
	const { conditions } = (await house.server.json("/api/vocabulary")) as { conditions: Record<string, { unsupported?: true }> };
	const known = Object.keys(conditions).filter((key) => !conditions[key]?.unsupported);
	const { server } = (await house.server.json("/api/status")) as { server: { version: string } };
	const snapshot = (await house.server.json("/api/bank")) as BankSnapshot;
	const states = new Map((await api.states()).map((row) => [row.entity_id, row]));
	return announcements(house).flatMap((announcement): readonly Compared[] => {
		const [uid = ""] = announcement.dev.ids;
		const number = announcement.dev.via_device === undefined ? null : Number(/pack (\d+)/.exec(announcement.dev.name)?.[1]);
		const pack = snapshot.packs.find(({ address }) => address === number);
		const expected =
			pack === undefined ? expectedBank(snapshot, known, server.version) : expectedPack(pack, known, linkOf(snapshot, pack.address));
		const isAway = number !== null && pack?.presence !== "live";
		return announcedEntities(announcement).flatMap(({ unique_id, p }): readonly Compared[] => {
			const key = unique_id.slice(uid.length + 1);
			const entity = entities.find((row) => row.unique_id === unique_id);
			if (entity === undefined) return [{ what: `${unique_id} is not there`, right: false }];
			if (entity.disabled_by !== null || p === "event") return [];
			const shown = states.get(entity.entity_id)?.state ?? "no state";
			// Contacts and the pack's own presence are known while the rest of it is not.
			if (isAway && !/^(online|fault_contact|low_battery_contact)$/.test(key))
				return [{ what: `${entity.entity_id}: ${shown}, expected unavailable`, right: shown === "unavailable" }];
			const should = expected[key];
			if (should === undefined) return [{ what: `nothing says what ${unique_id} should show`, right: false }];
			return [{ what: `${entity.entity_id}: ${shown}, expected ${should.words}`, right: should.shown(shown) }];
		});
	});
}

function linkOf({ link }: BankSnapshot, pack: number) {
	return link.packs.find(({ address }) => address === pack);
}

/**
 * Waits until Home Assistant shows what the snapshot says, everywhere at once, and counts one check an entity.
 * Returns after how many seconds that was.
 */
export async function showsTheTruth(house: House, tally: Tally, kind: CheckKind, timeoutMs = 15_000): Promise<number> {
	const startedAt = performance.now();
	for (;;) {
		const compared = await compare(house).catch((error: unknown) => [{ what: String(error), right: false }]);
		const late = performance.now() - startedAt > timeoutMs;
		if (late || (compared.length > 0 && compared.every(({ right }) => right))) {
			for (const { what, right } of compared) tally.holds(kind, what, right);
			return Math.round((performance.now() - startedAt) / 100) / 10;
		}
		await new Promise((resolve) => setTimeout(resolve, 250));
	}
}

/** The state of an entity by the end of its unique id. */
export async function stateOf(house: House, uniqueId: string): Promise<StateRow> {
	const api = house.homeAssistant.api();
	const entity = (await api.entities()).find(({ unique_id }) => unique_id === uniqueId);
	const row = (await api.states()).find(({ entity_id }) => entity_id === entity?.entity_id);
	if (row === undefined) throw new Error(`${uniqueId} has no state`);
	return row;
}

/** What in Home Assistant's log is, or may be, about us: by name, or from the parts that handle what we send. */
const OURS = /rack[-_ ]battery|battery bank|value_json/i;
const OUR_PARTS =
	/^homeassistant\.(components\.(mqtt|sensor|binary_sensor|event|switch|number|select|button|text|recorder|energy|device_automation)|helpers\.(entity|template))/;

/** Home Assistant's word for a machine that is too slow for it at the moment, whatever it was working on. */
const SLOW_MACHINE = /took \d+\.\d+ seconds\. Please create a bug report/;

/** Warnings and errors of Home Assistant about us since its last start, and its suggestions to repair something of MQTT. */
export async function complaints({ homeAssistant }: Pick<House, "homeAssistant">): Promise<readonly string[]> {
	const api = homeAssistant.api();
	const rows = await api.command<readonly LogRow[]>("system_log/list");
	const { issues } = await api.command<{ issues: readonly { domain: string }[] }>("repairs/list_issues");
	return [
		...rows
			.filter(({ message }) => !message.every((text) => SLOW_MACHINE.test(text)))
			.filter(({ name, message, exception }) => OUR_PARTS.test(name) || OURS.test(`${message.join("\n")}${exception}`))
			.map(({ level, name, message, exception }) => `${level} ${name}: ${message.join(" | ")} ${exception.slice(-400)}`),
		...homeAssistant
			.output()
			.split("\n")
			.filter((line) => /WARNING|ERROR|CRITICAL/.test(line) && OURS.test(line) && !SLOW_MACHINE.test(line)),
		...issues.filter(({ domain }) => domain === "mqtt").map((issue) => `repair issue: ${JSON.stringify(issue)}`),
	];
}

/** One command of the simulated battery, for example `set 1 protection.cell_overvoltage`. */
export async function battery(house: House, command: string): Promise<void> {
	const response = await house.server.post("/api/simulator/command", { command });
	if (!response.ok) throw new Error(`${command}: ${response.status} ${await response.text()}`);
}
