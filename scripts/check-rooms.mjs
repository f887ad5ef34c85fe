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
  "nn",
  "graph",
  "formats",
  "util",
];

const LONGEST = 400;

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
    if (/^src\/.*\.tsx?$/.test(path)) found.push(...checkSource(path, text));
  }
  for (const line of found) console.log(line);
  console.log(`rooms: ${paths.length} files, ${found.length} violations`);
  process.exit(found.length > 0 ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
