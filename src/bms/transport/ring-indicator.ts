/** The modem bits of an open terminal, as the system reports them; undefined when it refuses, as for a file that has none. */
export type ModemBits = (fileDescriptor: number) => Promise<number | undefined>;

/** Linux asm-generic/ioctls.h and termios.h: the request for the modem bits, and the ring indicator among them. */
const TIOCMGET = 0x5415;
const TIOCM_RNG = 0x80;

/**
 * Whether the ring indicator of an open serial port is on. The driver of serialport 13 tells CTS, DSR and DCD only,
 * so the system is asked itself; undefined where that cannot be (not Linux, a terminal without lines, no koffi).
 */
export async function ringIndicator(
	fileDescriptor: number | null | undefined,
	load: () => Promise<ModemBits> = systemModemBits,
): Promise<boolean | undefined> {
	if (typeof fileDescriptor !== "number") return undefined;
	try {
		const ask = await load();
		const bits = await ask(fileDescriptor);
		return bits === undefined ? undefined : (bits & TIOCM_RNG) !== 0;
	} catch {
		// One line fewer is no reason to lose the others.
		return undefined;
	}
}

let system: Promise<ModemBits> | undefined;

/** Loaded once, and only for whoever reads modem lines; rejects where koffi cannot be loaded, and that stays so. */
export function systemModemBits(): Promise<ModemBits> {
	system ??= openSystem();
	return system;
}

async function openSystem(): Promise<ModemBits> {
	if (process.platform !== "linux") return async () => undefined;
	const { default: koffi } = await import("koffi");
	// C declares it variadic, which koffi cannot call on a worker thread. Linux passes a pointer alike either way;
	// macOS on arm64 does not, so do not add it here by its number alone.
	const ioctl = koffi.load(null).func("int ioctl(int, unsigned long, _Out_ int *)");
	// On a worker thread, because a USB adapter answers over its bus, and one that hangs must not hold everything up.
	return (fileDescriptor) =>
		new Promise((resolve, reject) => {
			const bits = [0];
			ioctl.async(fileDescriptor, TIOCMGET, bits, (error: unknown, result: unknown) => {
				if (error) reject(error);
				else resolve(result === 0 ? bits[0] : undefined);
			});
		});
}
