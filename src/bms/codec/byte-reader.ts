import { DecodeError } from "../../errors.ts";

/** Cursor over bytes, most significant byte first. Reading past the end throws one typed error with offset and need. */
export class ByteReader {
	readonly #bytes: Uint8Array;
	#offset: number;

	constructor(bytes: Uint8Array, offset = 0) {
		this.#bytes = bytes;
		this.#offset = offset;
	}

	/** Offset of the next byte. */
	get offset(): number {
		return this.#offset;
	}

	/** Goes on reading at `offset`. */
	moveTo(offset: number): void {
		this.#offset = offset;
	}

	/** Bytes that are left. */
	get remaining(): number {
		return this.#bytes.length - this.#offset;
	}

	/** The next `length` bytes. Throws DecodeError `too-short`. */
	take(length: number): Uint8Array {
		if (length > this.remaining) {
			throw new DecodeError(
				"too-short",
				`The answer ends at byte ${this.#bytes.length}, but ${length} more are needed at byte ${this.#offset}.`,
				{
					offset: this.#offset,
				},
			);
		}
		const start = this.#offset;
		this.#offset += length;
		return this.#bytes.subarray(start, this.#offset);
	}

	/** Unsigned whole number of `size` bytes (1-4). */
	unsigned(size: number): number {
		if (size > this.remaining) this.take(size);
		let value = 0;
		for (let left = size; left > 0; left--) value = value * 256 + (this.#bytes[this.#offset++] ?? 0);
		return value;
	}

	/** Two's complement whole number of `size` bytes (1-4). */
	signed(size: number): number {
		const value = this.unsigned(size);
		const modulus = 256 ** size;
		return value >= modulus / 2 ? value - modulus : value;
	}
}
