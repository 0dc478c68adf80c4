const ADDRESS = "(?:1[0-5]|0?\\d)";
const RANGE = `\\s*${ADDRESS}\\s*(?:-\\s*${ADDRESS}\\s*)?`;

/** Pattern of a list of pack addresses: "1-4, 6"; may be empty. */
export const ADDRESS_LIST_PATTERN = `^(?:${RANGE}(?:,${RANGE})*)?$`;

/** The addresses of a list that fits the pattern, rising; a range may be given either way round. */
export function addressesIn(list: string): readonly number[] {
	const found = new Set<number>();
	for (const range of list.split(",")) {
		const ends = [...range.matchAll(/\d+/g)].map(([digits]) => Number(digits));
		if (ends.length === 0) continue;
		for (let address = Math.min(...ends); address <= Math.max(...ends); address += 1) found.add(address);
	}
	return [...found].sort((a, b) => a - b);
}
