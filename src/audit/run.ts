/** Auditing one model on one split: own latents first, then every intervention from the shared prefixes. */
import { join } from "node:path";
import { ensureDirectory, openJournal, writeFileAtomic } from "../formats/index.ts";
import { requireDevice, type SessionOptions } from "../graph/index.ts";
import type { WeightForm } from "../qwen/index.ts";
import {
  type Definitions,
  type LatentModel,
  loadLatentModel,
  oraclesLacking,
  oraclesOf,
  type ResolvedIntervention,
  splitStatistics,
  withTargets,
} from "../reasoning/index.ts";
import type { Example, Skipped } from "../tasks/index.ts";
import { ensure, LintelError, type OnProgress, unknownName, withLock } from "../util/index.ts";
import { type Answering, answerBatch } from "./answer.ts";
import { askedLoop, askedOracle, auditInputs, checkAuditDirectory, keepAsked } from "./asked.ts";
import { chosenInterventions } from "./chosen.ts";
import { type Benchmark, readAudited, usableExamples } from "./examples.ts";
import { firstPass } from "./first-pass.ts";
import type { Latents } from "./geometry.ts";
import { ownBlocks } from "./latents-file.ts";
import { loopOf, oraclesMade } from "./loop.ts";
import { checkSlots, createPlanner, needs } from "./material.ts";
import { ownDistribution } from "./measurements/index.ts";
import type { ExampleOutcomes, Outcome } from "./outcomes.ts";
import type { Bench } from "./passes.ts";
import { paragraph, writeReadable } from "./readable/index.ts";
import { type ExportName, exportNames, writeSamples } from "./samples.ts";
import type { AuditResult } from "./schema.ts";
import { compareSister, sisterAnswers } from "./sister.ts";
import { slicesOf } from "./slices.ts";
import { runSuites, suiteOf } from "./suites/index.ts";
import { summarize } from "./summary.ts";
import { readableExamples } from "./vocabulary.ts";

export interface AuditOptions extends SessionOptions {
  /** Checkpoint directory. */
  model: string;
  /** Dataset directory; with `map` any file or directory that the mapping reads. */
  data: string;
  /** "eval" if left out; of a benchmark the one that is there to be tested. */
  split?: string;
  /** A field mapping by name, or a YAML file, for datasets made elsewhere (docs/benchmarks.md). */
  map?: string;
  /** With `map`: seed of the order in which options are listed; null: as they stand. Else what the mapping says. */
  shuffleOptions?: number | null;
  /** Formats of other tools that outcomes are written in beside `audit.json`. */
  exports?: readonly ExportName[];
  /** Names, with values where they have parameters: "zeros", "blend(0.5)"; without, and without suites, the default set. */
  interventions?: readonly string[];
  /** Paint the part of the input black that a helper was cut out of; all conditions are asked so. Only with `map`. */
  corruptImage?: boolean;
  /** Checkpoint directory of a model trained on the same data with words alone: an arm of its own in the result. */
  sister?: string;
  /** Interventions of a file, by name, to be used in `interventions`. */
  definitions?: Definitions;
  /** Suites that are run as well: "trt", "gradient", … */
  suites?: readonly string[];
  /** Only so many examples from the start of the split. */
  limit?: number;
  /** Where journal, latents and result go; nothing is written without. */
  out?: string;
  /** Remove the lock of a process on `out` of which it cannot be known whether it still runs. */
  breakLock?: boolean;
  seed?: number;
  /** A family or dialect by name, or a YAML file of block rules; else what config.json says. */
  family?: string;
  /** Instead of the family's own, or of generation_config.json's. */
  repetitionPenalty?: number;
  /** Ids before a block, and after its start marker, at which a reply is given up. */
  maxTokens?: number;
  /** Checkpoint directory of the network that the family's training took its targets from (docs/families.md). */
  oracleModel?: string;
  /** What the weights are computed with: as they are stored (`float32`, default), or rounded to 8 or 4 bits. */
  weights?: WeightForm;
  /** What the result is called; else the split. */
  task?: string;
  /** The audit's directory relative to its run, recorded in the result. */
  directory?: string;
  label?: string;
  onProgress?: OnProgress;
  onWarning?: (warning: string) => void;
  signal?: AbortSignal;
}

/** Says before any intervention runs that there is nothing to intervene on. */
function checkBlocks(latents: Latents, names: readonly string[], model: string): void {
  const opened = Array.from(latents.hasOwn, Number).reduce((a, b) => a + b, 0);
  ensure(opened > 0 || names.every((name) => name === "own"), "checkpoint", () => ({
    where: model,
    expected: "a model that opens a latent block",
    got: `none in ${latents.examples.length} examples`,
    attempt:
      "--interventions own, which needs no block, or a prompt in the form that the model was trained on",
  }));
}

