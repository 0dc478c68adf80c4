import { MQTT_SETTINGS } from "../../../src/discovery/options.ts";

/** One house to measure. */
export interface Variant {
	readonly name: string;
	/** null: Home Assistant and its broker without a battery, to tell what is due to the battery. */
	readonly bank: {
		readonly load: "rest" | "switched";
		readonly deadBands: boolean;
		readonly allEntities: boolean;
		/** Lines of the recorder's configuration, unless it is as delivered. */
		readonly recorder?: string;
	} | null;
}

/** The recorder's own commit interval. */
export const AS_DELIVERED = "  commit_interval: 5\n";

/** What docs/load.md tells owners who want less in their database. */
export const WITHOUT_CELLS = `  exclude:
    entity_globs:
      - sensor.*_pack_*_cell_[0-9]*
`;

/** TABLE of the houses, measured at the same time. */
export const VARIANTS: readonly Variant[] = [
	{ name: "no battery", bank: null },
	{ name: "at rest", bank: { load: "rest", deadBands: true, allEntities: true } },
	{ name: "at rest, dead bands off", bank: { load: "rest", deadBands: false, allEntities: true } },
	{ name: "loads switched", bank: { load: "switched", deadBands: true, allEntities: true } },
	{ name: "loads switched, dead bands off", bank: { load: "switched", deadBands: false, allEntities: true } },
	{ name: "loads switched, entities as at first", bank: { load: "switched", deadBands: true, allEntities: false } },
	{
		name: "loads switched, entities as at first, cells not recorded",
		bank: { load: "switched", deadBands: true, allEntities: false, recorder: `${AS_DELIVERED}${WITHOUT_CELLS}` },
	},
];

export const PACKS = 15;

/** What the house draws in turn, W, and for how long. */
const LOADS_W = [500, 3000, 1200, 4500, 800, 2200] as const;
export const LOAD_SECONDS = 30;

/** The load after so many changes. */
export const loadAfter = (changes: number): number => LOADS_W[changes % LOADS_W.length] ?? LOADS_W[0];

/** Settings that make every change of a reading be sent: each dead band that can be set, at 0. */
export const DEAD_BANDS_OFF: Readonly<Record<string, 0>> = Object.fromEntries(
	Object.keys(MQTT_SETTINGS)
		.filter((name) => /DeadBand/.test(name))
		.map((name) => [`mqtt.${name}`, 0]),
);

/** Options of the server for a variant. */
export function serverOptions({ load, deadBands }: NonNullable<Variant["bank"]>): readonly string[] {
	const settings: Readonly<Record<string, number>> = {
		"simulator.packs": PACKS,
		"simulator.loadW": load === "rest" ? 0 : loadAfter(0),
		// A real board's last digit is never quite still.
		"simulator.flickerDigits": 1,
		...(deadBands ? {} : DEAD_BANDS_OFF),
	};
	return Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
}
