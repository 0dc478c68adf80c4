/** `make`, called once per table: what follows from a table is kept as long as the table itself. */
export function oncePer<K extends object, V>(make: (table: K) => V): (table: K) => V {
	const kept = new WeakMap<K, V>();
	return (table) => {
		const known = kept.get(table);
		if (known !== undefined) return known;
		const made = make(table);
		kept.set(table, made);
		return made;
	};
}
