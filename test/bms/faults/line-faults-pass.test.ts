import { afterAll, expect, test } from "vitest";
import type { BankSnapshot, LinkSnapshot } from "../../../src/bms/battery/snapshot.ts";
import { defaultsOf } from "../../../src/settings.ts";
import type { LossForm } from "../../../src/simulator/bank-model.ts";
import type { LineFaultKind } from "../../../src/simulator/line-faults.ts";
import { PACE_MODBUS } from "../../../src/simulator/modbus-side.ts";
import { SIMULATOR_SETTINGS, type SimulatorSettings } from "../../../src/simulator/options.ts";
import type { SimulatorControl } from "../../../src/simulator/simulator-control.ts";
import { startSimulatedLine } from "../../../src/simulator/tcp-line.ts";
import { Gateway, type GatewayMode } from "./gateway.ts";
import { holdAt, isWhole, openWatchedBank, PACKS } from "./watched-bank.ts";

/**
 * What may happen to a line, one row a fault: injected on a TCP line in real time at 9600 baud, with the real driver.
 * Each shows (`shows`), no false value is published while it lasts or after it, and the bank is whole again within 10 s
 * of its end.
 */

/** Longest time from the end of a fault to a whole bank, ms (product.md §6). */
const RECOVERY_MS = 10_000;

interface LineUnderTest {
	readonly control: SimulatorControl;
	readonly gateway: Gateway;
	/** TCP port of a line to the same battery with firmware of the other kind. */
	readonly otherFirmware: number;
}

interface Fault {
	readonly begin: (line: LineUnderTest) => void | Promise<void>;
	readonly end: (line: LineUnderTest) => void | Promise<void>;
	/** How the fault shows at the latest; `before` is the link before it. */
	readonly shows: (link: LinkSnapshot, before: LinkSnapshot, packs: BankSnapshot["packs"]) => boolean;
	/** What the battery speaks, where it is not what it speaks at the socket of the main pack. */
	readonly protocol?: "modbus-rtu";
}

const failed = ({ failures }: LinkSnapshot) => failures.timeout + failures.frame + failures.decode + failures.rejected;
const hasFailed = (link: LinkSnapshot, before: LinkSnapshot) => failed(link) >= failed(before) + 3;
const isDown = ({ state }: LinkSnapshot) => state === "silent" || state === "lost";
const says = (words: RegExp) => (link: LinkSnapshot) => words.test(link.problem?.message ?? "");
const noted = (key: string) => (link: LinkSnapshot) => link.notes.some((note) => note.key === key);
const goesOn = (link: LinkSnapshot, before: LinkSnapshot) => link.replies >= before.replies + 12;

const onLine = (kind: LineFaultKind, shows: Fault["shows"], share?: number): Fault => ({
	begin: ({ control }) => control.faults.set(kind, share),
	end: ({ control }) => control.faults.clear(),
	shows,
});
const atGateway = (mode: GatewayMode, shows: Fault["shows"]): Fault => ({
	begin: ({ gateway }) => gateway.set(mode),
	end: ({ gateway }) => gateway.set("well"),
	shows,
});

const losing = (form: LossForm): Fault => ({
	begin: ({ control }) => control.losePack(2, form),
	end: ({ control }) => control.returnPack(2),
	shows: (_link, _before, packs) => packs.some(({ address, presence }) => address === 2 && presence === "absent"),
});
/** By the vendor's list (rs232-v25 §13). */
const GROWATT = 2;
function selectOnAll(control: SimulatorControl, rs485: number): void {
	for (const pack of PACKS) control.setInverterProtocol(pack, rs485);
}

