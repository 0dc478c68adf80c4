import { type ErrorCodes, RejectedError } from "../../../errors.ts";
import { RETURN_CODES } from "./ascii-commands.ts";
import { type AsciiFrame, hexOf } from "./ascii-frame.ts";

/** What return codes mean for the owner, by code. */
export type ReturnCodeMeanings = Readonly<Record<number, { readonly code: ErrorCodes["rejected"]; readonly message: string }>>;

/** TABLE of the return codes of version 25h; the other versions know them too. */
export const RETURN_CODE_MEANINGS: ReturnCodeMeanings = {
	[RETURN_CODES.checksumError]: { code: "checksum-refused", message: "The battery received a damaged request (checksum)." },
	[RETURN_CODES.lengthChecksumError]: { code: "length-checksum-refused", message: "The battery received a damaged request (length)." },
	[RETURN_CODES.unknownCommand]: { code: "unknown-command", message: "The battery does not know this request." },
	[RETURN_CODES.refused]: { code: "refused", message: "The battery refused." },
};

/** Frames with a higher code here are requests: return codes are small, commands begin at 42h (rs232-v25 §2.3, §16). */
const HIGHEST_RETURN_CODE = 0x0f;
/** Return codes outside that range, seen from related boards only; 90h is also a command. */
const STRAY_RETURN_CODE = 0x91;

/** Whether a frame is a request: a CID2 stands where a reply has its return code. */
export function isRequest(frame: Pick<AsciiFrame, "code">): boolean {
	return frame.code > HIGHEST_RETURN_CODE && frame.code !== STRAY_RETURN_CODE;
}

/** The error of a reply with a return code other than 00. */
export function rejectionOf(
	frame: Pick<AsciiFrame, "code">,
	exchange: string,
	meanings: ReturnCodeMeanings = RETURN_CODE_MEANINGS,
): RejectedError {
	const known = meanings[frame.code];
	const message = known?.message ?? `The battery answered with return code ${hexOf(frame.code, 2)}, which the documents do not explain.`;
	return new RejectedError(known?.code ?? "return-code", message, { exchange, rtn: frame.code });
}
