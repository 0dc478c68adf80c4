import { afterEach, expect, test } from "vitest";
import { commandLine, startServer } from "./support/rack-battery.ts";
import { startProcess } from "./support/real-process.ts";
import { eventually, Scene } from "./support/scene.ts";

/** `rack-battery support` beside a running server whose flows keep passwords and talk about them. */

const scene = new Scene();
afterEach(() => scene.end());

const PASSWORD = "hush-of-the-server";
const TOKEN = "hush-access-token-0123";
const MQTT_PASSWORD = "hush-broker-4567";

/** Deploys, as the editor does, the flows that are there with a Home Assistant, a broker with a login, and a function that logs what it should not. */
async function deployChatter(page: string): Promise<void> {
	const login = { client_id: "node-red-admin", grant_type: "password", scope: "*", username: "admin", password: PASSWORD };
	const { access_token } = await (await fetch(`${page}/red/auth/token`, { method: "POST", body: new URLSearchParams(login) })).json();
	const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json", "node-red-api-version": "v2" };
	const { flows } = await (await fetch(`${page}/red/flows`, { headers })).json();
	const tab = flows.find(({ type }: { type: string }) => type === "tab").id;
	const func = `node.warn("token is " + env.get("TOKEN_OF_USER")); node.log("flow said ${TOKEN} and ${MQTT_PASSWORD}");`;
	const added = [
		{ id: "aa00000000000001", type: "rack-battery-ha", name: "", url: "http://127.0.0.1:9", credentials: { token: TOKEN } },
		{
			...{ id: "aa00000000000002", type: "mqtt-broker", name: "", broker: "127.0.0.1", port: "9" },
			credentials: { user: "me", password: MQTT_PASSWORD },
		},
		{ id: "aa00000000000003", type: "function", z: tab, name: "chatter", func, initialize: func, outputs: 1, x: 100, y: 900, wires: [[]] },
	];
	const deployed = await fetch(`${page}/red/flows`, { method: "POST", headers, body: JSON.stringify({ flows: [...flows, ...added] }) });
	expect(deployed.status).toBe(200);
}

test("the bundle has the log and the frames of the running server, and no secret of settings or flows", async () => {
	const folder = await scene.folder();
	const server = await startServer(scene, { env: { RACK_BATTERY_SERVER_PASSWORD: PASSWORD, TOKEN_OF_USER: TOKEN } });
	await deployChatter(server.page);
	await server.process.line(/token is/);
	const args = [commandLine, "support", "--server", server.page, "--password", PASSWORD];
	const bundle = await eventually("the line has been read", async () => {
		const running = await startProcess(process.execPath, args, { cwd: folder });
		await running.ended;
		const text = running.output();
		return (JSON.parse(text).server.recent?.banks[0]?.frames.length ?? 0) > 4 ? text : null;
	});
	const { recent } = JSON.parse(bundle).server;
	expect(recent.log).toContainEqual(expect.stringMatching(/flow said \(hidden\) and \(hidden\)/));
	expect(recent.log).toContainEqual(expect.stringMatching(/warn .*token is \(hidden\)/));
	expect(recent.log).toContainEqual(expect.stringMatching(/info .*: online/));
	// The deployment opens the line anew: the answer to what was asked before it may come first.
	const frames: readonly { readonly direction: string; readonly hex: string }[] = recent.banks[0].frames;
	for (const direction of ["sent", "received"])
		expect(frames).toContainEqual(expect.objectContaining({ direction, hex: expect.stringMatching(/^7E 32 35/) as string }));
	expect(bundle).not.toMatch(/hush/);
});
