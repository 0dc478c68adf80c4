import { expect, it } from "vitest";
import { openSimulatedBank } from "../driver/simulated-bank.ts";

it("a bank whose protocol is auto is searched, then read like any other, and its line is closed at the end", async () => {
	const { bank, clock } = openSimulatedBank({ simulator: { packs: 2, stateOfCharge: 63 }, settings: { protocol: "auto" } });
	await clock.advance(1_000);
	expect(bank.snapshot.link.state).toBe("connecting");
	await clock.advance(20_000);
	expect(bank.snapshot).toMatchObject({ link: { state: "online", problem: null }, cabledPack: 1, totals: { stale: false } });
	expect(bank.snapshot.packs.map(({ address, presence }) => [address, presence])).toEqual([
		[1, "live"],
		[2, "live"],
	]);
	expect(bank.snapshot.totals?.value.stateOfCharge).toBeCloseTo(63, 0);
	const closed = bank.close();
	await clock.advance(2_000);
	await closed;
	expect(clock.pending).toBe(0);
});
