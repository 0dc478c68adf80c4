import type { CommandStore } from "./command-store.ts";

const refuse = () => Promise.reject(new Error("this bank was opened without a place to keep anything"));

/** For a bank that keeps nothing: everything can be read, and no write gets past a log that cannot be written. */
export const NO_STORE: CommandStore = {
	audit: { append: refuse, last: async () => [] },
	saves: { add: refuse, list: async () => [] },
	password: { isSet: async () => false, isRight: async () => false, set: refuse },
	confirmed: { load: async () => ({}), save: refuse },
};
