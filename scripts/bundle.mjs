// Bundles the command line into dist/bundle: few files, so that it starts quickly and with few file descriptors. The library
// (dist/index.js) stays as it is.
//   node scripts/bundle.mjs
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dir = join(root, "dist", "bundle");
const workers = ["graph/session-worker", "tasks/paint-worker"];
/** Files that start a worker, which stands beside the bundle. */
const startWorkers = ["graph/remote-session.ts", "tasks/parallel.ts"].map((file) => join(root, "src", file));
const natives = ["onnxruntime-node", "sharp", "undici"];

/** Files that are found from where a module stands are found from where it stood in dist/. */
const whereItStood = {
  name: "where-it-stood",
  transform(code, id) {
    if (!id.startsWith(join(root, "src")) || startWorkers.includes(id) || !code.includes("import.meta.url"))
      return null;
    const stood = relative(join(root, "src"), id).replace(/\.ts$/, ".js");
    return code.replaceAll("import.meta.url", `new URL("../${stood}", import.meta.url).href`);
  },
};

const packageOf = (id) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? null;
/** Packages of one command or file format, which others need not load. */
const apart = [
  ["arrow", /^(apache-arrow|flatbuffers|tslib|@swc)$/],
  ["server", /^(hono|@hono\/.*)$/],
  ["tar", /^(tar-stream|streamx|b4a|fast-fifo|text-decoder|bare-.*|events-universal|queue-tick)$/],
];
const reports =
  /^(@observablehq\/.*|d3.*|linkedom|htmlparser2|entities|dom.*|css.*|internmap|interval-tree-1d|binary-search-bounds|isoformat|uhyphen|html-escaper|boolbase|nth-check|delaunator|robust-predicates|cssom)$/;

const common = {
  cwd: root,
  platform: "node",
  external: natives,
  plugins: [whereItStood],
  preserveEntrySignatures: "allow-extension",
  checks: { ineffectiveDynamicImport: false },
  logLevel: "warn",
};
const files = { dir, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name].js" };
const source = (file) => join(root, "src", `${file}.ts`);

/** Writes, or only finds out, the files of the command line. `first`: modules that any command loads, which are in its first file. */
async function commandLine(first, write) {
  const groupOf = (id) => {
    if (first.has(id)) return "start";
    const name = packageOf(id);
    if (name === null) return /\/src\/(report|explorer)\//.test(id) ? "report" : "core";
    return apart.find(([, of]) => of.test(name))?.[0] ?? (reports.test(name) ? "report" : "core");
  };
  // All modules of a file's imports count, also those that nothing is taken from.
  const bundle = await rolldown({ ...common, input: { lintel: source("cli/main") }, treeshake: write });
  const codeSplitting = {
    groups: [{ name: groupOf, debugName: "purpose" }],
    includeDependenciesRecursively: false,
  };
  const { output } = await (write
    ? bundle.write({ ...files, codeSplitting, strictExecutionOrder: true })
    : bundle.generate(files));
  await bundle.close();
  return output;
}

/** Modules that are loaded before any command runs: those of the first file, and of what it imports at once. */
function loadedFirst(output) {
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const names = new Set(["lintel.js"]);
  for (const name of names) for (const each of chunks.get(name)?.imports ?? []) names.add(each);
  return new Set([...names].flatMap((name) => chunks.get(name)?.moduleIds ?? []));
}

/** Licenses of the packages that stand in the bundle. */
function notices(modules) {
  const packages = [
    ...new Set(modules.map((id) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]).filter(Boolean)),
  ];
  return packages
    .sort()
    .map((at) => {
      const { name, version, license } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
      const file = readdirSync(at).find((each) => /^licen[sc]e/i.test(each));
      return `${name} ${version} (${license})\n${file ? readFileSync(join(at, file), "utf8") : ""}`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

rmSync(dir, { recursive: true, force: true });
const modules = [];
for (const chunk of await commandLine(loadedFirst(await commandLine(new Set(), false)), true)) {
  modules.push(...(chunk.moduleIds ?? []));
  if (process.env.LINTEL_DEBUG === "1")
    console.log(chunk.fileName, chunk.code.length, chunk.imports.join(" "));
}
for (const worker of workers) {
  const bundle = await rolldown({ ...common, input: { [worker.split("/")[1]]: source(worker) } });
  const { output } = await bundle.write({ ...files, codeSplitting: false });
  modules.push(...output.flatMap(({ moduleIds = [] }) => moduleIds));
  await bundle.close();
}
writeFileSync(join(dir, "LICENSES.txt"), notices(modules));
