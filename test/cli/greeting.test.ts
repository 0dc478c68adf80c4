import { expect, it } from "vitest";
import { type GreetingFacts, greeting, outsideAddress } from "../../src/cli/greeting.ts";

const FACTS: GreetingFacts = {
	version: "1.2.3",
	host: "127.0.0.1",
	port: 1881,
	wantedPort: 1881,
	origin: "simulated",
	source: "simulator",
	simulatedPacks: 2,
	scenario: "",
	timeFactor: 1,
	broker: { url: "mqtt://127.0.0.1:1884", isBuiltIn: true },
	dataFolder: "data",
	settingsFile: null,
	hasPassword: false,
};
const text = (changes: Partial<GreetingFacts>) => greeting({ ...FACTS, ...changes }).join("\n");

it("a simulated battery is said to be one, with the way to a real one and to a real broker", () => {
	const words = text({});
	expect(words).toContain("http://127.0.0.1:1881/");
	expect(words).toContain("http://127.0.0.1:1881/red/");
	expect(words.split("\n").filter((line) => line.includes("SIMULATED"))).toHaveLength(1);
	expect(words).toContain("npm start -- --port /dev/ttyUSB0");
	expect(words).toMatch(/MQTT 3\.1\.1/);
	expect(words).toMatch(/Home Assistant wants Mosquitto 2/);
});

it("a scenario and a faster time are named, and nothing of them without", () => {
	expect(text({})).not.toMatch(/scenario|as fast/);
	const words = text({ scenario: "normal-day", timeFactor: 60 });
	expect(words).toContain("The scenario normal-day plays.");
	expect(words).toContain("Its time runs 60 times as fast as yours");
});

it("a replay names its file, a real battery its port, and neither is called simulated", () => {
	expect(text({ origin: "replayed", source: "nk30.json" })).toMatch(/REPLAYED from nk30\.json/);
	const real = text({ origin: "real", source: "/dev/ttyUSB0", broker: { url: "mqtt://host:1883", isBuiltIn: false } });
	expect(real).toContain("at /dev/ttyUSB0");
	expect(real).toContain("mqtt://host:1883");
	expect(real).not.toMatch(/SIMULATED|REPLAYED|3\.1\.1/);
});

it("another port than the wanted one is explained", () => {
	expect(text({ port: 1883 })).toContain("Port 1881 is taken: 1883 is used instead.");
	expect(text({ wantedPort: 0, port: 40000 })).not.toContain("taken");
});

it("links for other machines exist only when those can connect", () => {
	expect(outsideAddress("127.0.0.1", 1881)).toBeNull();
	expect(outsideAddress("::1", 1881)).toBeNull();
	expect(outsideAddress("192.168.1.5", 1881)).toBe("http://192.168.1.5:1881/");
	expect(outsideAddress("fd00::5", 1881)).toBe("http://[fd00::5]:1881/");
});
