import { describe, expect, it } from "vitest";
import { buildFrame } from "../../../src/bms/protocol/ascii/ascii-frame.ts";
import { asciiV25 } from "../../../src/bms/protocol/ascii/ascii-protocol.ts";
import type { Exchange } from "../../../src/bms/protocol/protocol.ts";
import { block42, block44, cells, received } from "./build-replies.ts";
import { bytes, CAPTURES } from "./captures.ts";

const captured = (id: string) => bytes(CAPTURES.find((capture) => capture.id === id)?.reply ?? "");
const kinds = (exchange: Exchange, ...frames: readonly Uint8Array[]) => frames.map((frame) => exchange.accept(frame).kind);

const pack = block42({ cells: cells(16), tail: "37" });
const status = block44({ tail: "00" });
const TELEMETRY = { one: received(`0001${pack}`), two: received(`0002${pack}`), all: received(`0002${pack}${pack}`) };
const STATUS = { one: received(`0001${status}`), two: received(`0002${status}`), all: received(`0002${status}${status}`) };
const FIXED = {
	packCount: captured("v25-90-004"),
	version: captured("v25-c1-011"),
	serials: captured("v25-c2-002"),
	capacity: captured("v25-a6-004"),
	clock: captured("v25-b1-001"),
};
const EVERYTHING = [...Object.values(TELEMETRY), ...Object.values(STATUS), ...Object.values(FIXED)];

describe("requests are the bytes that were captured", () => {
	it.each([
		["~25014642E00201FD30\r", asciiV25.telemetry(1, 1)],
		["~25014642E00202FD2F\r", asciiV25.telemetry(1, 2)],
		["~25014642E002FFFD05\r", asciiV25.telemetry(1, "all")],
		["~25FF4642E002FFFCDA\r", asciiV25.telemetry(0xff, "all")],
		["~25014644E00201FD2E\r", asciiV25.status(1, 1)],
		["~25FF4644E002FFFCD8\r", asciiV25.status(0xff, "all")],
		["~250146900000FDA5\r", asciiV25.packCount(1)],
		["~250146C10000FD9A\r", asciiV25.version(1)],
		["~250146C20000FD99\r", asciiV25.serials(1)],
		["~250046A60000FD98\r", asciiV25.capacity(0)],
		["~250046B10000FD9C\r", asciiV25.clock(0)],
	] as const)("%j", (text, exchange) => {
		expect(exchange.request).toEqual(bytes(text));
	});

	it("are named in the owner's words", () => {
		expect(asciiV25.status(1, "all").label).toBe("alarms of all packs");
		expect(asciiV25.telemetry(1, 3).label).toBe("measurements of pack 3");
	});
});

describe("the answer to a question is taken, and no other", () => {
	const only = (exchange: Exchange, ...wanted: readonly Uint8Array[]) => {
		for (const frame of EVERYTHING) {
			const title = `${exchange.label} <- ${String.fromCharCode(...frame).slice(0, 40)}`;
			expect(exchange.accept(frame).kind, title).toBe(wanted.includes(frame) ? "reply" : "foreign");
		}
	};

	it("measurements of pack 1, pack 2 and all", () => {
		only(asciiV25.telemetry(1, 1), TELEMETRY.one);
		only(asciiV25.telemetry(1, 2), TELEMETRY.two);
		// The answer about pack 1 and that of a bank of one pack are the same bytes.
		only(asciiV25.telemetry(1, "all"), TELEMETRY.all, TELEMETRY.one);
	});

	it("alarms of pack 1, pack 2 and all", () => {
		only(asciiV25.status(1, 1), STATUS.one);
		only(asciiV25.status(1, 2), STATUS.two);
		only(asciiV25.status(1, "all"), STATUS.all, STATUS.one);
	});

	it("what the cabled pack tells of itself", () => {
		only(asciiV25.packCount(1), FIXED.packCount);
		only(asciiV25.version(1), FIXED.version);
		only(asciiV25.serials(1), FIXED.serials);
		only(asciiV25.capacity(1), FIXED.capacity);
		only(asciiV25.clock(1), FIXED.clock);
	});

	it("small packs, where a late alarm reply of two would fit as one pack's measurements", () => {
		const small = block44({ cells: 8, probes: 4 });
		const late = received(`0002${small}${small}`);
		expect(asciiV25.status(1, "all").accept(late).kind).toBe("reply");
		expect(asciiV25.telemetry(1, 2).accept(late).kind).toBe("foreign");
	});

	it("measurements that are doubtful but nothing else are handed over, for the store to judge", () => {
		expect(asciiV25.telemetry(1, 1).accept(received(`0001${block42({ cells: cells(16), voltage: 20000 })}`)).kind).toBe("reply");
	});

	it("alarm codes no document knows do not hide the alarms", () => {
		expect(asciiV25.status(1, 1).accept(received(`0001${block44({ codes: "07" })}`)).kind).toBe("reply");
	});
});

