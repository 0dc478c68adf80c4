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

/** So few names are told all, where none is like the wrong one. */
const FEW = 8;

/** The known name most like a wrong one: few letters differ, or it begins alike. None when it is another word. */
export function nearest(name: string, known: readonly string[]): string | undefined {
	const [closest] = [...known].sort((a, b) => distance(name, a) - distance(name, b));
	if (closest !== undefined && distance(name, closest) <= Math.max(1, Math.floor((name.length + 1) / 3))) return closest;
	// A name of dashes alone begins like every option.
	const beginning = name.toLowerCase();
	return /\w{2}/.test(name) ? known.find((candidate) => candidate.toLowerCase().startsWith(beginning)) : undefined;
}

/** `did you mean …?` with the nearest known name, or what there is, where that is little. */
export function didYouMean(name: string, known: readonly string[]): string {
	const candidate = nearest(name, known);
	if (candidate !== undefined) return `; did you mean ${candidate}?`;
	return known.length > 0 && known.length <= FEW ? `; there is ${known.join(", ")}` : "";
}
