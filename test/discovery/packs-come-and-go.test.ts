import { describe, expect, it } from "vitest";
import type { PackSnapshot } from "../../src/bms/battery/snapshot.ts";
import { createDiscovery, type Discovery } from "../../src/discovery/discovery-publisher.ts";
import { MQTT_SETTINGS } from "../../src/discovery/options.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { TestBroker } from "../support/broker.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { bankSnapshot, FakeBank, pack } from "../support/snapshots.ts";

/**
 * Three packs on RS485 are moved, exchanged, taken away and brought back, the server and Home Assistant started again, in
 * random order. Whoever answers has one device, the same for ever; nobody else shows what it says; nothing is left over.
 */

const ADDRESSES = [0, 1, 2, 3, 4, 5, 6, 7];
const serialOf = (who: number) => `PACK-${who}`;

class Rack {
	readonly broker: TestBroker;
	readonly clock = new ManualClock();
	/** What was done, for whoever has to find out why. */
	readonly done: string[] = [];
	/** Address of each pack; null while it is away. */
	readonly at: (number | null)[] = [1, 2, 3];
	readonly #ids = new Map<number, string>();
	readonly #random: (n: number) => number;
	/** What this run has read at each address, and where that is of whoever is there now. */
	#read = new Map<number, string>();
	readonly #fresh = new Set<number>();
	#bank = new FakeBank();
	#discovery: Discovery | null = null;

	constructor(broker: TestBroker, seed: number) {
		this.broker = broker;
		let state = seed * 7919 + 13;
		this.#random = (n) => {
			state = (state * 48_271) % 2_147_483_647;
			return state % n;
		};
	}

	async start(): Promise<void> {
		await this.stop();
		this.#read = new Map();
		this.#fresh.clear();
		this.#bank = new FakeBank(bankSnapshot({ packs: [], cabledPack: null }));
		const from = this.broker.seen.length;
		this.#discovery = createDiscovery(
			this.#bank,
			{ ...defaultsOf(MQTT_SETTINGS), url: this.broker.url },
			{ logger: silentLogger, clock: this.clock, random: () => 0.5, pageUrl: null, version: "1" },
		);
		await this.broker.until("the bank is announced", () =>
			this.broker.seen.slice(from).some(({ topic }) => topic.endsWith("/rack_battery_bank/config")),
		);
		for (let n = 0; n < 20; n += 1) await this.#heard();
		await this.#settle();
	}

	async stop(): Promise<void> {
		await this.#discovery?.stop();
	}

	async step(): Promise<void> {
		const [kind, who, other, to] = [this.#random(6), this.#random(3), this.#random(3), this.#random(8)];
		if (kind === 0) this.#exchange(who, other);
		else if (kind === 1 && !this.at.includes(to)) this.#move(who, to);
		else if (kind === 2) this.#move(who, null);
		else if (kind === 3 && this.at.includes(null))
			this.#move(this.at.indexOf(null), ADDRESSES.slice(1).find((one) => !this.at.includes(one)) ?? 0);
		else if (kind === 4) {
			this.done.push("server started again");
			return this.start();
		} else if (kind === 5) {
			this.done.push("Home Assistant started again");
			await this.broker.tell("homeassistant/status", "online");
		}
		await this.#settle();
	}

	#exchange(who: number, other: number): void {
		const [mine = null, its = null] = [this.at[who], this.at[other]];
		this.#move(who, its);
		this.#move(other, mine);
	}

	#move(who: number, to: number | null): void {
		this.at[who] = to;
		if (to !== null) this.#fresh.delete(to);
		this.done.push(to === null ? `${who} away` : `${who} to ${to}`);
	}

	/** Its serial number is read a while after a pack is heard; until then what was read there before stands. */
	#packs(): readonly PackSnapshot[] {
		return ADDRESSES.flatMap((address) => {
			const who = this.at.indexOf(address);
			if (who < 0 && !this.#read.has(address)) return [];
			const packSerial = who >= 0 && this.#fresh.has(address) ? serialOf(who) : (this.#read.get(address) ?? null);
			return [pack(address, { presence: who < 0 ? "absent" : "live", identity: { version: null, bmsSerial: null, packSerial } })];
		});
	}

	#heard(): Promise<void> {
		return this.broker.tell("homeassistant/status", "ping");
	}

	async #settle(): Promise<void> {
		this.#bank.set({ packs: this.#packs() });
		await this.clock.advance(this.#random(3000));
		await this.#heard();
		for (const [who, address] of this.at.entries()) {
			if (address === null) continue;
			this.#fresh.add(address);
			this.#read.set(address, serialOf(who));
		}
		for (let round = 0; round < 2; round += 1) {
			this.#bank.set({ packs: this.#packs() });
			for (let n = 0; n < 12; n += 1) {
				if (n % 2 === 0) await this.clock.advance(2500);
				await this.#heard();
			}
		}
	}

	async check(): Promise<void> {
		const kept = await this.broker.retained();
		const story = this.done.join(", ");
		const devices = [...kept].flatMap(([topic, payload]) => {
			const [, id] = /_a(\d+)\/config$/.exec(topic) ?? [];
			return id === undefined ? [] : [{ id, availability: String(JSON.parse(payload).availability[1].topic) }];
		});
		const shown = (address: number) => `rack-battery/bank/pack/${address}/availability`;
		for (const [who, address] of this.at.entries()) {
			if (address === null) continue;
			const ids = devices.filter(({ availability }) => availability === shown(address)).map(({ id }) => id);
			expect(ids, `${story}: devices that show pack ${who}`).toEqual([this.#ids.get(who) ?? ids[0]]);
			this.#ids.set(who, String(ids[0]));
			expect(kept.get(shown(address)), `${story}: pack ${who}`).toBe("online");
		}
		const there = this.at.flatMap((address) => (address === null ? [] : [shown(address)]));
		for (const { id, availability } of devices) {
			if (!there.includes(availability)) expect(kept.get(availability), `${story}: device ${id}`).toBe("offline");
		}
		expect(devices.length, `${story}: ${devices.map(({ id }) => id)}`).toBe(3);
	}
}

describe("packs that come and go", () => {
	it.each([1, 13, 14, 15, 16, 25, 68, 147])(
		"each keep one device, and nobody else shows what they say (seed %i)",
		async (seed) => {
			const rack = new Rack(await TestBroker.start(), seed);
			try {
				await rack.start();
				await rack.check();
				for (let n = 0; n < 7; n += 1) {
					await rack.step();
					await rack.check();
				}
			} finally {
				await rack.stop();
				await rack.broker.stop();
			}
			expect(rack.clock.pending).toBe(0);
		},
		30_000,
	);
});
