import { SerialPortMock } from "serialport";
import { type SerialPortFactory, SerialTransport } from "../../../src/bms/transport/serial-transport.ts";

let ports = 0;

/** A serial port on the mock binding that the serialport package brings along, with what its device sees. */
export async function mockSerialFarEnd(inbox: { take(chunk: Uint8Array): void; received(length: number): Promise<Uint8Array> }) {
	const path = `/dev/mock${++ports}`;
	SerialPortMock.binding.createPort(path);
	let latest: SerialPortMock | undefined;
	const factory: SerialPortFactory = (options) => {
		const serial = new SerialPortMock(options);
		serial.on("open", () => {
			const device = serial.port;
			if (!device) return;
			const write = device.write.bind(device);
			device.write = async (bytes: Buffer) => {
				await write(bytes);
				inbox.take(bytes);
			};
		});
		latest = serial;
		return serial as unknown as ReturnType<SerialPortFactory>;
	};
	return {
		transport: new SerialTransport(path, 9600, { load: async () => factory }),
		received: inbox.received,
		send: (bytes: Uint8Array) => latest?.port?.emitData(Buffer.from(bytes)),
		/** What the package does when the device goes away (serialport 13: "close" with an error, no "error"). */
		drop: () => latest?.close(undefined, Object.assign(new Error("read failed"), { disconnected: true })),
		stop: async () => {},
	};
}
