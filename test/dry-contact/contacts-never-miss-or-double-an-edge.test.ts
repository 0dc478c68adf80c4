import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bank } from "../../src/bms/bank.ts";
import type { ConditionKey } from "../../src/bms/battery/conditions.ts";
import type { ContactEvent, ContactKey } from "../../src/bms/battery/contact.ts";
import { createDryContacts } from "../../src/dry-contact/dry-contact-service.ts";
import { CONTACT_SETTINGS } from "../../src/dry-contact/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { recordedStore, status, statusOf, telemetry, telemetryOf } from "../bms/battery/readings.ts";

/** What may be set; only some of it closes a contact. */
const KEYS = [
	"protection.cell_overvoltage",
	"protection.discharge_overcurrent",
	"protection.fully",
	"fault.cell",
	"fault.current_limiter",
	"alarm.low_soc",
	"alarm.cell_undervoltage",
] as const satisfies readonly ConditionKey[];
const CLOSES: Readonly<Record<ContactKey, readonly ConditionKey[]>> = {
	fault: ["protection.cell_overvoltage", "protection.discharge_overcurrent", "fault.cell"],
	"low-battery": ["alarm.low_soc"],
};

interface Change {
	readonly pack: number;
	readonly key: (typeof KEYS)[number];
	/** Polls this state lasts. */
	readonly polls: number;
}

const change: fc.Arbitrary<Change> = fc.record({
	pack: fc.integer({ min: 1, max: 4 }),
	key: fc.constantFrom(...KEYS),
	polls: fc.integer({ min: 2, max: 4 }),
});

/** A bank of packs of which the test knows the truth, read as the driver reads it. */
class PolledBank {
	readonly recorded = recordedStore();
	readonly set = new Map<number, Set<ConditionKey>>();
	readonly events: ContactEvent[] = [];
	readonly contacts: ReturnType<typeof createDryContacts>;

	constructor(packs: number) {
		const { store, clock } = this.recorded;
		for (let address = 1; address <= packs; address++) this.set.set(address, new Set());
		store.expectPacks([...this.set.keys()]);
		const bank: Bank = {
			get snapshot() {
				return store.snapshot;
			},
			clock,
			subscribe: (listener) => store.subscribe(listener),
			close: async () => store.close(),
		};
		const openLines = () => {
			throw new Error("no lines here");
		};
		this.contacts = createDryContacts(bank, defaultsOf(CONTACT_SETTINGS), { clock, logger: silentLogger, openLines });
		this.contacts.subscribe((_states, events) => this.events.push(...events));
	}

	/** One poll cycle: the alarm state between any two other questions, and packs whose own word is wanted. */
	async poll(): Promise<void> {
		for (const address of this.set.keys()) {
			await this.recorded.hear(statusOf("all", ...[...this.set.values()].map((set) => status([...set]))));
			for (const asked of this.recorded.store.packsToAsk) {
				await this.recorded.hear(statusOf(asked, status([...(this.set.get(asked) ?? [])])));
			}
			await this.recorded.hear(telemetryOf(address, telemetry()));
		}
	}

	async end(): Promise<void> {
		await this.contacts.stop();
		this.recorded.store.close();
		expect(this.recorded.clock.pending).toBe(0);
	}
}

/** Closed and opened, as the truth has them. */
class Expected {
	readonly edges: string[] = [];
	readonly #closed = new Map<string, boolean>();

	note(set: ReadonlyMap<number, ReadonlySet<ConditionKey>>): void {
		for (const contact of ["fault", "low-battery"] as const) {
			const closes = (keys: ReadonlySet<ConditionKey>) => CLOSES[contact].some((key) => keys.has(key));
			this.#is(`${contact} bank`, [...set.values()].some(closes));
			for (const [address, keys] of set) this.#is(`${contact} ${address}`, closes(keys));
		}
	}

	#is(point: string, isClosed: boolean): void {
		if (this.#closed.get(point) !== undefined && this.#closed.get(point) !== isClosed)
			this.edges.push(`${point} ${isClosed ? "closed" : "opened"}`);
		this.#closed.set(point, isClosed);
	}
}

const shortOf = ({ type, contact: { contact, pack } }: ContactEvent) => `${contact} ${pack ?? "bank"} ${type}`;

describe("1,000 random sequences of raising and clearing whose states last two polls at least", () => {
	it("give each contact, of the bank and of each pack, every edge once and in order", async () => {
		let edges = 0;
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(change, { maxLength: 14 }), async (packs, changes) => {
				const bank = new PolledBank(packs);
				const expected = new Expected();
				for (let n = 0; n < 2; n++) await bank.poll();
				expected.note(bank.set);
				expect(bank.contacts.states.map(({ state }) => state)).not.toContain("unknown");
				for (const { pack, key, polls } of changes) {
					const set = bank.set.get(pack);
					if (set !== undefined && !set.delete(key)) set.add(key);
					expected.note(bank.set);
					for (let n = 0; n < polls; n++) await bank.poll();
				}
				for (const point of new Set(expected.edges.map((edge) => edge.replace(/ \w+$/, "")))) {
					const ofPoint = (texts: readonly string[]) => texts.filter((text) => text.startsWith(`${point} `));
					expect(ofPoint(bank.events.map(shortOf))).toEqual(ofPoint(expected.edges));
				}
				expect(bank.events).toHaveLength(expected.edges.length);
				edges += expected.edges.length;
				await bank.end();
			}),
			{ numRuns: 1000 },
		);
		expect(edges).toBeGreaterThan(2000);
	}, 120_000);
});
