/**
 * How time and memory of commands grow with the number of examples:
 *   npm run bench:scale [-- --sizes 1000,10000,100000] [--commands generate,audit]
 * Every command runs in a process of its own, on tetris at pocket size, the audit under `own` and `zeros`. One JSON line for
 * each command and size: { bench, case, n, seconds, peakMiB }; then one for each command: { bench, case, sizes, exponent,
 * growthMiB }, of which `exponent` is that of time between the two largest sizes, and `growthMiB` what memory grew by.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { unknownName } from "../src/util/index.ts";
import { report } from "./history.ts";
import { type Measured, summaryOf } from "./scale/growth.ts";

const program = fileURLToPath(new URL("../bin/lintel.js", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "lintel-bench-scale-"));
/** Milliseconds between two looks at a process's memory. */
const LOOK = 20;

/** Starts a command, with the highest memory that it was seen to take. */
function start(argv: readonly string[]): { child: ChildProcess; peakMiB: () => number } {
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: scratch,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let peak = 0;
  const look = setInterval(() => {
    try {
      // The kernel keeps the highest value, so only what is reached in the last look's time is missed.
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  }, LOOK);
  child.once("exit", () => clearInterval(look));
  return { child, peakMiB: () => Math.round(peak) };
}

/** Seconds and peak memory of a command. */
async function run(...argv: string[]): Promise<Omit<Measured, "n">> {
  const began = performance.now();
  const { child, peakMiB } = start(argv);
  let said = "";
  child.stderr!.on("data", (bytes) => {
    said = (said + bytes).slice(-2000);
  });
  child.stdout!.resume();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`lintel ${argv.join(" ")} ended with ${code}: ${said}`);
  return { seconds: (performance.now() - began) / 1000, peakMiB: peakMiB() };
}

/** The same until a server has given its page and the contents of a run. */
async function open(...argv: string[]): Promise<Omit<Measured, "n">> {
  const began = performance.now();
  const { child, peakMiB } = start(["explore", ...argv]);
  child.stderr!.resume();
  const [url] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const page = await fetch(url);
  if (!page.ok) throw new Error(`explore answered ${page.status}`);
  await page.arrayBuffer();
  const seconds = (performance.now() - began) / 1000;
  child.kill("SIGTERM");
  await once(child, "close");
  return { seconds, peakMiB: peakMiB() };
}

const at = (what: string, n: number): string => join(scratch, `${what}-${n}`);
const pocket = ["--set", "rendering=pocket"];

/** Commands in an order in which each finds what it needs. */
const commands: Record<string, (n: number) => Promise<Omit<Measured, "n">>> = {
  generate: (n) =>
    run(
      "generate",
      "tetris",
      "--out",
      at("data", n),
      "--train",
      "8",
      "--eval",
      String(n),
      "--held-out",
      "0",
      ...pocket,
    ),
  inform: (n) =>
    run("inform", at("data", n), "--split", "eval", "--limit", String(n), "--out", at("inform", n)),
  audit: (n) =>
    run(
      "audit",
      "--model",
      join(scratch, "model"),
      "--data",
      at("data", n),
      "--out",
      at("audit", n),
      "--interventions",
      "own,zeros",
    ),
  judge: (n) => run("judge", join(at("audit", n), "outcomes.jsonl"), "--out", at("judged", n)),
  report: (n) => run("report", at("audit", n)),
  explore: (n) => open(at("audit", n)),
};
/** What a command finds there because another has made it. */
const needs: Readonly<Record<string, readonly string[]>> = {
  inform: ["generate"],
  audit: ["generate"],
  judge: ["generate", "audit"],
  report: ["generate", "audit"],
  explore: ["generate", "audit"],
};

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000" },
    commands: { type: "string", default: Object.keys(commands).join(",") },
  },
});
const sizes = values.sizes.split(",").map(Number);
const chosen = values.commands.split(",");
for (const name of chosen)
  if (!Object.hasOwn(commands, name)) {
    console.error(`bench:scale: ${unknownName("command", name, Object.keys(commands)).message}`);
    process.exit(2);
  }

const wanted = new Set(chosen.flatMap((name) => [...(needs[name] ?? []), name]));
const found = new Map<string, Measured[]>();
try {
  if (wanted.has("audit")) {
    const small = join(scratch, "training");
    await run(
      "generate",
      "tetris",
      "--out",
      small,
      "--train",
      "512",
      "--eval",
      "50",
      "--held-out",
      "0",
      ...pocket,
    );
    await run("train", "joint", "--data", small, "--out", join(scratch, "model"), "--steps", "60");
  }
  for (const n of sizes) {
    for (const [name, measure] of Object.entries(commands)) {
      if (!wanted.has(name)) continue;
      const measured = { n, ...(await measure(n)) };
      if (!chosen.includes(name)) continue;
      found.set(name, [...(found.get(name) ?? []), measured]);
      report({ bench: "scale", case: name, ...measured });
    }
    for (const what of ["data", "inform", "audit", "judged"])
      rmSync(at(what, n), { recursive: true, force: true });
  }
  for (const [name, lines] of found)
    if (lines.length > 1) report({ bench: "scale", case: name, ...summaryOf(lines) });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
