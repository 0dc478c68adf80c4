import { describe, expect, it } from "vitest";
import { createBankAccess } from "../../nodes/lib/bank-access.ts";
import { type BankPlan, planOf } from "../../nodes/lib/bank-plan.ts";
import { BanksInUse } from "../../nodes/lib/banks-in-use.ts";
import type { BankUser, OpenedBank } from "../../nodes/lib/shared-bank.ts";
import { type Bank, ConfigError, silentLogger } from "../../src/index.ts";
import { FakeBank } from "../support/snapshots.ts";

/** Opens fake banks and keeps a diary of it. */
class Opener {
	readonly diary: string[] = [];
	readonly banks = new BanksInUse((plan) => this.#open(plan));
	closing: Promise<void> = Promise.resolve();
	failure: Error | null = null;

	async #open(plan: BankPlan): Promise<OpenedBank> {
		this.diary.push(`open ${plan.settings.port}`);
		if (this.failure) throw this.failure;
		const close = async () => {
			await this.closing;
			this.diary.push(`close ${plan.settings.port}`);
		};
		return { bank: new FakeBank(), close };
	}

	use(plan: BankPlan, user: BankUser): () => Promise<void> {
		return this.banks.use(plan, user, silentLogger);
	}
}

function pending<T>() {
	let resolve: (value: T) => void = () => {};
	let reject: (error: unknown) => void = () => {};
	const promise = new Promise<T>((resolved, rejected) => {
		resolve = resolved;
		reject = rejected;
	});
	return { promise, resolve, reject };
}

/** A user that waits to be told. */
function user() {
	const { promise, resolve, reject } = pending<Bank>();
	promise.catch(() => {});
	return { told: promise, opened: resolve, failed: reject };
}

const own = (port: string, changes: object = {}) => planOf("node-1", { source: "own", port, ...changes }, undefined);

describe("a bank with several users", () => {
	it("is opened by the first and closed by the last", async () => {
		const opener = new Opener();
		const [one, other] = [user(), user()];
		const release = opener.use(own("/dev/ttyUSB0"), one);
		const releaseOther = opener.use(own("/dev/ttyUSB0"), other);
		expect(await one.told).toBe(await other.told);
		await release();
		expect(opener.diary).toEqual(["open /dev/ttyUSB0"]);
		await releaseOther();
		expect(opener.diary).toEqual(["open /dev/ttyUSB0", "close /dev/ttyUSB0"]);
	});

	it("is opened again only when it is closed, as a redeploy needs it", async () => {
		const opener = new Opener();
		const closing = pending<void>();
		opener.closing = closing.promise;
		const one = user();
		const release = opener.use(own("/dev/ttyUSB0"), one);
		await one.told;
		const released = release();
		const changed = user();
		const releaseChanged = opener.use(own("/dev/ttyUSB0", { baudRate: "19200" }), changed);
		closing.resolve();
		await released;
		await changed.told;
		expect(opener.diary).toEqual(["open /dev/ttyUSB0", "close /dev/ttyUSB0", "open /dev/ttyUSB0"]);
		await releaseChanged();
	});

	it("is not opened for a user who went away before", async () => {
		const opener = new Opener();
		const one = user();
		await opener.use(own("/dev/ttyUSB0"), one)();
		expect(opener.diary).toEqual([]);
	});

	it("tells every user why it cannot be opened, and tries again with the next", async () => {
		const opener = new Opener();
		opener.failure = new ConfigError("unreadable", "no such replay file");
		const [one, other] = [user(), user()];
		const releases = [opener.use(own("/dev/ttyUSB0"), one), opener.use(own("/dev/ttyUSB0"), other)];
		await expect(one.told).rejects.toThrow("no such replay file");
		await expect(other.told).rejects.toThrow("no such replay file");
		opener.failure = null;
		const third = user();
		releases.push(opener.use(own("/dev/ttyUSB0"), third));
		await third.told;
		for (const release of releases) await release();
		expect(opener.diary.at(-1)).toBe("close /dev/ttyUSB0");
	});

	it("keeps the others when one user fails with it", async () => {
		const opener = new Opener();
		const failed = user();
		const clumsy: BankUser = {
			opened: () => {
				throw new Error("bad choice");
			},
			failed: failed.failed,
		};
		const good = user();
		const releases = [opener.use(own("/dev/ttyUSB0"), clumsy), opener.use(own("/dev/ttyUSB0"), good)];
		await expect(failed.told).rejects.toThrow("bad choice");
		await good.told;
		for (const release of releases) await release();
	});
});

describe("two configurations", () => {
	it("with one port and other settings: the second is refused in words", async () => {
		const opener = new Opener();
		const one = user();
		const release = opener.use(own("tcp://192.168.1.20:8899"), one);
		const second = own("TCP://192.168.1.20:8899", { bankId: "second", baudRate: 19200 });
		expect(() => opener.use(second, user())).toThrow(
			/port TCP:.* is already used by the bank "Battery bank" and other settings \(id, port, baudRate\)/,
		);
		await one.told;
		await release();
	});

	it("with one short name and two ports: the second is refused in words", async () => {
		const opener = new Opener();
		const one = user();
		const release = opener.use(own("/dev/ttyUSB0"), one);
		expect(() => opener.use(own("/dev/ttyUSB1"), user())).toThrow(/short name "bank" already belongs to .* give this bank another/);
		const other = user();
		const releaseOther = opener.use(own("/dev/ttyUSB1", { bankId: "garage" }), other);
		await Promise.all([one.told, other.told]);
		await Promise.all([release(), releaseOther()]);
	});

	it("one real and one simulated may have the same short name", async () => {
		const opener = new Opener();
		const users = [user(), user()] as const;
		const releases = [
			opener.use(own("/dev/ttyUSB0"), users[0]),
			opener.use(planOf("node-2", { source: "simulator", bankId: "bank" }, undefined), users[1]),
		];
		await Promise.all(users.map(({ told }) => told));
		for (const release of releases) await release();
	});
});

describe("a configuration that ends", () => {
	const access = (opener: Opener) =>
		createBankAccess({
			plan: () => own("/dev/ttyUSB0"),
			banks: opener.banks,
			publishers: new Map(),
			contacts: new Map(),
			server: undefined,
			logger: silentLogger,
		});

	it("waits until its users have said goodbye", async () => {
		const opener = new Opener();
		const config = access(opener);
		const one = user();
		const release = config.use(one);
		await one.told;
		const ended = config.end();
		expect(opener.diary).toEqual(["open /dev/ttyUSB0"]);
		await release();
		await ended;
		expect(opener.diary).toEqual(["open /dev/ttyUSB0", "close /dev/ttyUSB0"]);
	});

	it("lets one node publish a bank to a broker", () => {
		const config = access(new Opener());
		const bank = new FakeBank();
		const giveBack = config.claimPublisher(bank, "mqtt://a");
		expect(config.claimPublisher(bank, "mqtt://a")).toBeNull();
		expect(config.claimPublisher(bank, "mqtt://b")).not.toBeNull();
		giveBack?.();
		expect(config.claimPublisher(bank, "mqtt://a")).not.toBeNull();
	});
});
