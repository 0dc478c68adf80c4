/** Something outside the battery that the simulation tells of, like the mains grid. */
export interface Signal {
	readonly name: string;
	readonly value: string;
	/** When it took this value, milliseconds since the epoch in the bank's time. */
	readonly at: number;
}

/** What the simulation tells of the world around the battery. */
export interface SignalControl {
	/** Gives a signal a value ("grid", "off"). The same value again is no news. */
	setSignal(name: string, value: string): void;
	/** Called at every change. Returns the way to stop listening. */
	onSignal(listener: (signal: Signal) => void): () => void;
}

/** The signals and their values now. */
export class Signals implements SignalControl {
	readonly #now: () => number;
	readonly #listeners = new Set<(signal: Signal) => void>();
	#values: Readonly<Record<string, string>> = {};

	constructor(now: () => number) {
		this.#now = now;
	}

	get values(): Readonly<Record<string, string>> {
		return this.#values;
	}

	setSignal(name: string, value: string): void {
		if (this.#values[name] === value) return;
		this.#values = { ...this.#values, [name]: value };
		const signal: Signal = { name, value, at: this.#now() };
		for (const listener of [...this.#listeners]) listener(signal);
	}

	onSignal(listener: (signal: Signal) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}
