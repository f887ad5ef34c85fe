// Counts the source lines of each room (tests and fixtures not counted) and fails above the budget:
//   node scripts/check-lines.mjs
// New features may raise the budget; say so in the commit.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The most lines that `src` may have. */
export const BUDGET = 96_000;

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

/** Lines of each room's sources; `files` maps a path below src to its text. */
export function linesByRoom(files) {
  const rooms = new Map();
  for (const [path, text] of Object.entries(files)) {
    if (!/\.ts$/.test(path) || /\.(test|fixture)\.ts$/.test(path)) continue;
    const room = path.includes("/") ? path.split("/")[0] : "(entry)";
    rooms.set(room, (rooms.get(room) ?? 0) + text.split("\n").length - 1);
  }
  return rooms;
}

function main() {
  const paths = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(src.length + 1));
  const rooms = linesByRoom(
    Object.fromEntries(paths.map((path) => [path, readFileSync(join(src, path), "utf8")])),
  );
  const total = [...rooms.values()].reduce((sum, lines) => sum + lines, 0);
  const rows = [...rooms].sort(([, a], [, b]) => b - a).map(([room, lines]) => `${room} ${lines}`);
  console.log(`lines: ${total} of ${BUDGET} (${rows.join(", ")})`);
  if (total > BUDGET)
    console.error(`lines: ${total - BUDGET} lines above the budget of scripts/check-lines.mjs`);
  process.exitCode = total > BUDGET ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
