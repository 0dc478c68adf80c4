import { type ParameterKey, type ParameterUnit, type ParameterValues, parameterOf } from "../battery/parameters.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { decode, encode, type NumberField, type ValueOf } from "../codec/layout.ts";

/** Parameters as rows of a layout, the same for every protocol: read with what they must look like, written exactly or not at all. */

/** One parameter on the wire. */
export type ParameterRow = NumberField & { readonly name: ParameterKey };

/** What the bytes say; a parameter that is "not there" is left out. */
export function readParameterRows(rows: readonly ParameterRow[], bytes: Uint8Array): ParameterValues {
	const read: Readonly<Record<string, number | null>> = decode(rows, new ByteReader(bytes));
	return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== null)) as ParameterValues;
}

/** The bytes of the rows. Throws RangeError for a value that is missing, does not fit, or lies between two steps of the wire. */
export function writeParameterRows(rows: readonly ParameterRow[], values: ParameterValues): Uint8Array {
	for (const { name } of rows) {
		const value = values[name];
		if (value === undefined || !Number.isFinite(value)) throw new RangeError(`${parameterOf(name).label}: a value is needed.`);
	}
	const bytes = encode(rows, values as ValueOf<readonly ParameterRow[]>);
	const carried = readParameterRows(rows, bytes);
	for (const { name } of rows) {
		const { label, unit } = parameterOf(name);
		if (!isSame(carried[name], values[name])) {
			throw new RangeError(`${label}: ${values[name]} ${unit} cannot be sent exactly; ${carried[name]} ${unit} would be the nearest.`);
		}
	}
	return bytes;
}

/** Equal but for the rounding of decimals. */
function isSame(carried: number | undefined, wanted: number | undefined): boolean {
	return carried !== undefined && wanted !== undefined && Math.abs(carried - wanted) < 1e-6;
}

/**
 * The first value that no battery of this kind can have; null when all are possible. Far wider than what may be set:
 * it tells an answer to another question, or a foreign battery, from an unusual setting.
 */
export function impossibleParameter(values: ParameterValues): ParameterKey | null {
	const keys = Object.keys(values) as ParameterKey[];
	return keys.find((key) => !isPossible(key, values[key] ?? 0)) ?? null;
}

function isPossible(key: ParameterKey, value: number): boolean {
	const { unit, minimum, maximum } = parameterOf(key);
	return POSSIBLE[unit](value, { minimum, maximum });
}

interface Range {
	readonly minimum: number;
	readonly maximum: number;
}

/** 0 V is how some firmware switches a limit off; delays and on/off bytes may be anything. */
const POSSIBLE: Readonly<Record<ParameterUnit, (value: number, range: Range) => boolean>> = {
	V: (value, { minimum, maximum }) => value === 0 || (value >= minimum / 5 && value <= 2 * maximum),
	mV: (value, { maximum }) => value <= 5 * maximum,
	A: (value, { maximum }) => value <= 5 * maximum,
	mA: (value, { maximum }) => value <= 10 * maximum,
	"°C": (value) => value >= -60 && value <= 200,
	"%": (value) => value <= 100,
	s: () => true,
	ms: () => true,
	µs: () => true,
	min: () => true,
	"on/off": () => true,
};
