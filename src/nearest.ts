/** Edit distance of two words, letter case aside. */
function distance(first: string, second: string): number {
	const a = first.toLowerCase();
	const b = second.toLowerCase();
	let row = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}

/** The known name most like a wrong one. */
export function nearest(name: string, known: readonly string[]): string | undefined {
	return [...known].sort((a, b) => distance(name, a) - distance(name, b))[0];
}

/** `did you mean …?` with the nearest known name. */
export function didYouMean(name: string, known: readonly string[]): string {
	const candidate = nearest(name, known);
	return candidate === undefined ? "" : `; did you mean ${candidate}?`;
}
