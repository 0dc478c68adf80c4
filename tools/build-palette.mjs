// Builds dist/palette, the package that installs into anybody's Node-RED: src/index.ts becomes one library that
// all nodes share, every folder of nodes/ becomes a node. CommonJS, because Node-RED 4.1 loads nodes by require.
// A new node is one folder; its package entry, icons, locales and examples follow from what is in it.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transformSync } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const nodesFolder = join(root, "nodes");
const editorFolder = join(nodesFolder, "lib", "editor");
const target = process.argv[2] ?? join(root, "dist", "palette");
/** Built beside the old one, which stays when this fails. */
const palette = `${target}.fresh`;

/** Loaded only when it is asked for; the palette runs without it where it has no native part. */
const OPTIONAL = ["serialport"];
/** Left to the server: without it the palette says that a modem line RI is unknown. */
const NOT_BROUGHT = ["koffi"];
/** The server's: a palette must not bring a second Node-RED, nor a server. */
const FORBIDDEN = ["node-red", "express", "aedes"];
const MOST_DEPENDENCIES = 6;

const names = readdirSync(nodesFolder)
	.filter((name) => existsSync(join(nodesFolder, name, `${name}.ts`)))
	.sort();

const options = {
	bundle: true,
	platform: "node",
	format: "cjs",
	target: "node20.19",
	packages: "external",
	charset: "utf8",
	legalComments: "none",
	logLevel: "silent",
	metafile: true,
	absWorkingDir: root,
};

/** Nodes take the library from beside them, so that they share one copy of its classes; nothing else of src. */
const sharedLibrary = {
	name: "shared-library",
	setup(setup) {
		setup.onResolve({ filter: /\/src\// }, ({ path, importer }) => {
			if (path.endsWith("/src/index.ts")) return { path: "../../lib/rack-battery.js", external: true };
			return { errors: [{ text: `${relative(root, importer)} imports ${path}: nodes import src/index.ts only` }] };
		});
	},
};

async function bundle(entry, outfile, plugins = []) {
	const result = await build({ ...options, entryPoints: [entry], outfile, plugins });
	if (result.warnings.length > 0) throw new Error(result.warnings.map(({ text }) => `${entry}: ${text}`).join("\n"));
	return Object.values(result.metafile.outputs).flatMap((output) =>
		output.imports.filter(({ external }) => external).map(({ path }) => path),
	);
}

/** What a module of tools/ exports. It reads TypeScript tables, which this Node may not be able to load by itself. */
async function exportsOf(module) {
	const { outputFiles } = await build({ ...options, format: "esm", entryPoints: [join(root, "tools", module)], write: false });
	return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

const { withSettingRows } = await exportsOf("form-rows.ts");
/** Parts that follow from tables, by name. */
const tableParts = (await exportsOf("command-form.ts")).commandFormParts();

/** A part of nodes/lib/editor/, or one that follows from tables, as the browser takes it, without what only a module may say. */
function sharedPart(name) {
	if (Object.hasOwn(tableParts, name)) return tableParts[name];
	const text = readFileSync(join(editorFolder, name), "utf8");
	if (!name.endsWith(".ts")) return text;
	const { code } = transformSync(text, { loader: "ts", target: "es2020", charset: "utf8" });
	return code.replace(/^export /gm, "");
}

/**
 * A node's editor part with what it shares with others written in, at each line `shared: <file of nodes/lib/editor/>` that is a
 * comment. Written in, and not loaded by the page: whichever node's editor part comes first, it has all it needs.
 */
function withSharedParts(html) {
	return html.replace(/^([ \t]*)(?:<!--|\/\/|\/\*) shared: ([\w.-]+)(?: -->| \*\/)?$/gm, (_line, indent, name) => {
		const part = sharedPart(name).trimEnd();
		return part.replace(/^(?=.)/gm, indent);
	});
}

/** Files of a node, its editor part made whole; its examples go to the package's own folder. */
function copyFiles(name) {
	const from = join(nodesFolder, name);
	const to = join(palette, "nodes", name);
	const editorPart = readFileSync(join(from, `${name}.html`), "utf8");
	writeFileSync(join(to, `${name}.html`), withSharedParts(withSettingRows(name, editorPart)));
	for (const file of ["locales", "icons"]) {
		if (existsSync(join(from, file))) cpSync(join(from, file), join(to, file), { recursive: true });
	}
	if (existsSync(join(from, "examples"))) cpSync(join(from, "examples"), join(palette, "examples"), { recursive: true });
}

/** The server's flows for a Node-RED without that server: its bank becomes a simulated one, its broker one to fill in. */
function asExample(node, number) {
	if (node.type === "rack-battery" && node.source === "server") return { ...node, source: "simulator", bankId: `example-${number}` };
	if (node.type === "rack-battery-discovery" && node.broker === "server") return { ...node, broker: "own", url: "mqtt://localhost:1883" };
	return node;
}

/** In the server all flows share their configurations; examples stand alone, so each brings its own. */
function withOwnConfigurations(nodes) {
	const tab = nodes.find(({ type }) => type === "tab").id;
	const shared = nodes.filter(({ id, z }) => z === undefined && id !== tab);
	const text = shared.reduce((json, { id }, index) => json.replaceAll(id, `${tab.slice(0, -2)}f${index}`), JSON.stringify(nodes));
	return JSON.parse(text);
}

function copyFlows() {
	const folder = join(root, "flows");
	mkdirSync(join(palette, "examples"), { recursive: true });
	for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
		const nodes = withOwnConfigurations(JSON.parse(readFileSync(join(folder, file), "utf8")));
		const flow = nodes.map((node) => asExample(node, Number.parseInt(file, 10)));
		writeFileSync(join(palette, "examples", file), `${JSON.stringify(flow, null, 2)}\n`);
	}
}

