import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { decodeText } from "../../src/bms/protocol/decode-text.ts";
import { conformanceFiles, type VectorFile } from "../../tools/conformance.ts";

/** The vectors for other projects (docs/conformance.md): ours must read them as they say. */

const FOLDER = join(import.meta.dirname, "..", "..", "conformance");
const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
const names = readdirSync(FOLDER).filter((name) => name !== "schema.json");
const files = names.map((name) => [name, read(name) as VectorFile] as const);

type Fields = Readonly<Record<string, unknown>>;

/** A pack as `decode` has it, in the words of the vectors. */
function inWords(pack: Fields): Fields {
	const conditions = (["alarms", "protections", "faults"] as const).flatMap((list) =>
		((pack[list] ?? []) as readonly { readonly slug: string }[]).map(({ slug }) => `${list.slice(0, -1)}.${slug}`),
	);
	const states = (pack.states ?? {}) as Readonly<Record<string, boolean>> | readonly string[];
	const set = Array.isArray(states) ? states : Object.entries(states).flatMap(([key, on]) => (on === true ? [key] : []));
	return { ...pack, conditions: conditions.sort(), states: [...set].sort() };
}

function inWordsOf(decoded: Fields): Fields {
	const { packs, record, error, rejection } = decoded;
	return {
		...decoded,
		...(packs === undefined ? {} : { packs: (packs as readonly Fields[]).map(inWords) }),
		...(record === undefined ? {} : { record: inWords(record as Fields) }),
		...(error === undefined ? {} : { error: (error as { code: string }).code }),
		...(rejection === undefined ? {} : { rejection: (rejection as { code: string }).code }),
	};
}

it("are what the tool writes", () => {
	for (const [name, text] of conformanceFiles()) expect(readFileSync(join(FOLDER, name), "utf8"), name).toBe(text);
	expect(names.sort()).toEqual([...conformanceFiles().keys()].sort());
	const ids = files.flatMap(([, { vectors }]) => vectors.map(({ id }) => id));
	expect(new Set(ids).size).toBe(ids.length);
	console.log(`${ids.length} conformance vectors`);
});

it("keep to their schema, and the schema can say no", () => {
	const validate = new Ajv({ allowUnionTypes: true, strict: false }).compile(read("schema.json") as object);
	for (const [name, file] of files) expect([name, validate(file), validate.errors]).toEqual([name, true, null]);
	const [, first] = files[0] ?? expect.fail("no files");
	expect(validate({ ...first, vectors: [{ id: "x", what: "x", reply: "~25", expect: {} }] })).toBe(false);
	expect(validate({ ...first, vectors: [{ id: "x", what: "x", reply: "25", expect: { checksum: "ok" } }] })).toBe(false);
});

describe.each(files)("%s", (_name, { protocol, vectors }) => {
	it.each(vectors.map((vector) => [`${vector.id}: ${vector.what}`, vector] as const))(
		"%s",
		(_title, { request = "", reply, expect: told }) => {
			const lines = protocol === "modbus-rtu" ? [`> ${request}`, `< ${reply}`] : [request, reply];
			const decoded: Fields = decodeText(lines.join("\n")).at(-1) ?? { protocol: null };
			expect(decoded.protocol).toBe(protocol);
			expect(inWordsOf(decoded)).toMatchObject(told);
			if (told.checksum === "bad" || told.error !== undefined) expect(decoded).not.toHaveProperty("packs");
		},
	);
});
