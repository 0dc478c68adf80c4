import { homedir } from "node:os";
import { expect, it } from "vitest";
import { hideSecrets } from "../../src/server/hide-secrets.ts";
import { createLogRing } from "../../src/server/log-ring.ts";

const shown = (text: string, secrets: readonly string[] = []) => hideSecrets(text, secrets);

it.each([
	["mqtt://me:hunter2@10.0.0.1:1883 refused", "mqtt://(hidden)@10.0.0.1:1883 refused"],
	["mqtt://me:hun/t@r2@10.0.0.1 refused, tcp://10.0.0.2:8899 too", "mqtt://(hidden)@10.0.0.1 refused, tcp://10.0.0.2:8899 too"],
	["Authorization: Bearer abcdef.12345", "Authorization: Bearer (hidden)"],
	["with Basic YWRtaW46aHVudGVyMg==", "with Basic (hidden)"],
	["auth eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.sig-na_ture invalid", "auth (hidden) invalid"],
	['{"password":"hunter \\" 2","user":"me"}', '{"password":(hidden),"user":"me"}'],
	["wifi_password=hunter2, ssid=Home", "wifi_password=(hidden), ssid=Home"],
	["access_token: hunter2", "access_token: (hidden)"],
	["RACK_BATTERY_SERVER_PASSWORD='hunter 2' npm start", "RACK_BATTERY_SERVER_PASSWORD=(hidden) npm start"],
])("what looks like a secret is hidden: %s", (text, expected) => {
	expect(shown(text)).toBe(expected);
});

it.each([
	"Pack 2 does not answer, the others do.",
	"tcp://192.168.1.20:8899: silent – Nobody answers. Is the pack switched on?",
	"The password is wrong: three wrong ones, wait.",
	'2026-11-29T08:00:00.000Z warn [rack-battery:flows] rack-battery "Cellar": /dev/ttyUSB0: lost',
	"7E 32 35 30 31 34 36 0D",
])("and nothing else is: %s", (text) => {
	expect(shown(text)).toBe(text);
});

it("known secrets are hidden in every form, also in names of fields, and the longer of two first", () => {
	const secret = 'a "b"/c@d';
	const value = { [secret]: [secret, encodeURIComponent(secret), JSON.stringify({ secret })], n: 4, none: null };
	const text = JSON.stringify(hideSecrets(value, [secret]));
	for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) expect(text).not.toContain(form);
	expect(shown("hunter22", ["hunter2", "hunter22"])).toBe("(hidden)");
});

it("the folder of the user is not told", () => {
	expect(shown(`${homedir()}/data is read-only`)).toBe("~/data is read-only");
});

it("the log that is kept is bounded in lines and in their length", () => {
	const log = createLogRing(3);
	for (let n = 0; n < 5; n++) log.add(`${n}${"x".repeat(5_000)}`);
	expect(log.lines.map((line) => line.slice(0, 2))).toEqual(["2x", "3x", "4x"]);
	expect(Math.max(...log.lines.map(({ length }) => length))).toBeLessThan(2_100);
	expect(log.dropped).toBe(2);
});
