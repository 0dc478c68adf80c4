/** Longest text of a frame in logs and errors, characters; a full all-packs reply has 4113. */
const LONGEST = 600;

/** Bytes as they may be put into a log: ASCII as it is with `\r` and `\n` written out, anything else as hex. */
export function printable(bytes: Uint8Array): string {
	const isText = bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a);
	const text = isText
		? String.fromCharCode(...bytes.subarray(0, LONGEST))
				.replaceAll("\r", "\\r")
				.replaceAll("\n", "\\n")
		: Array.from(bytes.subarray(0, LONGEST / 2), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
	return bytes.length > LONGEST ? `${text}… (${bytes.length} bytes)` : text;
}
