/** One injected logger; namespaces by layer ("bms:bus", "discovery"). */
export interface Logger {
	/** Frames and other things nobody wants unless asked; the text is built only when it is wanted. */
	trace(text: () => string): void;
	info(text: string): void;
	warn(text: string): void;
	error(text: string): void;
	/** The same logger with a longer namespace. */
	child(namespace: string): Logger;
}

/** Swallows everything. */
export const silentLogger: Logger = {
	trace() {},
	info() {},
	warn() {},
	error() {},
	child: () => silentLogger,
};

/** Writes lines `time level namespace text`; trace only when `trace` is set. */
export function createConsoleLogger(options: { namespace?: string; trace?: boolean; write?: (line: string) => void } = {}): Logger {
	const { namespace = "rack-battery", trace = false, write = (line) => process.stderr.write(`${line}\n`) } = options;
	const log = (level: string, text: string) => write(`${new Date().toISOString()} ${level} [${namespace}] ${text}`);
	return {
		trace: (text) => {
			if (trace) log("trace", text());
		},
		info: (text) => log("info", text),
		warn: (text) => log("warn", text),
		error: (text) => log("error", text),
		child: (name) => createConsoleLogger({ namespace: `${namespace}:${name}`, trace, write }),
	};
}