/** What `auditLoaded` takes of the options of an audit. */
export type LoadedAuditOptions = Omit<
  AuditOptions,
  | "map"
  | "shuffleOptions"
  | "model"
  | "sister"
  | "corruptImage"
  | "data"
  | "limit"
  | "family"
  | "repetitionPenalty"
  | "maxTokens"
  | "oracleModel"
  | Exclude<keyof SessionOptions, "device">
>;

/** Examples to audit on, and what they are. */
export interface AuditedSplit {
  examples: readonly Example[];
  /** The task or dataset they belong to; recorded where `options.task` says another. */
  task?: string;
  /** What errors call the model. */
  model?: string;
  /** What could not be read, to be reported with what cannot be asked. */
  skipped?: readonly Skipped[];
  benchmark?: Benchmark;
  /** A sister model's answers, by example id. */
  sister?: { model: string; answers: ReadonlyMap<string, Outcome> };
}

/**
 * Audits a model on a split. With `out`, every finished example is journalled and the same call continues after a
 * kill; `audit.json` is written last.
 *
 * Errors: "usage" for unknown interventions, "runtime" for a device that does not run graphs, "checkpoint" and "dataset"
 * for what cannot be used, and for a model that never opens a block.
 *
 * @example
 * const failed = await auditModel({ model: "no-model", data: "no-data" }).catch((error) => error);
 * failed instanceof LintelError; // true: "no-data" is no dataset
 */
export async function auditModel(options: AuditOptions): Promise<AuditResult> {
  const { out } = options;
  chosenInterventions(options);
  checkExports(options);
  await requireDevice(options.device ?? "cpu");
  const { split, ...read } = await readAudited(options);
  if (out) await checkAuditDirectory(await ensureDirectory(out));
  const sister = options.sister && {
    model: options.sister,
    answers: await sisterAnswers(options.sister, read.examples, sessionOf(options)),
  };
  // Probes read the states of the prompt, which are kept for nothing else.
  const probed = (options.suites ?? []).some((name) => suiteOf(name).analyses.includes("probes"));
  const loaded = await loadLatentModel(options.model, {
    ...options,
    ...(probed && { everyHidden: "last" as const }),
  });
  let model = loaded;
  try {
    if (options.oracleModel !== undefined) model = await withTargets(loaded, options.oracleModel, options);
    return await auditLoaded(
      model,
      { ...read, model: options.model, ...(sister && { sister }) },
      { ...options, split },
    );
  } finally {
    await model.targets?.release();
    await model.network.release();
  }
}

/** What a second model is loaded with: not the first one's family or limits, which it says itself. */
const sessionOf = ({
  family: _,
  maxTokens: __,
  repetitionPenalty: ___,
  ...rest
}: AuditOptions): Parameters<typeof sisterAnswers>[2] => rest;

/**
 * `auditModel` for a model and examples that are in memory. The model stays the caller's to release.
 *
 * Errors: as `auditModel`, but for loading.
 *
 * @example
 * const model = await loadLatentModel("no-model").catch(() => null);
 * const { examples } = { examples: [] };
 * if (model) (await auditLoaded(model, { examples }, { interventions: ["own", "zeros"] })).verdict;
 */
export async function auditLoaded(
  model: LatentModel,
  audited: AuditedSplit,
  options: LoadedAuditOptions = {},
): Promise<AuditResult> {
  const { out, breakLock, signal } = options;
  if (!out) return auditAlone(model, audited, options);
  await ensureDirectory(out);
  return withLock(out, { breakLock, signal }, () => auditAlone(model, audited, options));
}

