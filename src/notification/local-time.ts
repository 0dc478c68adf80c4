/** A moment by the clock on the wall. */
export interface LocalTime {
	readonly year: number;
	/** 1-12. */
	readonly month: number;
	readonly day: number;
	readonly hour: number;
	readonly minute: number;
}

/** Turns milliseconds since the epoch into local time. */
export type ToLocalTime = (at: number) => LocalTime;

/** The time zone of this machine, summer time included. */
export const machineTime: ToLocalTime = (at) => {
	const date = new Date(at);
	return {
		year: date.getFullYear(),
		month: date.getMonth() + 1,
		day: date.getDate(),
		hour: date.getHours(),
		minute: date.getMinutes(),
	};
};

function minutesIn(text: string): number {
	const [hours = "0", minutes = "0"] = text.split(":");
	return Number(hours) * 60 + Number(minutes);
}

/** Whether a time of day is from `from` until before `to`, over midnight too; two equal times mean never. */
export function isWithinHours({ hour, minute }: LocalTime, from: string, to: string): boolean {
	const [now, begin, end] = [hour * 60 + minute, minutesIn(from), minutesIn(to)];
	return begin <= end ? now >= begin && now < end : now >= begin || now < end;
}
