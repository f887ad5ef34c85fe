/**
 * The pocket study against the same study written in PyTorch (study/peer.py), on the same datasets:
 *   [ROUNDS=3] npm run bench:study [-- reduced]
 * Ours is `lintel study` from an empty directory, datasets and report included, with a worker of one thread for each core that
 * is usable; theirs has as many threads, reads the datasets of our run, begins with the same weights, learns from the same
 * batches, evaluates on the way as often, and audits the same examples by generating anew under every intervention. Runs
 * alternate; the line that is printed has the median of the ratios of wall time and their range, the same of processor
 * time, how far the losses of the first steps are apart, and accuracies of both sides. `reduced`: one model, a quarter of
 * its size, with one thread on both sides. Exits with 1 where losses disagree, or something could not be measured.
 * Python: LINTEL_PYTHON, else .venv/bin/python; needs torch, transformers, pyarrow and Pillow.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultInterventions } from "../src/reasoning/index.ts";
import { batchOrder } from "../src/training/batch.ts";
import { recipeOf, trainModel } from "../src/training/index.ts";
import { trainDefaults } from "../src/training/train-options.ts";
import { lintelVersion, usableCores } from "../src/util/index.ts";
import { report } from "./history.ts";
import { pairsOf, rounds } from "./pairs.ts";
import { failed, programOf, python, timedRun } from "./processes.ts";
import { type Cell, cellName, comparison, type StudyRun } from "./study/lines.ts";

const program = programOf("study");
const lintel = fileURLToPath(new URL("../bin/lintel.js", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "lintel-bench-study-"));
const reduced = process.argv.includes("reduced");
const threads = reduced ? 1 : usableCores();
const say = (text: string): void => console.error(`bench:study: ${text}`);
const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** Initial weights of every model without a base: those of a training of one step that moves nothing. */
async function initial(run: string, cells: readonly Cell[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { task, recipe, base } of cells) {
    const out = join(scratch, "initial", task, recipe);
    await trainModel({
      ...{ recipe, out, seed: 0, steps: 1, batch: 4, learningRate: 1e-30, followExamples: 1 },
      data: join(run, "datasets", task),
      ...(base && { base: found[base]! }),
    });
    found[cellName({ task, recipe })] = out;
  }
  return found;
}

/** The lines of a training's journal that are steps. */
const lossesOf = (run: string, { task, recipe }: Cell): number[] =>
  readFileSync(join(run, "models", task, recipe, "0", "training.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { loss?: number })
    .flatMap(({ loss }) => (loss === undefined ? [] : [loss]));

let run = "";
let asked = "";

async function ours(round: number): Promise<StudyRun | { error: string }> {
  say(`round ${round + 1}: Lintel`);
  run = join(scratch, `run-${round}`);
  const preset = reduced ? program("reduced.yaml") : "pocket";
  const args = ["study", preset, "--out", run, "--workers", String(threads)];
  const done = await timedRun("Lintel", process.execPath, [lintel, ...args]);
  if (failed(done)) return done;
  const { cells } = read(join(run, "study.json")) as { cells: Cell[] };
  const found: StudyRun["cells"] = {};
  for (const cell of cells) {
    const losses = lossesOf(run, cell);
    const audits = cell.audits.map(({ split }) => {
      const path = join(run, "audits", cell.task, cell.recipe, "0", split, "audit.json");
      return [split, (read(path) as { interventions: Record<string, { accuracy: number }> }).interventions];
    });
    found[cellName(cell)] = {
      losses: [...losses.slice(0, 5), losses.at(-1)!],
      audits: Object.fromEntries(audits),
    };
  }
  return { seconds: done.seconds, cpu: done.cpu, cells: found };
}

/** What the other side is asked: written once, from our first run. */
async function request(): Promise<string> {
  const { cells } = read(join(run, "study.json")) as { cells: Cell[] };
  const orders = cells.map((cell) => {
    const { steps, batch } = { ...trainDefaults, ...cell.training };
    const { splits } = read(join(run, "datasets", cell.task, "lintel.json")) as {
      splits: Record<string, { examples: number }>;
    };
    const order = batchOrder({ count: splits.train!.examples, batch, seed: 0 });
    return [cellName(cell), Array.from({ length: steps }, (_, step) => order(step))] as const;
  });
  const out = join(scratch, "theirs");
  mkdirSync(out);
  const path = join(scratch, "asked.json");
  writeFileSync(
    path,
    JSON.stringify({
      ...{ run, threads, out },
      checkpoints: await initial(run, cells),
      orders: Object.fromEntries(orders),
      cells: cells.map((cell) => ({
        ...cell,
        training: { ...trainDefaults, ...cell.training },
        latentWeight: recipeOf(cell.recipe).latentWeight,
        audits: cell.audits.map((audit) => ({
          ...audit,
          interventions: audit.interventions ?? defaultInterventions,
          maxTokens: audit.maxTokens ?? 64,
        })),
      })),
    }),
  );
  return path;
}

async function theirs(round: number): Promise<StudyRun | { error: string }> {
  if (!asked) {
    say("initial weights");
    asked = await request();
  }
  say(`round ${round + 1}: PyTorch`);
  const done = await timedRun("PyTorch", python, [program("peer.py"), asked]);
  if (failed(done)) return done;
  const said = JSON.parse(done.stdout.trim().split("\n").at(-1)!) as StudyRun;
  return { ...said, seconds: done.seconds, cpu: done.cpu };
}

try {
  const pairs = await pairsOf(ours, theirs, rounds);
  const line = comparison({
    name: reduced ? "pocket, one model, a quarter of its size" : "pocket",
    ...{ pairs, threads, versions: { lintel: lintelVersion(), node: process.versions.node } },
  });
  report(line);
  if (line.failed || line.lossGap === null || line.lossGap > 1e-2) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
