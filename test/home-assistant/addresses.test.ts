import { describe, expect, it } from "vitest";
import { type HomeAssistantAddress, isLocalHost, parseHomeAssistantAddress } from "../../src/home-assistant/address.ts";

const address = (url: string) => parseHomeAssistantAddress(url) as HomeAssistantAddress;

describe("an address of Home Assistant", () => {
	it.each([
		["http://homeassistant.local:8123", "ws", "homeassistant.local", 8123, "/api/websocket"],
		["http://homeassistant.local:8123/", "ws", "homeassistant.local", 8123, "/api/websocket"],
		[" https://192.168.1.5 ", "wss", "192.168.1.5", 443, "/api/websocket"],
		["http://[fd00::5]:8123", "ws", "[fd00::5]", 8123, "/api/websocket"],
		["ws://supervisor/core/websocket", "ws", "supervisor", 80, "/core/websocket"],
		["https://house.lan/ha/", "wss", "house.lan", 443, "/ha/api/websocket"],
	])("%s", (url, protocol, host, port, path) => {
		expect(address(url)).toMatchObject({ protocol, host, port, path, warning: null });
	});

	it.each([
		["", /is missing/],
		["homeassistant", /cannot be read/],
		["homeassistant.local:8123", /must begin with http/],
		["ftp://house", /must begin with http/],
		["http://me:secret@house:8123", /takes no user and password/],
	])("%s is explained", (url, words) => {
		const answer = parseHomeAssistantAddress(url);
		expect(answer).toMatchObject({ problem: expect.stringMatching(words) });
		expect(JSON.stringify(answer)).not.toContain("secret");
	});

	it("outside of the house is warned of, the more over http", () => {
		expect(address("https://house.duckdns.org").warning).toMatch(/outside of the house.*leaves your network\.$/);
		expect(address("http://house.duckdns.org").warning).toMatch(/access token can be read on the way/);
		expect(address("http://8.8.8.8:8123").warning).not.toBeNull();
	});

	it.each([
		["127.0.0.1", true],
		["10.1.2.3", true],
		["172.16.0.1", true],
		["172.32.0.1", false],
		["192.168.1.1", true],
		["192.169.1.1", false],
		["100.64.0.1", true],
		["100.128.0.1", false],
		["[::1]", true],
		["[fe80::1]", true],
		["[2001:db8::1]", false],
		["homeassistant", true],
		["homeassistant.local", true],
		["localhost.example.com", false],
	])("%s inside the house: %s", (host, isLocal) => {
		expect(isLocalHost(host)).toBe(isLocal);
	});
});
