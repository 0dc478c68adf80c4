import { expect, it } from "vitest";
import { likelyCause } from "../../../src/bms/driver/link-words.ts";
import { FrameError, TimeoutError } from "../../../src/errors.ts";

const silence = new TimeoutError("no-answer", "No answer.");
const echo = new TimeoutError("echo-only", "Only our own question.");
const garbage = new FrameError("no-start", "No frame.");

it("over RS232 it names that socket and its pins, over RS485 its own socket and the wires A and B", () => {
	const said = (reach: "cabled" | "addressed") => [silence, echo, garbage].map((error) => likelyCause(error, "/dev/ttyUSB0", reach));
	const [nobody, ownVoice, noise] = said("cabled");
	expect(nobody).toMatch(/^\/dev\/ttyUSB0: Nobody answers.*RS232 socket \(not RS485 or CAN\)/);
	expect(ownVoice).toMatch(/pins 3 and 4/);
	expect(noise).toMatch(/RS232 levels/);
	for (const words of said("addressed")) {
		expect(words).toMatch(/RS485|A and B/);
		expect(words).not.toMatch(/RS232 socket|RS232 levels|pins 3 and 4/);
	}
});

it("what has nothing to do with the socket is said the same of both", () => {
	const broken = new TimeoutError("incomplete-answer", "It broke off.");
	expect(likelyCause(broken, "COM3", "addressed")).toBe(likelyCause(broken, "COM3", "cabled"));
});