const packageOf = (path) =>
	path
		.split("/")
		.slice(0, path.startsWith("@") ? 2 : 1)
		.join("/");

/** The packages the bundles ask for, with the versions of the root package. */
function dependenciesOf(imports, manifest) {
	const packages = [...new Set(imports.filter((path) => !path.startsWith(".") && !path.startsWith("node:")).map(packageOf))]
		.filter((name) => !builtinModules.includes(name) && !NOT_BROUGHT.includes(name))
		.sort((one, other) => (one < other ? -1 : 1));
	for (const name of packages) {
		if (FORBIDDEN.includes(name)) throw new Error(`The palette must not need ${name}.`);
		if (!manifest.dependencies[name]) throw new Error(`${name} is no dependency of the root package.`);
	}
	if (packages.length > MOST_DEPENDENCIES)
		throw new Error(`The palette needs ${packages.length} packages, at most ${MOST_DEPENDENCIES} are allowed.`);
	const versions = (wanted) => Object.fromEntries(packages.filter(wanted).map((name) => [name, `^${manifest.dependencies[name]}`]));
	return {
		dependencies: versions((name) => !OPTIONAL.includes(name)),
		optionalDependencies: versions((name) => OPTIONAL.includes(name)),
	};
}

function manifestOf(imports) {
	const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
	const { version, license, author, repository, bugs, homepage } = manifest;
	return {
		name: "node-red-contrib-rack-battery",
		version,
		description:
			"Node-RED nodes for 48 V / 51.2 V LiFePO4 rack batteries with the PACE Smart BMS: telemetry, alarms and Home Assistant, read over RS232 or a network gateway.",
		license,
		author,
		repository,
		bugs,
		homepage,
		keywords: ["node-red", "battery", "bms", "pace", "lifepo4", "rs232", "mqtt", "home-assistant"],
		engines: { node: ">=20.19" },
		"node-red": { version: ">=4.1.0", nodes: Object.fromEntries(names.map((name) => [name, `nodes/${name}/${name}.js`])) },
		files: ["lib", "nodes", "examples", "README.md", "LICENSE"],
		...dependenciesOf(imports, manifest),
	};
}

rmSync(palette, { recursive: true, force: true });
mkdirSync(palette, { recursive: true });
const imports = await bundle(join(root, "src", "index.ts"), join(palette, "lib", "rack-battery.js"));
for (const name of names) {
	const entry = join(nodesFolder, name, `${name}.ts`);
	imports.push(...(await bundle(entry, join(palette, "nodes", name, `${name}.js`), [sharedLibrary])));
	copyFiles(name);
}
copyFlows();
cpSync(join(nodesFolder, "README.md"), join(palette, "README.md"));
cpSync(join(root, "LICENSE"), join(palette, "LICENSE"));
writeFileSync(join(palette, "package.json"), `${JSON.stringify(manifestOf(imports), null, 2)}\n`);
rmSync(target, { recursive: true, force: true });
renameSync(palette, target);
process.stdout.write(`${relative(root, target).split(sep).join("/")}: ${names.length} nodes\n`);
