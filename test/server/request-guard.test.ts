import { describe, expect, it } from "vitest";
import { type GuardedRequest, type GuardRules, refusalOf } from "../../src/server/request-guard.ts";

const RULES: GuardRules = { hostNames: ["battery.local"], password: "", ownLogin: ["/red"], open: ["/healthz"], ingress: "" };
const LOCKED: GuardRules = { ...RULES, password: "open sesame" };

function asking(headers: GuardedRequest["headers"], more: Partial<GuardedRequest> = {}): GuardedRequest {
	return {
		method: "GET",
		url: "/",
		localAddress: "192.168.1.5",
		remoteAddress: "127.0.0.1",
		isUpgrade: false,
		...more,
		headers: { host: "127.0.0.1:1881", ...headers },
	};
}
const codeOf = (request: GuardedRequest, rules = RULES) => refusalOf(request, rules)?.code ?? null;
const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` });

describe("the guard", () => {
	it("lets its own names in", () => {
		for (const host of [
			"127.0.0.1",
			"127.0.0.1:1881",
			"localhost:1881",
			"LOCALHOST",
			"[::1]:1881",
			"battery.local:1881",
			"192.168.1.5:1881",
		])
			expect(codeOf(asking({ host })), host).toBeNull();
		expect(codeOf(asking({ host: "192.168.1.5" }, { localAddress: "::ffff:192.168.1.5" }))).toBeNull();
		expect(codeOf(asking({ host: "[fe80::1]" }, { localAddress: "fe80::1%eth0" }))).toBeNull();
	});

	it("refuses every other Host (a foreign name pointed at this machine)", () => {
		for (const host of [
			"evil.example",
			"evil.example:1881",
			"127.0.0.1.evil.example",
			"localhost.",
			"127.0.0.1@evil",
			"",
			"192.168.1.6",
			"a b",
		])
			expect(codeOf(asking({ host })), host).toBe("foreign-host");
		expect(codeOf({ ...asking({}), headers: {} })).toBe("foreign-host");
	});

	it("refuses requests that another page sends", () => {
		for (const origin of [
			"https://evil.example",
			"null",
			"http://127.0.0.1:8080",
			"http://localhost:1881",
			"file://",
			"http://127.0.0.1",
			"nonsense",
		]) {
			expect(codeOf(asking({ origin }, { method: "POST" })), origin).toBe("foreign-origin");
			expect(codeOf(asking({ origin })), origin).toBe("foreign-origin");
			expect(codeOf(asking({ origin }, { isUpgrade: true })), origin).toBe("foreign-origin");
		}
		for (const site of ["cross-site", "same-site"]) {
			expect(codeOf(asking({ "sec-fetch-site": site }, { method: "POST" }))).toBe("foreign-origin");
			expect(codeOf(asking({ "sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }))).toBe("foreign-origin");
			expect(codeOf(asking({ "sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }))).toBe("foreign-origin");
			expect(
				codeOf(asking({ "sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, { method: "POST" })),
			).toBe("foreign-origin");
		}
	});

	it("lets its own pages, typed addresses, followed links and programs in", () => {
		expect(codeOf(asking({ origin: "http://127.0.0.1:1881", "sec-fetch-site": "same-origin" }, { method: "POST" }))).toBeNull();
		expect(codeOf(asking({ host: "battery.local", origin: "https://battery.local" }, { isUpgrade: true }))).toBeNull();
		expect(codeOf(asking({ host: "localhost:80", origin: "http://localhost" }, { method: "POST" }))).toBeNull();
		expect(codeOf(asking({ "sec-fetch-site": "none" }))).toBeNull();
		expect(codeOf(asking({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }))).toBeNull();
		expect(codeOf(asking({}, { method: "POST" }))).toBeNull();
	});

	it("asks for the password everywhere but at Node-RED's own login and the health check", () => {
		for (const url of ["/", "/api/bank", "/flows/x", "/redirect", "/RED/", "/healthzz", "//red/", "/%72ed/"])
			expect(codeOf(asking({}, { url }), LOCKED), url).toBe("password-needed");
		for (const url of ["/red", "/red/", "/red/comms?x=1", "/red?x", "/healthz"])
			expect(codeOf(asking({}, { url }), LOCKED), url).toBeNull();
		expect(codeOf(asking({}, { url: "/flows/ws", isUpgrade: true }), LOCKED)).toBe("password-needed");
	});

	it("accepts the right password only", () => {
		expect(codeOf(asking(basic("admin", "open sesame")), LOCKED)).toBeNull();
		for (const [user, password] of [
			["admin", "open sesam"],
			["admin", ""],
			["root", "open sesame"],
			["", "open sesame"],
		] as const)
			expect(codeOf(asking(basic(user, password)), LOCKED)).toBe("password-needed");
		for (const authorization of ["Basic", "Basic !!!", "Bearer open sesame", "Basic YWRtaW4="])
			expect(codeOf(asking({ authorization }), LOCKED), authorization).toBe("password-needed");
	});

	it("looks at the password last: a foreign page learns nothing about it", () => {
		expect(codeOf(asking({ origin: "https://evil.example", ...basic("admin", "open sesame") }), LOCKED)).toBe("foreign-origin");
	});
});

describe("Home Assistant's ingress", () => {
	const HOME_ASSISTANT: GuardRules = { ...RULES, ingress: "172.30.32.2" };
	const from = (remoteAddress: string, headers: GuardedRequest["headers"] = {}) => asking(headers, { remoteAddress });
	const OF_HOME_ASSISTANT = {
		host: "homeassistant.local:8123",
		origin: "http://homeassistant.local:8123",
		"sec-fetch-site": "same-origin",
	};

	it("is let in with the names of Home Assistant, and without our password", () => {
		for (const rules of [HOME_ASSISTANT, { ...HOME_ASSISTANT, password: "open sesame" }]) {
			expect(codeOf(from("172.30.32.2", OF_HOME_ASSISTANT), rules)).toBeNull();
			expect(codeOf(from("::ffff:172.30.32.2", OF_HOME_ASSISTANT), rules)).toBeNull();
		}
	});

	it("opens nothing to anybody else", () => {
		expect(codeOf(from("172.30.32.3"), HOME_ASSISTANT)).toBe("only-ingress");
		expect(codeOf(from("192.168.1.77", OF_HOME_ASSISTANT), HOME_ASSISTANT)).toBe("only-ingress");
		expect(codeOf({ ...from("192.168.1.77"), remoteAddress: undefined }, HOME_ASSISTANT)).toBe("only-ingress");
		expect(codeOf(from("192.168.1.77", { host: "192.168.1.5" }), { ...HOME_ASSISTANT, password: "x" })).toBe("password-needed");
		expect(codeOf(from("127.0.0.1"), HOME_ASSISTANT)).toBeNull();
		expect(codeOf(from("127.0.0.1", OF_HOME_ASSISTANT), HOME_ASSISTANT)).toBe("foreign-host");
	});

	it("is nobody where none is set", () => {
		expect(codeOf(from("172.30.32.2", OF_HOME_ASSISTANT))).toBe("foreign-host");
	});
});
