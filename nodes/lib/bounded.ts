import { type Clock, systemClock } from "../../src/index.ts";

/** Waits for `work`, but not longer than `ms`; whether it ended in time. Leaves no timer. */
export async function within(ms: number, work: Promise<unknown>, clock: Clock = systemClock): Promise<boolean> {
	let cancel = () => {};
	const late = new Promise<boolean>((resolve) => {
		cancel = clock.after(ms, () => resolve(false));
	});
	try {
		return await Promise.race([work.then(() => true), late]);
	} finally {
		cancel();
	}
}
