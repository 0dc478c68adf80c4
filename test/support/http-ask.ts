import { type IncomingHttpHeaders, request } from "node:http";

/** An answer, read to its end. */
export interface HttpAnswer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
	/** The body as JSON. */
	json(): unknown;
}

/** Asks a server of this machine with any headers, those included that a browser's fetch would not let one set. */
export function ask(
	port: number,
	path: string,
	options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<HttpAnswer> {
	const { method = "GET", headers = {}, body } = options;
	return new Promise((resolve, reject) => {
		const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				text += chunk;
			});
			response.on("error", reject);
			response.on("end", () =>
				resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) }),
			);
		});
		asked.on("error", reject);
		asked.end(body);
	});
}
