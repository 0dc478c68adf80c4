import { describe, expect, it } from "vitest";
import { parseBrokerAddress } from "../../src/mqtt-link/broker-address.ts";

describe("the broker's address", () => {
	it.each([
		["mqtt://192.168.1.10", { protocol: "mqtt", host: "192.168.1.10", port: 1883, shown: "mqtt://192.168.1.10:1883" }],
		["mqtts://broker.lan", { protocol: "mqtts", host: "broker.lan", port: 8883, shown: "mqtts://broker.lan:8883" }],
		[" mqtt://localhost:2883/ ", { protocol: "mqtt", host: "localhost", port: 2883, shown: "mqtt://localhost:2883" }],
		["mqtt://[::1]:1884", { protocol: "mqtt", host: "::1", port: 1884, shown: "mqtt://[::1]:1884" }],
	])("%s", (url, expected) => {
		expect(parseBrokerAddress(url, "", "")).toEqual({ ...expected, username: undefined, password: undefined });
	});

	it("takes user and password from the address, decoded, and never shows them", () => {
		const address = parseBrokerAddress("mqtt://anna:p%40ss%@host:1883", "", "");
		expect(address).toMatchObject({ username: "anna", password: "p%40ss%", shown: "mqtt://host:1883" });
		expect(parseBrokerAddress("mqtt://anna:p%40ss@host", "", "")).toMatchObject({ password: "p@ss" });
	});

	it("prefers the settings of their own", () => {
		expect(parseBrokerAddress("mqtt://anna:old@host", "bert", "new")).toMatchObject({ username: "bert", password: "new" });
	});

	it.each(["", "192.168.1.10:1883", "localhost:1883", "http://host", "mqtt://", "mqtt://anna:se#cret@host"])(
		"refuses %j in words, without repeating it",
		(url) => {
			const address = parseBrokerAddress(url, "", "");
			expect(address).toHaveProperty("problem");
			expect(JSON.stringify(address)).toContain("mqtt://192.168.1.10:1883");
			expect(JSON.stringify(address)).not.toContain("se#cret");
		},
	);
});