/** `auditLoaded`, once no other process writes to the directory. */
async function auditAlone(
  model: LatentModel,
  {
    examples: read,
    task,
    model: modelName = "the model",
    skipped: unread = [],
    benchmark,
    sister: arm,
  }: AuditedSplit,
  options: LoadedAuditOptions,
): Promise<AuditResult> {
  const { split = "eval", out, seed = 0, signal, onProgress, label = `audit ${split}` } = options;
  const interventions = chosenInterventions(options);
  checkSlots(interventions, model.rules.k);
  checkExports(options);
  const total = 2 * read.length;
  let bench: Bench | null = null;
  const report = (done: number): void => onProgress?.({ label, done, total, unit: "examples" });
  try {
    report(0);
    const asked = readableExamples(model, read, { name: modelName, split, onWarning: options.onWarning });
    if (out) {
      const { suites, device } = options;
      await keepAsked(out, {
        inputs: await auditInputs(model, read, {
          split,
          suites,
          device,
          sister: arm?.model,
          benchmark,
        }),
        interventions,
        seed,
        weights: options.weights,
        benchmark,
        loop: askedLoop(model),
        oracle: askedOracle(model, read),
      });
    }
    const usable = await usableExamples(model, asked, `split ${split}`);
    const path = out && join(out, "latents.safetensors");
    const step = (done: number): void => {
      signal?.throwIfAborted();
      if (done > 0) report(done);
    };
    const first = await firstPass(model, usable.examples, path, step);
    bench = first.bench;
    const { latents } = first;
    const { batches, examples, size } = bench;
    const skipped = [...unread, ...usable.skipped, ...first.skipped];
    report(examples.length);
    checkBlocks(
      latents,
      interventions.map(({ name }) => name),
      modelName,
    );
    const answering = await answeringOf(bench, latents, interventions, seed);
    const journal = out
      ? await openJournal<ExampleOutcomes>(join(out, "outcomes.jsonl"), { flush: "batch" })
      : null;
    const known = new Map((journal?.records ?? []).map((record) => [record.example, record]));
    const outcomes: ExampleOutcomes[] = [];
    try {
      for (const [index, batch] of batches.entries()) {
        signal?.throwIfAborted();
        const done = batch.every(({ id }) => known.has(id));
        const fresh = done ? [] : await answerBatch(answering, index);
        for (const [b, example] of batch.entries()) {
          const record = known.get(example.id) ?? fresh[b]!;
          if (!known.has(example.id)) await journal?.append(record);
          outcomes.push(record);
        }
        report(examples.length + Math.min((index + 1) * size, examples.length));
      }
    } finally {
      await journal?.close();
    }
    const summary = summarize(outcomes, latents, {
      split,
      ...(((options.task !== undefined && options.task !== task) || benchmark) && { task }),
      ...(options.directory !== undefined && { directory: options.directory }),
      ...(options.weights !== undefined && { weights: options.weights }),
      seed,
      interventions: lackingOf(interventions, model),
    });
    const suites = await runSuites(options.suites ?? [], {
      ...answering,
      latents,
      outcomes,
      summary,
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    const names = interventions.map(({ name }) => name);
    const exported =
      out && options.exports?.includes("lm-eval")
        ? await writeSamples(out, model, examples, outcomes, { task: task ?? split, names })
        : [];
    const slices = benchmark ? slicesOf(examples, outcomes, names, 0.05) : {};
    const sister = arm && compareSister(arm.model, outcomes, arm.answers);
    const result: AuditResult = {
      ...summary,
      ...(sister && { sister, readable: paragraph({ ...summary, sister }) }),
      loop: { ...loopOf(model, outcomes), oracles: oraclesMade(model, examples) },
      ...(benchmark && { benchmark }),
      ...(Object.keys(slices).length > 0 && { slices }),
      ...(skipped.length > 0 && { skipped }),
      ...(exported.length > 0 && { exported }),
      ...(suites && { suites }),
    };
    if (out) {
      await writeReadable(out, result);
      await writeFileAtomic(join(out, "audit.json"), `${JSON.stringify(result, null, 2)}\n`);
    }
    return result;
  } catch (cause) {
    if (cause instanceof LintelError || signal?.aborted) throw cause;
    throw new LintelError("runtime", {
      where: label,
      expected: "the audit to finish",
      got: String((cause as Error).message ?? cause),
      cause,
    });
  } finally {
    await bench?.release();
  }
}

/** Throws "usage" for exports without a place to write them to. */
function checkExports({ exports = [], out }: Pick<AuditOptions, "exports" | "out">): void {
  for (const name of exports) {
    if (!exportNames.includes(name)) throw unknownName("--export", name, exportNames);
  }
  ensure(exports.length === 0 || out !== undefined, "usage", () => ({
    where: "--export",
    expected: "a directory to write to",
    got: "none",
    attempt: "--out DIR",
  }));
}

/** Interventions that need an oracle lack more than a helper where the family's oracle cannot be made. */
const lackingOf = (interventions: readonly ResolvedIntervention[], model: LatentModel) => {
  const lacking = oraclesLacking(model);
  return interventions.map((each) =>
    lacking !== undefined && ["oracle", "counterfactual", "crop"].some((what) => needs([each], what))
      ? { ...each, lacking }
      : each,
  );
};

/** What batches are answered with, once own latents are known. */
async function answeringOf(
  bench: Bench,
  latents: Latents,
  interventions: readonly ResolvedIntervention[],
  seed: number,
): Promise<Answering> {
  const { model, examples } = bench;
  const own = ownBlocks(latents);
  const oracle: Float32Array[][] = [];
  for (const example of examples) oracle.push(await oraclesOf(model, example));
  const answers = examples.map(({ options, answer }) => options[answer]!);
  const split = splitStatistics(own, oracle, seed, answers, latents.width);
  return {
    bench,
    planner: await createPlanner(model, examples, { interventions, split, seed }),
    distribution: ownDistribution(own.flat(), latents.width),
  };
}
