import { connect } from "node:net";
import { Bus } from "../../src/bms/bus/bus.ts";
import { readAll } from "../../src/bms/driver/read-all.ts";
import { BANK_SETTINGS } from "../../src/bms/options.ts";
import { PROTOCOLS } from "../../src/bms/protocol/protocols.ts";
import { openTransport } from "../../src/bms/transport/open-transport.ts";
import { systemClock } from "../../src/clock.ts";
import { silentLogger } from "../../src/logger.ts";
import { defaultsOf } from "../../src/settings.ts";
import { ANSWER_DELAY_MS, BAUD, GAP_MS, simulatedLine } from "./line.ts";

const protocol = PROTOCOLS["ascii-0x25"].protocol;
const CYCLES = 4;

/** What the line itself needs: every bit on the wire, the battery's answer delay, the gap after each exchange; ms. */
export function lineLimitMs(bytes: number, exchanges: number): number {
	return (bytes * 10 * 1000) / BAUD + exchanges * (ANSWER_DELAY_MS + GAP_MS);
}

interface Measured {
	readonly ms: number;
	readonly bytes: number;
}

/** Floor: a bare socket that sends the same two requests, reads to the CR and waits for the gap; nothing is checked or decoded. */
async function bareCycle(port: string): Promise<Measured> {
	const url = new URL(port);
	const socket = connect(Number(url.port), url.hostname);
	await new Promise<void>((resolve) => socket.once("connect", resolve));
	let bytes = 0;
	const exchange = (request: Uint8Array) =>
		new Promise<void>((resolve) => {
			const onData = (chunk: Buffer) => {
				bytes += chunk.length;
				if (!chunk.includes(0x0d)) return;
				socket.off("data", onData);
				setTimeout(resolve, GAP_MS);
			};
			socket.on("data", onData);
			bytes += request.length;
			socket.write(request);
		});
	const requests = [protocol.telemetry(1, "all").request, protocol.status(1, "all").request];
	const start = performance.now();
	for (let cycle = 0; cycle < CYCLES; cycle++) for (const request of requests) await exchange(request);
	const ms = (performance.now() - start) / CYCLES;
	socket.destroy();
	return { ms, bytes: bytes / CYCLES };
}

/** Ours: transport, framer, bus, checks and decoding, as the driver uses them. */
async function ourCycle(port: string): Promise<number> {
	const settings = defaultsOf(BANK_SETTINGS);
	const transport = openTransport({ ...settings, port });
	const bus = new Bus({
		...settings,
		transport,
		framer: protocol.createFramer(),
		clock: systemClock,
		logger: silentLogger,
		baudRate: BAUD,
	});
	await transport.open({ onBytes: (chunk) => bus.receive(chunk), onLost: (error) => bus.stop(error) });
	await readAll(bus, protocol, 1);
	const start = performance.now();
	for (let cycle = 0; cycle < CYCLES; cycle++) await readAll(bus, protocol, 1);
	const ms = (performance.now() - start) / CYCLES;
	await transport.close();
	return ms;
}

/** Full cycle (42h FF + 44h FF) for each bank size, against the line's limit and a bare socket on the same line. */
export async function benchFullCycle(): Promise<void> {
	console.log("\nFull cycle: measurements and alarms of all packs, 9600 baud");
	console.log("packs   bytes   line limit     bare socket        ours    ours/limit  ours/bare");
	for (const packs of [1, 4, 15]) {
		const line = await simulatedLine({ packs });
		const bare = await bareCycle(line.port);
		const ours = await ourCycle(line.port);
		await line.stop();
		const limit = lineLimitMs(bare.bytes, 2);
		const cells = [
			String(packs).padStart(5),
			bare.bytes.toFixed(0).padStart(7),
			`${limit.toFixed(0).padStart(9)} ms`,
			`${bare.ms.toFixed(0).padStart(12)} ms`,
			`${ours.toFixed(0).padStart(8)} ms`,
			(ours / limit).toFixed(3).padStart(13),
			(ours / bare.ms).toFixed(3).padStart(10),
		];
		console.log(cells.join(" "));
	}
}
