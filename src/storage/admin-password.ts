import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { AdminPassword } from "../bms/command/command-store.ts";
import { messageOf } from "../errors.ts";

/** Work factors of scrypt: about a tenth of a second and 32 MiB a guess. */
const COST = { N: 32768, r: 8, p: 1 } as const;
const HASH_BYTES = 32;

interface PasswordDocument {
	readonly version: 1;
	/** Hex. */
	readonly salt: string;
	readonly hash: string;
}

/** The administrator's password as a salted hash in a file that only its owner may read (mode 0600). */
export function createAdminPassword(folder: string): AdminPassword {
	const file = join(folder, "admin-password.json");
	return {
		isSet: async () => (await read(file)) !== null,
		async isRight(password) {
			const kept = await read(file);
			if (kept === null) return false;
			const hash = Buffer.from(kept.hash, "hex");
			return timingSafeEqual(await hashOf(password, Buffer.from(kept.salt, "hex")), hash);
		},
		async set(password) {
			const salt = randomBytes(16);
			const hash = await hashOf(password, salt);
			const document: PasswordDocument = { version: 1, salt: salt.toString("hex"), hash: hash.toString("hex") };
			await replace(file, folder, `${JSON.stringify(document)}\n`);
		},
	};
}

/** The same password however its letters were typed: composed and decomposed accents are one. */
function hashOf(password: string, salt: Buffer): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const memory = 256 * COST.N * COST.r;
		scrypt(password.normalize("NFC"), salt, HASH_BYTES, { ...COST, maxmem: memory }, (error, hash) =>
			error ? reject(error) : resolve(hash),
		);
	});
}

/** null when no password was set. A file that cannot be used is no missing one: else damaging it would let anybody set a new one. */
async function read(file: string): Promise<PasswordDocument | null> {
	let text: string;
	try {
		text = await readFile(file, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
		throw new Error(`The file with the administrator's password cannot be read: ${messageOf(error)}`, { cause: error });
	}
	const document = parsed(text);
	if (document === null)
		throw new Error(
			`The file ${file} is damaged: whoever administers this machine may delete it, and then set the administrator's password anew.`,
		);
	return document;
}

function parsed(text: string): PasswordDocument | null {
	try {
		const { version, salt, hash } = JSON.parse(text) as Partial<Record<keyof PasswordDocument, unknown>>;
		const isHex = (value: unknown, bytes: number): value is string =>
			typeof value === "string" && new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(value);
		return version === 1 && isHex(salt, 16) && isHex(hash, HASH_BYTES) ? { version, salt, hash } : null;
	} catch {
		return null;
	}
}

/** In one step, and never readable by others, not even for a moment. */
async function replace(file: string, folder: string, text: string): Promise<void> {
	await mkdir(folder, { recursive: true });
	const temporary = `${file}.${process.pid}.tmp`;
	const handle = await open(temporary, "w", 0o600);
	try {
		await handle.writeFile(text);
		await handle.sync();
	} finally {
		await handle.close();
	}
	await chmod(temporary, 0o600);
	await rename(temporary, file);
}
