/** Runs the ordinary audit on every known-answer model. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditResult, auditLoaded, contentDummies, type Verdict } from "../audit/index.ts";
import { claim, ensureDirectory } from "../formats/index.ts";
import { type LatentModel, loadLatentModel } from "../reasoning/index.ts";
import type { OnProgress } from "../util/index.ts";
import { saveKnownModel } from "./checkpoint.ts";
import { knownExamples } from "./examples.ts";
import { type Fact, fits, type KnownModel, knownModels } from "./models.ts";

export interface SelftestOptions {
  /** Numbers of examples; 60, 200 and 1,000 if left out. */
  sizes?: readonly number[];
  models?: readonly KnownModel[];
  seed?: number;
  /** Checkpoints are kept there; without, they go to a temporary directory that is removed. */
  out?: string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

interface SelftestRow {
  model: string;
  truth: string;
  n: number;
  expected: Verdict;
  /** Number of examples from which on it must be said; with fewer it may be "inconclusive". */
  from: number | null;
  verdict: Verdict;
  reason: string;
  /** Accuracies that the truth implies and the audit did not find. */
  wrong: { intervention: string; expected: number; accuracy: number | null }[];
  passed: boolean;
}

export interface SelftestResult {
  passed: boolean;
  seconds: number;
  rows: SelftestRow[];
}

/** What every audit runs for its verdict, and the sharpest interventions of the suites, for which few examples do. */
const forVerdict = ["own", "oracle", ...contentDummies];
const ofSuites = [
  ...["shuffle", "skip", "first-repeat", "marker-repeat", "truncate(1)", "no-markers"],
  ...["knockout(slots)", "knockout(image)", "knockout(markers)"],
  ...["own-steps(0)", "own-steps(1)", "own-steps(4)", "matched-text", "image-twice", "drop-image"],
  ...["own@unseen", "other-own@unseen"],
];

/** With more examples, only the interventions of the verdict are run: the others would take minutes and show nothing new. */
const FEW = 200;

/** Four standard errors, and half a point for colors that the noise of pixels shifts. */
const tolerance = (accuracy: number, n: number): number =>
  4 * Math.sqrt((accuracy * (1 - accuracy)) / n) + 0.005;

/** Facts that an audit contradicts. */
function contradicted(
  facts: readonly Fact[],
  { n, interventions: found }: AuditResult,
): SelftestRow["wrong"] {
  const run = n <= FEW ? facts : facts.filter(({ intervention }) => forVerdict.includes(intervention));
  return run.flatMap(({ intervention, accuracy: expected }) => {
    const accuracy = found[intervention]?.accuracy ?? null;
    const fits = accuracy !== null && Math.abs(accuracy - expected) <= tolerance(expected, n);
    return fits ? [] : [{ intervention, expected, accuracy }];
  });
}

/** Throws "usage" where a directory that a model is to be kept in holds anything else. */
async function claimModel(path: string, { name, truth }: KnownModel): Promise<void> {
  const what = `the known-answer model ${name}`;
  await claim(await ensureDirectory(path), {
    kind: "selftest-model",
    what,
    inputs: { model: { name, truth } },
  });
}

/** Writes every model as a checkpoint, loads it, and does something with it at each size. */
export async function eachKnownModel(
  { sizes = [], models = knownModels, out, onProgress, signal }: SelftestOptions,
  work: (model: LatentModel, known: KnownModel, n: number) => Promise<void>,
): Promise<void> {
  const directory = out ?? (await mkdtemp(join(tmpdir(), "lintel-selftest-")));
  const total = models.length * sizes.length;
  let done = 0;
  try {
    for (const known of models) {
      const path = join(directory, known.name);
      if (out !== undefined) await claimModel(path, known);
      await saveKnownModel(path, known);
      const model = await loadLatentModel(path, { threads: 1, everyHidden: "last" });
      try {
        for (const n of sizes) {
          signal?.throwIfAborted();
          onProgress?.({ label: "selftest", done, total, unit: "audits", note: known.name });
          await work(model, known, n);
          done++;
        }
      } finally {
        await model.network.release();
      }
    }
  } finally {
    if (out === undefined) await rm(directory, { recursive: true, force: true });
  }
  onProgress?.({ label: "selftest", done: total, total, unit: "audits" });
}

/**
 * Audits every known-answer model at several numbers of examples and holds verdicts and accuracies against the truth.
 * The models are written as checkpoints and loaded again; nothing is replaced by a stand-in.
 *
 * @example
 * const { passed } = await selftest({ sizes: [60], models: knownModels.slice(0, 1) });
 * passed; // true
 */
export async function selftest(options: SelftestOptions = {}): Promise<SelftestResult> {
  const { sizes = [60, 200, 1000], seed = 0, signal } = options;
  const started = performance.now();
  const rows: SelftestRow[] = [];
  await eachKnownModel({ ...options, sizes }, async (model, known, n) => {
    const result = await auditLoaded(
      model,
      { examples: knownExamples(n, known.clear, seed, known.helper) },
      {
        interventions: n <= FEW ? [...forVerdict, ...ofSuites] : forVerdict,
        seed,
        model: { name: known.name },
        signal,
      },
    );
    const wrong = contradicted(known.facts, result);
    const { conclusion: expected, from } = known.verdict;
    rows.push({
      model: known.name,
      truth: known.truth,
      n,
      expected,
      from,
      verdict: result.verdict,
      reason: result.verdictReason ?? "",
      wrong,
      passed: fits(known.verdict, n, result.verdict) && wrong.length === 0,
    });
  });
  const seconds = (performance.now() - started) / 1000;
  return { passed: rows.every(({ passed }) => passed), seconds, rows };
}
