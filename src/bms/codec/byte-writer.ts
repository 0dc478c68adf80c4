/** Mirror of ByteReader: grows by what is written, most significant byte first. */
export class ByteWriter {
	readonly #bytes: number[] = [];

	/** Writes bytes as they are. */
	put(bytes: Iterable<number>): void {
		for (const byte of bytes) this.#bytes.push(byte);
	}

	/** Whole number of `size` bytes. Throws RangeError when it does not fit: what is encoded is ours, so that is a bug. */
	unsigned(value: number, size: number): void {
		if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) {
			throw new RangeError(`${value} does not fit into ${size} unsigned byte(s).`);
		}
		for (let shift = size - 1; shift >= 0; shift--) this.#bytes.push(Math.floor(value / 256 ** shift) % 256);
	}

	/** Two's complement whole number of `size` bytes. Throws RangeError when it does not fit. */
	signed(value: number, size: number): void {
		const modulus = 256 ** size;
		if (value < -modulus / 2 || value >= modulus / 2) throw new RangeError(`${value} does not fit into ${size} signed byte(s).`);
		this.unsigned(value < 0 ? value + modulus : value, size);
	}

	/** What was written so far. */
	toBytes(): Uint8Array {
		return Uint8Array.from(this.#bytes);
	}
}
