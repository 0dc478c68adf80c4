const minutesOf = (time: string): number => {
	const [hours = 0, minutes = 0] = time.split(":").map(Number);
	return hours * 60 + minutes;
};

/** Whether a moment lies in the quiet hours, which may span midnight; time of this machine. The same begin and end: never. */
export function isQuiet({ quietFrom, quietUntil }: { readonly quietFrom: string; readonly quietUntil: string }, at: number): boolean {
	const date = new Date(at);
	const [now, from, until] = [date.getHours() * 60 + date.getMinutes(), minutesOf(quietFrom), minutesOf(quietUntil)];
	return from <= until ? from <= now && now < until : now >= from || now < until;
}
