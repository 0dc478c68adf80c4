import { afterAll, afterEach, beforeAll, test } from "vitest";
import { eventually, Scene } from "../real/support/scene.ts";
import { announcedEntities, announcements, type House, startHouse } from "./support/house.ts";
import { Tally } from "./support/tally.ts";
import { complaints, stateOf } from "./support/truth.ts";

/**
 * Commands from Home Assistant to the battery and back: with the read-back shown in time, with refusals that an owner
 * sees, and nothing that reaches deeper than the write classes and the password allow.
 */

/** A toggle in Home Assistant flips back when no state has come within two seconds; ours must be there well before. */
const READ_BACK_MS = 1800;
const PASSWORD = "correct horse";
const scene = new Scene();
const tally = new Tally();
let house: House;
/** Unique id of the pack with the cable. */
let cabled = "";

beforeAll(async () => {
	house = await startHouse(scene, ["--set", "bank.writeClasses=comfort,control,parameter"]);
	await eventually("three devices are announced", () => announcements(house).length === 3, 20_000);
	cabled = announcements(house).find(({ dev }) => /pack 1/.test(dev.name))?.dev.ids[0] ?? "";
	await eventually("the buzzer is there and known", async () => (await stateOf(house, `${cabled}_set_buzzer`)).state === "off", 30_000);
});
afterEach(() => tally.settle());
afterAll(async () => {
	tally.report();
	await scene.end();
});

async function entityId(uniqueId: string): Promise<string> {
	const entity = (await house.homeAssistant.api().entities()).find(({ unique_id }) => unique_id === uniqueId);
	if (entity === undefined) throw new Error(`${uniqueId} is not there`);
	return entity.entity_id;
}

/** Calls an action as a card of a dashboard does. */
async function act(domain: string, service: string, uniqueId: string, data: object = {}): Promise<void> {
	const target = { entity_id: await entityId(uniqueId) };
	await house.homeAssistant.api().command("call_service", { domain, service, service_data: data, target });
}

/** Does something and waits until Home Assistant shows what the battery then says, in time. */
async function readBack(what: string, act: () => Promise<void>, shows: () => Promise<boolean>, limitMs = READ_BACK_MS): Promise<void> {
	const startedAt = performance.now();
	await act();
	await eventually(what, shows, 10_000);
	const ms = Math.round(performance.now() - startedAt);
	console.log(`${what}: shown after ${ms} ms`);
	tally.holds("command", `${what}: within ${limitMs} ms, not ${ms} ms`, ms < limitMs);
}

const lastCommand = async () => (await stateOf(house, `${cabled}_last_command`)).state;

test("only the pack with the cable can be commanded, and what reaches deeper is off until its owner wants it", async () => {
	const entities = await house.homeAssistant.api().entities();
	for (const announcement of announcements(house)) {
		const [uid = ""] = announcement.dev.ids;
		const commanded = announcedEntities(announcement).filter(({ p }) => ["switch", "number", "select", "button"].includes(p));
		tally.holds(
			"command",
			`${announcement.dev.name}: ${commanded.length} commands`,
			uid === cabled ? commanded.length > 60 : commanded.length === 0,
		);
		for (const { unique_id } of commanded) {
			const entity = entities.find((row) => row.unique_id === unique_id);
			const isComfort = /_set_(buzzer|led_alarm|sync_clock)$/.test(unique_id);
			tally.equal("command", `${unique_id} is off at first`, entity?.disabled_by ?? null, isComfort ? null : "integration");
			tally.equal("command", `${unique_id}: category`, entity?.entity_category, "config");
		}
	}
});

test.each(["turn_on", "turn_off"])("the buzzer: %s, shown as read back in time", async (service) => {
	const wanted = service === "turn_on" ? "on" : "off";
	const buzzer = `${cabled}_set_buzzer`;
	await readBack(
		`the buzzer is ${wanted}`,
		() => act("switch", service, buzzer),
		async () => (await stateOf(house, buzzer)).state === wanted,
	);
	const { packs } = (await house.server.json("/api/bank")) as { packs: { status: { value: { states: { buzzerEnabled: boolean } } } }[] };
	tally.equal("command", "the battery says the same", packs[0]?.status.value.states.buzzerEnabled, wanted === "on");
	await eventually("it is told as done", async () => (await lastCommand()) === "ok", 5000);
});

test("the clock is set by a button", async () => {
	await act("button", "press", `${cabled}_set_sync_clock`);
	await eventually("it is told as done", async () => {
		const { state, attributes } = await stateOf(house, `${cabled}_last_command`);
		return state === "ok" && attributes.command === "sync_clock";
	});
	tally.holds("command", "the clock was set", true);
});

test("a limit and the inverter protocol: refused without the password, unavailable until it is typed, then written and read back", async () => {
	const api = house.homeAssistant.api();
	const number = `${cabled}_set_cell_overvoltage_alarm`;
	const bank = announcements(house).find(({ dev }) => dev.via_device === undefined)?.dev.ids[0] ?? "";
	const select = `${cabled}_set_inverter_protocol_can`;
	for (const uniqueId of [number, select, `${bank}_arm_parameter`])
		await api.command("config/entity_registry/update", { entity_id: await entityId(uniqueId), disabled_by: null });
	// Home Assistant loads MQTT anew some 30 s after an entity was enabled; until then it shows nothing of it.
	const field = `${bank}_arm_parameter`;
	await eventually("the field for the password is there", async () => (await stateOf(house, field)).state !== "unavailable", 90_000);
	tally.equal("command", "the limit is unavailable", (await stateOf(house, number)).state, "unavailable");
	const { status } = await house.server.post("/api/banks/bank/password", { password: PASSWORD });
	tally.equal("command", "the password is set", status, 200);
	await act("text", "set_value", field, { value: "a wrong one" });
	const bankEvents = `${bank}_events`;
	await eventually("the wrong password is refused", async () => {
		const { attributes } = await stateOf(house, bankEvents);
		return attributes.event_type === "command_rejected";
	});
	tally.equal("command", "still unavailable", (await stateOf(house, number)).state, "unavailable");
	await act("text", "set_value", field, { value: PASSWORD });
	await eventually("the limit is shown", async () => Number((await stateOf(house, number)).state) === 3.6);
	tally.equal("command", "the password is not kept as a state", (await stateOf(house, field)).state === PASSWORD, false);
	await readBack(
		"the new limit",
		() => act("number", "set_value", number, { value: 3.55 }),
		async () => Number((await stateOf(house, number)).state) === 3.55,
	);
	await eventually("it is told as done", async () => (await lastCommand()) === "ok", 5000);
	tally.holds("command", "the limit was written", true);
	await act("number", "set_value", number, { value: 4.4 });
	await eventually("a limit above the protection is refused", async () => (await lastCommand()) === "rejected");
	tally.equal("command", "and the old one stays", Number((await stateOf(house, number)).state), 3.55);
	await readBack(
		"the new inverter protocol",
		() => act("select", "select_option", select, { option: "Victron" }),
		async () => (await stateOf(house, select)).state === "Victron",
	);
	await eventually("it is told as done", async () => (await lastCommand()) === "ok", 5000);
}, 240_000);

test("Home Assistant's log says nothing about us", async () => {
	tally.equal("log", "complaints", await complaints(house), []);
});
