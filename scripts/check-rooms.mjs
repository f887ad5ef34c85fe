// Checks the rules of the house on the files that git tracks or would track: see docs/architecture.md.
//   node scripts/check-rooms.mjs
// Prints one line per violation and exits with 1 if there is any.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** From top to bottom; imports point down. */
export const rooms = [
  "cli",
  "explorer",
  "report",
  "study",
  "selftest",
  "inform",
  "audit",
  "training",
  "reasoning",
  "families",
  "qwen",
  "tasks",
  "hub",
  "engine",
  "nn",
  "graph",
  "statistics",
  "numeric",
  "formats",
  "util",
];

const LONGEST = 400;

/** Source files that one folder may hold, tests not counted. */
const LARGEST = 25;

/** Every operator is one file beside its registry, and gradients are written with each other's operators. */
const FLAT = ["src/graph/operators"];

/** Pieces are put together here so that this file does not trip its own check. */
const machine = [
  ["", "work", "main"].join("/"),
  ["", "work", "shared"].join("/"),
  ["", "root", ""].join("/"),
];
const registryHost = new RegExp(`\\b(?:${"regis"}${"try"}|npm)\\.[\\w-]+\\.(?:org|com|net|io|dev)\\b`);

const isTest = (path) => /\.(test|fixture)\.tsx?$/.test(path);

/** The room of a path under src; null for src/index.ts, which stands above all rooms. */
function roomOf(path) {
  const [, room, rest] = path.split("/");
  return rest === undefined ? null : room;
}

function checkImport(path, specifier) {
  const package_ = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const from = roomOf(path);
  if (package_ === "onnxruntime-node" && from !== "graph")
    return "only src/graph may import onnxruntime-node";
  if (!specifier.startsWith(".")) return null;
  if (!/\.(ts|tsx|css|json)$/.test(specifier)) return `import of "${specifier}" without .ts`;
  if (isTest(path)) return null;
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith("src/")) return `import of "${specifier}" from outside src`;
  if (isTest(target)) return `import of the test file "${specifier}"`;
  const to = roomOf(target);
  if (to === from) return null;
  if (to === null) return "rooms may not import the package's entry";
  if (!rooms.includes(to)) return `import of the unknown room "${to}"`;
  if (target !== `src/${to}/index.ts`)
    return `import of "${specifier}": rooms are entered through ${to}/index.ts`;
  if (from !== null && rooms.indexOf(to) <= rooms.indexOf(from)) {
    return `import of "${specifier}" points up: ${to} lies above ${from}`;
  }
  return null;
}

/** Violations of the rules for one source file under src. */
export function checkSource(path, text) {
  const found = [];
  const from = roomOf(path);
  if (from !== null && !rooms.includes(from)) found.push(`unknown room "${from}"`);
  const lines = text.split("\n").length - 1;
  if (!isTest(path) && lines > LONGEST) found.push(`${lines} lines; ${LONGEST} are the limit`);
  for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
    const wrong = checkImport(path, fileName);
    if (wrong) found.push(wrong);
  }
  return found.map((wrong) => `${path}: ${wrong}`);
}

/**
 * Violations of the rules for the tree under src as a whole: rooms that are missing or unknown, folders with too many files,
 * and groups of files that import each other in a circle, types included.
 *
 * @param {Record<string, string>} texts text by path, of every file under src
 * @param {string[]} list rooms from top to bottom
 */
export function checkTree(texts, list = rooms) {
  const paths = Object.keys(texts).filter((path) => /^src\/.*\.tsx?$/.test(path) && !isTest(path));
  const present = new Set(paths.map(roomOf).filter((room) => room !== null));
  const found = list.filter((room) => !present.has(room)).map((room) => `src/${room}: is listed but missing`);
  for (const folder of new Set(paths.map((path) => posix.dirname(path)))) {
    const count = paths.filter((path) => posix.dirname(path) === folder).length;
    if (count > LARGEST && !FLAT.includes(folder))
      found.push(`${folder}: ${count} source files in one folder; ${LARGEST} are the limit`);
  }
  const imports = new Map(
    paths.map((path) => {
      const targets = ts
        .preProcessFile(texts[path], true, true)
        .importedFiles.map(({ fileName }) => posix.join(posix.dirname(path), fileName));
      return [path, targets.filter((target) => target in texts && !FLAT.includes(posix.dirname(target)))];
    }),
  );
  for (const circle of circlesOf(imports)) found.push(`circle of imports: ${circle.sort().join(" ")}`);
  return found;
}

/** Strongly connected components of more than one file (Tarjan, SIAM J. Comput. 1972). */
function circlesOf(imports) {
  const index = new Map();
  const lowest = new Map();
  const stack = [];
  const circles = [];
  const visit = (path) => {
    index.set(path, index.size);
    lowest.set(path, index.get(path));
    stack.push(path);
    for (const target of imports.get(path) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) lowest.set(path, Math.min(lowest.get(path), lowest.get(target)));
    }
    if (lowest.get(path) !== index.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    if (circle.length > 1) circles.push(circle);
  };
  for (const path of imports.keys()) if (!index.has(path)) visit(path);
  return circles;
}

/** Traces of the machine or the registry that a file was made with: they mean nothing elsewhere. */
export function checkTraces(path, text) {
  const found = [];
  for (const [index, line] of text.split("\n").entries()) {
    const trace = machine.find((each) => line.includes(each)) ?? line.match(registryHost)?.[0];
    if (trace) found.push(`${path}:${index + 1}: mentions "${trace}"`);
  }
  if (path.endsWith("package-lock.json") && text.includes('"resolved":')) {
    found.push(`${path}: "resolved" addresses; every client knows its own registry`);
  }
  return found;
}

function main() {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const paths = execFileSync("git", list, { cwd: root }).toString().split("\0").filter(Boolean);
  const found = [];
  const source = {};
  for (const path of [...new Set(paths)].sort()) {
    let bytes;
    try {
      bytes = readFileSync(join(root, path));
    } catch (error) {
      if (error.code === "ENOENT") continue; // deleted, not yet committed
      throw error;
    }
    if (bytes.includes(0)) continue; // no text
    const text = bytes.toString("utf8");
    found.push(...checkTraces(path, text));
    if (!/^src\/.*\.tsx?$/.test(path)) continue;
    source[path] = text;
    found.push(...checkSource(path, text));
  }
  found.push(...checkTree(source));
  for (const line of found) console.log(line);
  console.log(`rooms: ${paths.length} files, ${found.length} violations`);
  process.exit(found.length > 0 ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
