import { Bus } from "../../src/bms/bus/bus.ts";
import { BANK_SETTINGS } from "../../src/bms/options.ts";
import type { Exchange } from "../../src/bms/protocol/protocol.ts";
import { PROTOCOLS } from "../../src/bms/protocol/protocols.ts";
import { openTransport } from "../../src/bms/transport/open-transport.ts";
import type { Transport } from "../../src/bms/transport/transport.ts";
import { systemClock } from "../../src/clock.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { ANSWER_DELAY_MS, BAUD, simulatedLine } from "./line.ts";

const CYCLES = 12;
/** Longest a cycle may take, as a share of what the line itself needs. */
const BAR = 1.05;

const modbus = PROTOCOLS["modbus-rtu"];
const pylontech = PROTOCOLS["ascii-0x20-pylontech"];

/** TABLE of what is asked of a pack in a cycle: over Modbus one block holds measurements and alarms. */
const ROWS = [
	{ protocol: "modbus-rtu", needs: modbus, ask: (pack: number) => [modbus.protocol.telemetry(pack)] },
	{
		protocol: "ascii-0x20-pylontech",
		needs: pylontech,
		ask: (pack: number) => [pylontech.protocol.telemetry(pack), pylontech.protocol.status(pack)],
	},
] as const;

/** Time and bytes of a cycle over all packs, as the driver's bus asks them. */
async function cycle(port: string, { needs, ask }: (typeof ROWS)[number], packs: number) {
	const settings = defaultsOf(BANK_SETTINGS);
	let bytes = 0;
	const line: Transport = openTransport({ ...settings, port });
	const bus = new Bus({
		...settings,
		...{ gapMs: needs.gapMs, firstByteTimeoutMs: needs.firstByteTimeoutMs, baudRate: BAUD },
		transport: {
			port: line.port,
			write(request) {
				bytes += request.length;
				return line.write(request);
			},
		},
		framer: needs.protocol.createFramer(),
		clock: systemClock,
		logger: silentLogger,
	});
	const onBytes = (chunk: Uint8Array) => {
		bytes += chunk.length;
		bus.receive(chunk);
	};
	await line.open({ onBytes, onLost: (error) => bus.stop(error) });
	const exchanges: readonly Exchange[] = Array.from({ length: packs }, (_, index) => ask(index + 1)).flat();
	const askAll = () => Promise.all(exchanges.map((exchange) => bus.request(exchange)));
	await askAll();
	bytes = 0;
	const start = performance.now();
	for (let n = 0; n < CYCLES; n++) await askAll();
	const ms = (performance.now() - start) / CYCLES;
	await line.close();
	// Every bit on the wire, the battery's answer delay and the protocol's gap after each exchange.
	const limit = (bytes / CYCLES) * ((10 * 1000) / BAUD) + exchanges.length * (ANSWER_DELAY_MS + needs.gapMs);
	return { ms, limit, bytes: bytes / CYCLES };
}

/** Full poll cycle where every pack answers for itself, against the line's limit with the protocol's gap counted in. */
export async function benchAddressedCycle(): Promise<void> {
	console.log(`\nFull cycle on RS485: measurements and alarms of each pack at its address, 9600 baud (bar ${BAR})`);
	console.log("protocol               packs   bytes   line limit        ours    ours/limit");
	for (const row of ROWS) {
		for (const packs of [1, 4]) {
			const line = await simulatedLine({ packs, protocol: row.protocol });
			const { ms, limit, bytes } = await cycle(line.port, row, packs);
			await line.stop();
			const share = ms / limit;
			const cells = [
				row.protocol.padEnd(22),
				String(packs).padStart(5),
				bytes.toFixed(0).padStart(7),
				`${limit.toFixed(0).padStart(9)} ms`,
				`${ms.toFixed(0).padStart(8)} ms`,
				share.toFixed(3).padStart(13),
				share <= BAR ? "" : "  above the bar",
			];
			console.log(cells.join(" ").trimEnd());
		}
	}
}
