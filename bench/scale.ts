/**
 * How processor time and memory of commands grow with the number of examples:
 *   npm run bench:scale [-- --sizes 1000,10000,100000] [--commands generate,audit]
 * Every command runs in a process of its own, on tetris at pocket size, the audit under `own` and `zeros`. `judge`, `report` and
 * `explore` read an audit of 1,000 examples, repeated under other ids (scale/made-audit.ts): nothing that
 * they do depends on a model; "report of a study" reads a smoke study of 5 models, repeated under other names to 10 and 100
 * (scale/made-study.ts). One JSON line for each command and size: { bench, case, n, seconds, cpuSeconds, peakMiB }; then one
 * for each command: { bench, case, sizes, exponent, growthMiB }, of which `exponent` is that of processor time between the two
 * largest sizes, and `growthMiB` what memory grew by. `npm run bench:page` writes docs/scale.md from them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { unknownName } from "../src/util/index.ts";
import { report } from "./history.ts";
import { type Measured, summaryOf } from "./scale/growth.ts";
import { makeAudit } from "./scale/made-audit.ts";
import { makeStudy } from "./scale/made-study.ts";

const program = fileURLToPath(new URL("../bin/lintel.js", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "lintel-bench-scale-"));
/** Milliseconds between two looks at a process. */
const LOOK = 20;

/** Ticks of a second in /proc, on Linux everywhere. */
const TICKS = 100;

/** Starts a command, with the highest memory and the processor time that it was seen to take. */
function start(argv: readonly string[]): {
  child: ChildProcess;
  taken: () => Pick<Measured, "peakMiB" | "cpuSeconds">;
} {
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: scratch,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [peak, ticks] = [0, 0];
  const look = (): void => {
    try {
      // The kernel keeps both, so only what is taken after the last look is missed.
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
      // Behind the name, which may hold anything: user and system time of the process, and of its children.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      ticks = Math.max(
        ticks,
        fields
          .slice(11, 15)
          .map(Number)
          .reduce((sum, each) => sum + each, 0),
      );
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, LOOK);
  child.once("exit", () => clearInterval(timer));
  return {
    child,
    taken() {
      look();
      return { peakMiB: Math.round(peak), cpuSeconds: ticks / TICKS };
    },
  };
}

/** Seconds and peak memory of a command. */
async function run(...argv: string[]): Promise<Omit<Measured, "n">> {
  const began = performance.now();
  const { child, taken } = start(argv);
  let said = "";
  child.stderr!.on("data", (bytes) => {
    said = (said + bytes).slice(-2000);
  });
  child.stdout!.resume();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`lintel ${argv.join(" ")} ended with ${code}: ${said}`);
  return { seconds: (performance.now() - began) / 1000, ...taken() };
}

/** The same until a server has given its page and the contents of a run. */
async function open(...argv: string[]): Promise<Omit<Measured, "n">> {
  const began = performance.now();
  const { child, taken } = start(["explore", ...argv]);
  child.stderr!.resume();
  const [url] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const page = await fetch(url);
  if (!page.ok) throw new Error(`explore answered ${page.status}`);
  await page.arrayBuffer();
  const seconds = (performance.now() - began) / 1000;
  const found = taken();
  child.kill("SIGTERM");
  await once(child, "close");
  return { seconds, ...found };
}

/** Bytes of a page, at most. */
const LARGEST_PAGE = 5_000_000;
/** Examples of the audit that larger ones are made of. */
const MADE_FROM = 1000;
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
  judge: (n) => run("judge", join(at("made", n), "outcomes.jsonl"), "--out", at("judged", n)),
  report: (n) => run("report", at("made", n)),
  // `n`: models of a study, at most 100.
  "report of a study": async (n) => {
    await makeStudy(join(scratch, "study"), at("study", n), n);
    const measured = await run("report", at("study", n));
    const bytes = statSync(join(at("study", n), "report.html")).size;
    if (bytes > LARGEST_PAGE) throw new Error(`a report of ${n} models has ${bytes} bytes`);
    return { ...measured, bytes };
  },
  // As a judgment leaves it, with its index.
  explore: (n) => open(at("judged", n)),
};
const onMade = ["judge", "report", "explore"];
/** Models of the studies whose reports are measured. */
const MODELS = [10, 100];
/** What a command finds there because another has made it. */
const needs: Readonly<Record<string, readonly string[]>> = {
  inform: ["generate"],
  audit: ["generate"],
  explore: ["judge"],
};

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,100000" },
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
  const makes = onMade.some((name) => wanted.has(name));
  if (wanted.has("audit") || makes) {
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
  if (makes) {
    await commands.generate!(MADE_FROM);
    await commands.audit!(MADE_FROM);
  }
  if (wanted.has("report of a study")) await run("study", "smoke", "--out", join(scratch, "study"));
  for (const n of new Set([...MODELS.filter(() => wanted.has("report of a study")), ...sizes])) {
    if (makes && sizes.includes(n)) await makeAudit(at("audit", MADE_FROM), at("made", n), n);
    for (const [name, measure] of Object.entries(commands)) {
      if (!wanted.has(name) || !(name === "report of a study" ? MODELS : sizes).includes(n)) continue;
      const measured = { n, ...(await measure(n)) };
      if (!chosen.includes(name)) continue;
      found.set(name, [...(found.get(name) ?? []), measured]);
      report({ bench: "scale", case: name, ...measured });
    }
    for (const what of ["data", "inform", "audit", "made", "judged", "study"])
      if (n !== MADE_FROM) rmSync(at(what, n), { recursive: true, force: true });
  }
  for (const [name, lines] of found)
    if (lines.length > 1) report({ bench: "scale", case: name, ...summaryOf(lines) });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
