import { homedir } from "node:os";

/** What stands where a secret was. */
export const HIDDEN = "(hidden)";
/** Shorter texts are words of their own; a secret setting is hidden whatever its length. */
const LEAST_SECRET = 4;

/** TABLE of what looks like a secret, wherever it came from. */
const LOOKS_SECRET: readonly (readonly [pattern: RegExp, shown: string])[] = [
	// User and password of an address; a password may hold / and @ unescaped.
	[/\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, `$1${HIDDEN}@`],
	[/\b(Bearer|Basic)\s+[\w.~+/-]{4,}=*/gi, `$1 ${HIDDEN}`],
	// A JSON Web Token, as Home Assistant's access tokens are.
	[/\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?/g, HIDDEN],
	[
		/(["']?[\w-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|psk)["']?\s*[=:]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&}]+)/gi,
		`$1${HIDDEN}`,
	],
];

/** Takes secrets out of whatever is going to leave this machine: a copy in which no text holds one. */
export function hideSecrets(value: unknown, secrets: readonly string[]): unknown {
	// The longest first: one may be a part of another.
	const known = [...new Set(secrets)].filter((secret) => secret.length >= LEAST_SECRET).sort((a, b) => b.length - a.length);
	const forms = known.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
	const home = homedir();
	const hide = (text: string) => {
		const cleaned = forms.reduce((left, form) => left.replaceAll(form, HIDDEN), text);
		const masked = LOOKS_SECRET.reduce((left, [pattern, shown]) => left.replace(pattern, shown), cleaned);
		return home.length > 1 ? masked.replaceAll(home, "~") : masked;
	};
	const clean = (part: unknown): unknown => {
		if (typeof part === "string") return hide(part);
		if (Array.isArray(part)) return part.map(clean);
		if (typeof part !== "object" || part === null) return part;
		return Object.fromEntries(Object.entries(part).map(([key, inner]) => [hide(key), clean(inner)]));
	};
	return clean(value);
}
