/** `high` goes before everything of `normal`: commands of a person do not wait behind polling. */
export type Priority = "high" | "normal";

/** Requests that wait for the line, in order within their priority. */
export class RequestQueue<T> {
	readonly #waiting: Record<Priority, T[]> = { high: [], normal: [] };

	get size(): number {
		return this.#waiting.high.length + this.#waiting.normal.length;
	}

	add(item: T, priority: Priority): void {
		this.#waiting[priority].push(item);
	}

	/** Puts back one that was taken, before the others of its priority: it is asked again. */
	putBack(item: T, priority: Priority): void {
		this.#waiting[priority].unshift(item);
	}

	/** Takes the next one; undefined when nobody waits. */
	take(): T | undefined {
		return this.#waiting.high.shift() ?? this.#waiting.normal.shift();
	}

	/** Removes one that no longer wants to be asked; false when it is not waiting. */
	remove(item: T): boolean {
		for (const list of [this.#waiting.high, this.#waiting.normal]) {
			const index = list.indexOf(item);
			if (index >= 0) {
				list.splice(index, 1);
				return true;
			}
		}
		return false;
	}

	/** Empties the queue. */
	takeAll(): T[] {
		return [...this.#waiting.high.splice(0), ...this.#waiting.normal.splice(0)];
	}
}
