import type { RejectedError } from "../../../errors.ts";
import type { AsciiFrame } from "../ascii/ascii-frame.ts";
import { rejectionOf as anyRejectionOf, RETURN_CODE_MEANINGS, type ReturnCodeMeanings } from "../ascii/ascii-rejections.ts";

/** TABLE of the return codes of version 20h beyond those of 25h (rs485-v20 §2). */
const MEANINGS: ReturnCodeMeanings = {
	...RETURN_CODE_MEANINGS,
	1: { code: "return-code", message: "The battery expects another protocol version." },
	5: { code: "return-code", message: "The battery does not understand the form of this request." },
	6: { code: "return-code", message: "The battery does not accept what this request contains." },
	7: { code: "return-code", message: "The battery has no data for this request." },
	144: { code: "return-code", message: "The battery says the address is wrong." },
	145: { code: "return-code", message: "The packs do not reach each other." },
	225: { code: "unknown-command", message: "The battery is of another type than this request." },
	226: { code: "refused", message: "The battery could not carry this out." },
	227: { code: "refused", message: "The battery reports a fault of its own." },
	228: { code: "refused", message: "The battery does not permit this." },
};

/** Return codes among the numbers of commands. 90h is left out: it is also a request, and as long (rs485-v20 §§2, 3.1). */
const HIGH_RETURN_CODES: readonly number[] = [0x91, 0xe1, 0xe2, 0xe3, 0xe4];
const HIGHEST_LOW_RETURN_CODE = 0x0f;

/** Whether a frame is a request: a CID2 stands where a reply has its return code. */
export function isRequest({ code }: Pick<AsciiFrame, "code">): boolean {
	return code > HIGHEST_LOW_RETURN_CODE && !HIGH_RETURN_CODES.includes(code);
}

/** The error of a reply with a return code other than 00. */
export function rejectionOf(frame: Pick<AsciiFrame, "code">, exchange: string): RejectedError {
	return anyRejectionOf(frame, exchange, MEANINGS);
}
