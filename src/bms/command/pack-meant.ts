import { CommandError } from "../../errors.ts";
import type { BankSnapshot } from "../battery/snapshot.ts";
import type { LineAccess } from "./line-access.ts";

/**
 * The pack that a command is for. Throws a CommandError when that is not certain. On a line with many packs a write
 * always names its own: the only one heard may be the first of several.
 */
export function packMeant(line: LineAccess, { cabledPack, packs }: BankSnapshot, given: number | undefined, isWrite: boolean): number {
	if (given !== undefined) return given;
	if (line.reach === "cabled") {
		if (cabledPack !== null) return cabledPack;
		throw new CommandError("not-connected", "It is not known yet which pack the cable is in: nobody has answered.");
	}
	const [only, ...others] = packs;
	if (only !== undefined && others.length === 0 && !isWrite) return only.address;
	const known = packs.map(({ address }) => address).join(", ");
	throw new CommandError("bad-argument", `Say which pack is meant${known === "" ? "" : `: ${known}`}.`);
}

/** Throws a CommandError while nobody answers on the line. */
export function checkOnline({ link }: BankSnapshot): void {
	if (link.state === "online") return;
	const why = link.problem === null ? "" : ` ${link.problem.message}`;
	throw new CommandError("not-connected", `The battery is not answering now (line ${link.state}).${why}`);
}

/** Throws a CommandError when a command cannot get to that pack now. */
export function checkReach(line: LineAccess, snapshot: BankSnapshot, pack: number): void {
	if (line.reach === "cabled") {
		const { cabledPack } = snapshot;
		if (cabledPack === null)
			throw new CommandError("not-connected", "It is not known yet which pack the cable is in: nobody has answered.");
		if (cabledPack === pack) return;
		const where = `The cable is in pack ${cabledPack}, and over RS232 a command reaches only the pack with the cable`;
		throw new CommandError("wrong-pack", `${where}. Plug the cable into pack ${pack}.`);
	}
	const found = snapshot.packs.find(({ address }) => address === pack);
	if (found?.presence === "live") return;
	throw new CommandError(
		"wrong-pack",
		found === undefined ? `No pack with address ${pack} was heard.` : `Pack ${pack} does not answer now.`,
	);
}

/** Whether a command can get to that pack. */
export function reachesPack(line: LineAccess | null, { cabledPack, packs }: BankSnapshot, pack: number): boolean {
	if (line === null) return false;
	return line.reach === "cabled" ? cabledPack === pack : packs.some(({ address }) => address === pack);
}