describe("who answers", () => {
	it("the cabled pack answers with its own address, whatever was asked", () => {
		// Captured: ADR 05 asked, ADR 01 answers; ADR 01 asked, ADR 00 and 0F answer.
		expect(asciiV25.telemetry(5, 5).accept(captured("v25-42-006"))).toMatchObject({ kind: "reply", value: { repliedBy: 1, asked: 5 } });
		expect(asciiV25.packCount(1).accept(captured("v25-90-003"))).toMatchObject({ kind: "reply", value: { repliedBy: 0, count: 1 } });
		expect(asciiV25.telemetry(1, 1).accept(captured("v25-42-057"))).toMatchObject({ kind: "reply", value: { repliedBy: 15 } });
	});

	it("a pack that is not the main pack says 'this pack' in several ways", () => {
		for (const echo of ["01", "FF", "00", "02"]) {
			expect(asciiV25.telemetry(1, 1).accept(received(`00${echo}${pack}`, 2)).kind).toBe("reply");
		}
		expect(asciiV25.telemetry(1, 1).accept(received(`0003${pack}`, 2)).kind).toBe("foreign");
		for (const count of ["01", "FF", "00"])
			expect(kinds(asciiV25.telemetry(1, "all"), received(`00${count}${pack}`, 2))).toEqual(["reply"]);
	});

	it("the main pack echoes the number that was asked", () => {
		expect(asciiV25.telemetry(1, 2).accept(received(`0001${pack}`))).toMatchObject({ kind: "foreign" });
		expect(asciiV25.telemetry(1, 2).accept(received(`00FF${pack}`))).toMatchObject({ kind: "foreign" });
	});

	it("all packs asked and one block answered is one pack (captured)", () => {
		expect(asciiV25.telemetry(0, "all").accept(captured("v25-42-054"))).toMatchObject({
			kind: "reply",
			value: { asked: "all", blocks: [{ absent: false }] },
		});
	});
});

describe("what is no answer", () => {
	it("our own request, with and without end mark, is an echo", () => {
		const exchange = asciiV25.telemetry(1, "all");
		expect(kinds(exchange, exchange.request, exchange.request.slice(0, -1))).toEqual(["echo", "echo"]);
		expect(asciiV25.packCount(1).accept(asciiV25.packCount(1).request).kind).toBe("echo");
	});

	it("another request is somebody else's", () => {
		expect(kinds(asciiV25.telemetry(1, "all"), asciiV25.status(1, "all").request, asciiV25.packCount(2).request)).toEqual([
			"foreign",
			"foreign",
		]);
	});

	it("return codes are told in words, with their code", () => {
		const rejected = (code: number) => asciiV25.clock(1).accept(buildFrame({ address: 1, code, info: Uint8Array.of(4) }));
		const codes = {
			2: "checksum-refused",
			3: "length-checksum-refused",
			4: "unknown-command",
			9: "refused",
			1: "return-code",
			145: "return-code",
		};
		for (const [rtn, code] of Object.entries(codes)) {
			expect(rejected(Number(rtn))).toMatchObject({
				kind: "rejected",
				error: { kind: "rejected", code, context: { rtn: Number(rtn), exchange: "clock" } },
			});
		}
	});

	it("a damaged frame is bad, with the damage named", () => {
		const damaged = bytes("~25014600E00202FD36\r");
		expect(asciiV25.packCount(1).accept(damaged)).toMatchObject({ kind: "bad", error: { kind: "frame", code: "checksum" } });
	});

	it("a sound frame of no known shape is bad, not foreign", () => {
		for (const exchange of [asciiV25.telemetry(1, 1), asciiV25.clock(1), asciiV25.version(1)] as const) {
			expect(exchange.accept(received(`0001${"99".repeat(7)}`))).toMatchObject({
				kind: "bad",
				error: { kind: "decode", code: "no-layout-fits" },
			});
		}
		expect(asciiV25.clock(1).accept(received("FF0D05051D1F"))).toMatchObject({ kind: "bad", error: { code: "implausible" } });
	});
});

describe("the small replies", () => {
	it("a pack count may be missing", () => {
		const count = (info: string) => asciiV25.packCount(1).accept(received(info));
		expect(count("")).toMatchObject({ value: { count: null } });
		expect(count("FF")).toMatchObject({ value: { count: null } });
		expect(count("00")).toMatchObject({ value: { count: null } });
		expect(count("0F")).toMatchObject({ value: { count: 15 } });
	});

	it("versions and serial numbers come short and long", () => {
		const text = (value: string) => [...value.padEnd(20)].map((character) => character.charCodeAt(0).toString(16)).join("");
		const board = text("P16S100A-1812-1.00");
		expect(asciiV25.version(1).accept(received(board + text("BT-1")))).toMatchObject({
			value: { version: "P16S100A-1812-1.00", bluetoothName: "BT-1" },
		});
		expect(asciiV25.version(1).accept(received(text("6032_10016S000_L_31")))).toMatchObject({
			value: { version: "6032_10016S000_L_31", bluetoothName: null },
		});
		expect(asciiV25.serials(1).accept(received(text("1812101380309D")))).toMatchObject({
			value: { bmsSerial: "1812101380309D", packSerial: null },
		});
		expect(asciiV25.serials(1).accept(received(board))).toMatchObject({ kind: "foreign" });
		expect(asciiV25.version(1).accept(received("00".repeat(20)))).toMatchObject({ value: { version: null } });
	});

	it("a nearly empty battery's capacities are read", () => {
		expect(asciiV25.capacity(1).accept(received("000A27102710"))).toMatchObject({ value: { remainingCapacity: 0.1, fullCapacity: 100 } });
	});
});