const FAULTS: Readonly<Record<string, Fault>> = {
	"bytes are lost": onLine("drop", hasFailed),
	"bits turn over": onLine("flip", hasFailed),
	"answers stop half-way": onLine("cut", hasFailed),
	"answers come twice": onLine("duplicate", goesOn, 100),
	"answers come glued to the next": onLine("glue", hasFailed),
	"the adapter echoes": onLine("echo", noted("echo")),
	"the adapter echoes on a noisy line": {
		begin({ control }) {
			control.faults.set("echo");
			control.faults.set("flip", 0.5);
		},
		end: ({ control }) => control.faults.clear(),
		shows: (link, before) => link.echoes >= before.echoes + 5 && failed(link) > failed(before),
	},
	"answers come too late": onLine("late", hasFailed),
	"all answers come too late": onLine("late", isDown, 100),
	"answers bear another address": onLine("wrong-address", says(/bears address/)),
	"another master asks": onLine("foreign-master", noted("secondMaster")),
	"an inverter asks with Modbus": onLine("foreign-modbus", (link, before) => link.junkBytes >= before.junkBytes + 8),
	"noise floods the line": onLine("noise", isDown),
	"no answer comes": onLine("silence", isDown),
	"half of the answers are missing": onLine("silence", noted("slowed"), 50),
	"wrong speed: garbage comes": onLine("garbage", isDown),
	"a slow gateway": onLine("slow", goesOn),
	"the gateway takes end marks of answers": onLine("no-end-mark", goesOn),
	"the gateway speaks Telnet": onLine("telnet", goesOn),
	"the gateway takes end marks of questions": atGateway("no-end-mark", isDown),
	"the gateway is unplugged": atGateway("gone", ({ state }) => state === "lost"),
	"the gateway has forgotten the connection (half-open)": atGateway("half-open", ({ state }) => state === "silent"),
	"the gateway has another client": atGateway("taken", says(/one connection only/)),
	"the port of the gateway's web page": atGateway("web-page", says(/settings page/)),
	"answers come byte by byte": atGateway("trickle", goesOn),
	"the cable is pulled at the battery": {
		begin: ({ control }) => control.pullCable("silent"),
		end: ({ control }) => control.plugCable(),
		shows: isDown,
	},
	"the pack with the cable sleeps": {
		begin: ({ control }) => control.sleepPack(1, true),
		end: ({ control }) => control.returnPack(1),
		shows: isDown,
	},
	"a pack is away, its place stays with zeros": losing("placeholder"),
	"a pack is away, the others move up": losing("shrinks"),
	"another inverter protocol is selected": {
		protocol: "modbus-rtu",
		begin: ({ control }) => selectOnAll(control, GROWATT),
		end: ({ control }) => selectOnAll(control, PACE_MODBUS),
		shows: ({ problem }) => problem?.code === "foreign-map",
	},
	"packs have different firmware": {
		begin({ gateway, otherFirmware }) {
			const usual = gateway.lineOf;
			const isOfPack2 = (question: string) => question.slice(7, 9) === "42" && question.slice(13, 15) === "02";
			gateway.lineOf = (question) => (isOfPack2(question) ? otherFirmware : usual(question));
		},
		end() {},
		shows: goesOn,
	},
};

const recoveries: (readonly [fault: string, shownMs: number, recoveryMs: number, snapshots: number])[] = [];
afterAll(() => {
	const line = ([fault, shown, recovery, snapshots]: (typeof recoveries)[number]) =>
		`${fault.padEnd(55)} ${(shown / 1000).toFixed(1).padStart(6)} s ${(recovery / 1000).toFixed(1).padStart(6)} s ${String(snapshots).padStart(6)}`;
	console.log([`${recoveries.length} faults: seen after, whole again after, snapshots checked`, ...recoveries.map(line)].join("\n"));
});

const serve = (settings: Partial<SimulatorSettings> = {}) =>
	startSimulatedLine({ ...defaultsOf(SIMULATOR_SETTINGS), loadW: 0, ...settings });

test.concurrent.each(Object.entries(FAULTS))("%s", { timeout: 60_000 }, async (name, fault) => {
	const { protocol = "ascii-0x25" } = fault;
	const served = await serve({ protocol });
	const other = await serve({ firmware: "old" });
	const gateway = new Gateway(Number(served.port.split(":").at(-1)));
	await gateway.listen();
	const line = { control: served.control, gateway, otherFirmware: Number(other.port.split(":").at(-1)) };
	const hold = (step: number) => {
		watched?.reached(step);
		for (const { control } of [served, other]) holdAt(control, step);
	};
	let watched: ReturnType<typeof openWatchedBank> | null = null;
	hold(0);
	watched = openWatchedBank({ port: gateway.port, protocol, ...(protocol === "modbus-rtu" ? { addresses: PACKS.join() } : {}) });
	try {
		await watched.until("the bank is whole", (snapshot) => isWhole(snapshot, 0), 15_000);
		const before = watched.bank.snapshot.link;
		hold(1);
		await fault.begin(line);
		const shownMs = await watched.until("the fault shows", ({ link, packs }) => fault.shows(link, before, packs), 30_000);
		await fault.end(line);
		hold(2);
		const recoveryMs = await watched.until("the bank is whole again", (snapshot) => isWhole(snapshot, 2), RECOVERY_MS);
		recoveries.push([name, shownMs, recoveryMs, watched.snapshots]);
		expect([...watched.wrong]).toEqual([]);
	} finally {
		await watched.bank.close();
		await gateway.stop();
		await Promise.all([served.stop(), other.stop()]);
	}
});

test("there are at least 20 faults in the table", () => {
	expect(Object.keys(FAULTS).length).toBeGreaterThanOrEqual(20);
});
