import { WRITE_CLASSES, type WriteClass } from "./command.ts";

/** The classes that a bank's setting enables; anything that is not one of them enables nothing. */
export function writeClassesIn(setting: string): readonly WriteClass[] {
	const words = setting.split(",").map((word) => word.trim());
	return WRITE_CLASSES.filter((known) => words.includes(known));
}
