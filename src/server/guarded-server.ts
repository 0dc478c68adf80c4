import { createServer, type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import { type GuardRules, type Refusal, refusalOf } from "./request-guard.ts";

function headersOf(refusal: Refusal, body: string, type: string): Record<string, string> {
	return {
		"Content-Type": `${type}; charset=utf-8`,
		"Content-Length": String(Buffer.byteLength(body)),
		"Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff",
		Connection: "close",
		...(refusal.status === 401 ? { "WWW-Authenticate": 'Basic realm="Rack Battery", charset="UTF-8"' } : {}),
	};
}

/** Refusals are JSON where programs ask, and plain words elsewhere. */
function answerOf(refusal: Refusal, url: string): { readonly body: string; readonly headers: Record<string, string> } {
	const { code, message } = refusal;
	const isApi = url.startsWith("/api") || url.startsWith("/healthz");
	const body = isApi ? `${JSON.stringify({ error: { code, message } })}\n` : `${message}\n`;
	return { body, headers: headersOf(refusal, body, isApi ? "application/json" : "text/plain") };
}

function refuseUpgrade(socket: Socket, refusal: Refusal, url: string): void {
	const { body, headers } = answerOf(refusal, url);
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	socket.on("error", () => socket.destroy());
	socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join("")}\r\n${body}`);
}

/**
 * An HTTP server whose every request and every upgrade passes the guard before anybody hears of it. The check
 * sits in front of the events themselves, because Node-RED adds listeners and handlers of its own.
 */
export function createGuardedServer(rules: GuardRules): Server {
	const server = createServer();
	const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean;
	const refusal = (request: IncomingMessage, isUpgrade: boolean) => {
		const { method = "GET", url = "/", headers, socket } = request;
		return refusalOf({ method, url, headers, localAddress: socket.localAddress, remoteAddress: socket.remoteAddress, isUpgrade }, rules);
	};
	server.emit = (event: string | symbol, ...args: unknown[]) => {
		if (event !== "request" && event !== "upgrade" && event !== "checkContinue" && event !== "checkExpectation")
			return emit(event, ...args);
		const [request, answer] = args as [IncomingMessage, unknown];
		const refused = refusal(request, event === "upgrade");
		if (refused === null) return emit(event, ...args);
		if (answer instanceof ServerResponse) {
			const { body, headers } = answerOf(refused, request.url ?? "/");
			answer.writeHead(refused.status, headers).end(body);
		} else if (answer instanceof Socket) {
			refuseUpgrade(answer, refused, request.url ?? "/");
		}
		return true;
	};
	return server;
}
