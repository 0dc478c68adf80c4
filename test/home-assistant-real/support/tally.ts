import { appendFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

/** What a check is about; a report counts them apart, because that a thing exists says little. */
export type CheckKind =
	| "exists"
	| "described as announced"
	| "planned"
	| "state is true"
	| "device"
	| "trigger"
	| "command"
	| "energy and statistics"
	| "life"
	| "ready to use"
	| "log";

/**
 * Counts checks by kind and keeps what failed, so that one run shows everything that is wrong. `settle` throws what
 * has failed since the last time.
 */
export class Tally {
	readonly #counts = new Map<CheckKind, { passed: number; failed: number }>();
	#failures: string[] = [];

	equal(kind: CheckKind, what: string, actual: unknown, expected: unknown): void {
		this.#count(
			kind,
			isDeepStrictEqual(actual, expected),
			() => `${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`,
		);
	}

	holds(kind: CheckKind, what: string, holds: boolean): void {
		this.#count(kind, holds, () => what);
	}

	settle(): void {
		const failures = this.#failures;
		this.#failures = [];
		if (failures.length > 0) throw new Error(`${failures.length} checks failed:\n${failures.slice(0, 60).join("\n")}`);
	}

	/** Adds the counts to the file that the report is made from, if there is one. */
	report(): void {
		const file = process.env.HASS_TALLY;
		if (file) for (const [kind, counts] of this.#counts) appendFileSync(file, `${JSON.stringify({ kind, ...counts })}\n`);
	}

	#count(kind: CheckKind, passed: boolean, failure: () => string): void {
		const counts = this.#counts.get(kind) ?? { passed: 0, failed: 0 };
		this.#counts.set(kind, counts);
		if (passed) counts.passed++;
		else {
			counts.failed++;
			this.#failures.push(`[${kind}] ${failure()}`);
		}
	}
}
