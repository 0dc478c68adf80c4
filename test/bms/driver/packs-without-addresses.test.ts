import { afterEach, describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/bms/protocol/protocols.ts";
import { openSimulatedBank, presences } from "./simulated-bank.ts";

/** TABLE of the address of the first pack where the settings only count packs: rs485-v20 §§1, 2, modbus-rtu §2, rs232-v25 §15; null: no source tells it. */
const FIRST = {
	"ascii-0x25-rs485": 1,
	"ascii-0x20-pylontech": 2,
	"ascii-0x20-pace": null,
	"ascii-0x20-eg4": 1,
	"ascii-0x20-seplos": 0,
	"modbus-rtu": 1,
} as const;
type Name = keyof typeof FIRST;
const NAMES = Object.keys(FIRST) as readonly Name[];

let line: ReturnType<typeof openSimulatedBank> | null = null;
afterEach(async () => {
	await line?.close();
	line = null;
});

interface Setup {
	readonly protocol: Name;
	/** Packs that are there, from `first` on. */
	readonly there: number;
	readonly first: number;
	/** Packs by the settings. */
	readonly told: number;
}

function open({ protocol, there, first, told }: Setup) {
	line = openSimulatedBank({
		simulator: { protocol, packs: there, loadW: 0 },
		cabledAddress: first,
		settings: { protocol, packs: told, addresses: "" },
	});
	return line;
}
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
/** As a snapshot lists packs that all are `live`. */
const live = (addresses: readonly number[]) => Object.fromEntries(addresses.map((address) => [address, "live"]));
/** Address that each request since `since` was for; the same place of the frame in all ASCII protocols, the first byte in Modbus. */
const addressesAsked = ({ requests }: ReturnType<typeof open>, protocol: Name, since = 0) =>
	new Set(
		requests.slice(since).map(({ text }) => (protocol === "modbus-rtu" ? text.charCodeAt(0) : Number.parseInt(text.slice(3, 5), 16))),
	);

it("every protocol on RS485 is in the table", () => {
	const addressed = Object.entries(PROTOCOLS).flatMap(([name, { reach }]) => (reach === "addressed" ? [name] : []));
	expect([...addressed].sort((a, b) => a.localeCompare(b))).toEqual([...NAMES].sort((a, b) => a.localeCompare(b)));
});

describe.each(NAMES)("a bank of counted packs without addresses over %s", (protocol) => {
	const first = FIRST[protocol];

	it("reads as many packs as are told from the protocol's first address on, and asks no other", async () => {
		const opened = open({ protocol, there: 3, first: first ?? 4, told: 3 });
		const packs = from(first ?? 4, 3);
		await opened.until((bank) => JSON.stringify(presences(bank)) === JSON.stringify(live(packs)), 120_000);
		const since = opened.requests.length;
		await opened.clock.advance(120_000);
		expect(presences(opened.bank)).toEqual(live(packs));
		expect(addressesAsked(opened, protocol, since)).toEqual(new Set(packs));
		if (first !== null) expect(addressesAsked(opened, protocol)).toEqual(new Set(packs));
		expect(opened.bank.snapshot.totals?.value.packs).toEqual(packs);
		expect(opened.bank.snapshot.link.problem).toBeNull();
	});

	it("shows one that never answered as missing where its address is known, and goes on looking for it where it is not", async () => {
		const opened = open({ protocol, there: 2, first: first ?? 4, told: 3 });
		const packs = from(first ?? 4, 2);
		await opened.until((bank) => packs.every((pack) => presences(bank)[pack] === "live"), 120_000);
		await opened.clock.advance(60_000);
		expect(presences(opened.bank)).toEqual({ ...live(packs), ...(first === null ? {} : { [first + 2]: "absent" }) });
		expect(opened.bank.snapshot.totals?.value.packs).toEqual(packs);
		const since = opened.requests.length;
		await opened.clock.advance(90_000);
		const beside = [...addressesAsked(opened, protocol, since)].filter((address) => !packs.includes(address));
		expect(beside.length).toBeGreaterThanOrEqual(1);
	});

	it("that are not counted are found wherever they are", async () => {
		const opened = open({ protocol, there: 2, first: 6, told: 0 });
		await opened.until((bank) => JSON.stringify(presences(bank)) === JSON.stringify(live([6, 7])), 240_000);
	});
});
