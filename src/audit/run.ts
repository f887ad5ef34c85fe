/** Auditing one model on one split: own latents first, then every intervention from the shared prefixes. */
import { join } from "node:path";
import { ensureDirectory, openJournal, writeFileAtomic } from "../formats/index.ts";
import type { SessionOptions } from "../graph/index.ts";
import {
  type Continuation,
  continueFrom,
  decodeToBlock,
  interventionNames,
  interventionOf,
  type LatentModel,
  loadLatentModel,
  oraclesOf,
  promptOf,
  readContinuation,
  type SharedPrefix,
  splitStatistics,
} from "../reasoning/index.ts";
import { type Example, readSplit } from "../tasks/index.ts";
import { ensure, LintelError, type OnProgress } from "../util/index.ts";
import type { Latents } from "./geometry.ts";
import { readLatents, writeLatents } from "./latents-file.ts";
import { planExample } from "./material.ts";
import type { ExampleOutcomes } from "./outcomes.ts";
import type { AuditResult } from "./schema.ts";
import { summarize } from "./summary.ts";

export interface AuditOptions extends SessionOptions {
  /** Checkpoint directory. */
  model: string;
  /** Dataset directory. */
  data: string;
  split?: string;
  /** Names; all of them without. */
  interventions?: readonly string[];
  /** Only so many examples from the start of the split. */
  limit?: number;
  /** Where journal, latents and result go; nothing is written without. */
  out?: string;
  seed?: number;
  family?: string;
  /** What the result is called; else the split. */
  task?: string;
  /** The audit's directory relative to its run, recorded in the result. */
  directory?: string;
  label?: string;
  onProgress?: OnProgress;
  onWarning?: (warning: string) => void;
  signal?: AbortSignal;
}

/** Examples decoded together. Fixed, so that a resumed audit computes in the same batches. */
const BATCH = 50;
/** Ids after the start marker before an answer is given up; and before it. */
const MAX_TOKENS = 64;
/** Bytes of prefixes kept between the two passes; the others are decoded again. */
const KEPT_PREFIXES = 512 * 2 ** 20;

const sizeOf = ({ prefix }: SharedPrefix): number =>
  [...prefix.k, ...prefix.v].reduce((sum, value) => sum + value.data.byteLength, 0);

/** Prefixes by batch, decoded when first asked for. */
function prefixes(model: LatentModel, batches: readonly (readonly Example[])[], cue: readonly number[]) {
  const kept = new Map<number, SharedPrefix>();
  let bytes = 0;
  return async (batch: number): Promise<SharedPrefix> => {
    const known = kept.get(batch);
    if (known) return known;
    const prompts = await Promise.all(batches[batch]!.map((example) => promptOf(model, example)));
    const made = await decodeToBlock(model, prompts, { cue, maxTokens: MAX_TOKENS });
    if (bytes + sizeOf(made) <= KEPT_PREFIXES) {
      kept.set(batch, made);
      bytes += sizeOf(made);
    }
    return made;
  };
}

/** First pass: own latents of every example, and its oracles. */
async function ownLatents(
  model: LatentModel,
  examples: readonly Example[],
  answer: (start: number) => Promise<Continuation[]>,
): Promise<Latents> {
  const slots = model.rules.k;
  const width = model.network.config.text.hiddenSize;
  const size = slots * width;
  const own = new Float32Array(examples.length * size).fill(Number.NaN);
  const oracle = new Float32Array(examples.length * size).fill(Number.NaN);
  const hasOwn = new Uint8Array(examples.length);
  const hasOracle = new Uint8Array(examples.length);
  for (let start = 0; start < examples.length; start += BATCH) {
    for (const [b, continuation] of (await answer(start)).entries()) {
      const [first] = continuation.latents;
      if (first && first.length === size) {
        own.set(first, (start + b) * size);
        hasOwn[start + b] = 1;
      }
    }
  }
  for (const [i, example] of examples.entries()) {
    const [first] = await oraclesOf(model, example);
    if (!first) continue;
    oracle.set(first, i * size);
    hasOracle[i] = 1;
  }
  return { examples: examples.map(({ id }) => id), slots, width, own, oracle, hasOwn, hasOracle };
}

const rowsOf = (values: Float32Array, present: ArrayLike<number | boolean>, size: number) =>
  Array.from({ length: present.length }, (_, i) =>
    present[i] ? values.subarray(i * size, (i + 1) * size) : null,
  );

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
  "model" | "data" | "limit" | "family" | "onWarning" | keyof SessionOptions
>;

/** Examples to audit on, and what they are. */
export interface AuditedSplit {
  examples: readonly Example[];
  /** The task or dataset they belong to; recorded where `options.task` says another. */
  task?: string;
  /** What errors call the model. */
  model?: string;
}

/** Throws "usage" for unknown interventions; `own` is always among the rest. */
function checkedNames(interventions: readonly string[] = interventionNames): readonly string[] {
  for (const name of interventions) interventionOf(name);
  return interventions.includes("own") ? interventions : ["own", ...interventions];
}

/**
 * Audits a model on a split. With `out`, every finished example is journalled and the same call continues after a
 * kill; `audit.json` is written last.
 *
 * Errors: "usage" for unknown interventions, "checkpoint" and "dataset" for what cannot be used, and for a model that
 * never opens a block.
 *
 * @example
 * const failed = await auditModel({ model: "no-model", data: "no-data" }).catch((error) => error);
 * failed instanceof LintelError; // true: "no-data" is no dataset
 */
export async function auditModel(options: AuditOptions): Promise<AuditResult> {
  const { split = "eval", limit, out } = options;
  checkedNames(options.interventions);
  const { examples, task } = await readSplit(options.data, split, limit === undefined ? {} : { limit });
  ensure(examples.length > 0, "dataset", () => ({
    where: `${options.data}, split ${split}`,
    expected: "at least one example",
    got: "none",
  }));
  if (out) await ensureDirectory(out);
  const model = await loadLatentModel(options.model, options);
  try {
    return await auditLoaded(model, { examples, task, model: options.model }, options);
  } finally {
    await model.network.release();
  }
}

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
  { examples, task, model: modelName = "the model" }: AuditedSplit,
  options: LoadedAuditOptions = {},
): Promise<AuditResult> {
  const { split = "eval", out, seed = 0, signal, onProgress, label = `audit ${split}` } = options;
  const ordered = checkedNames(options.interventions);
  const cue = model.tokenizer.encode(model.family.answerCue);
  const limits = { cue, maxTokens: MAX_TOKENS };
  const batches: Example[][] = [];
  for (let at = 0; at < examples.length; at += BATCH) batches.push(examples.slice(at, at + BATCH));
  const prefixOf = prefixes(model, batches, cue);
  const total = 2 * examples.length;
  const report = (done: number): void => onProgress?.({ label, done, total, unit: "examples" });
  try {
    await model.features.get(examples.flatMap((e) => [...e.images, ...e.helpers]));
    const path = out && join(out, "latents.safetensors");
    let latents = path
      ? await readLatents(
          path,
          examples.map(({ id }) => id),
        )
      : null;
    if (!latents) {
      latents = await ownLatents(model, examples, async (start) => {
        signal?.throwIfAborted();
        const shared = await prefixOf(start / BATCH);
        const results = await continueFrom(
          model,
          shared,
          shared.rows.map(() => [{ kind: "own" }]),
          limits,
        );
        report(Math.min(start + BATCH, examples.length));
        return results.map(([first]) => first!);
      });
      if (path) await writeLatents(path, latents);
    }
    checkBlocks(latents, ordered, modelName);

    const size = latents.slots * latents.width;
    const own = rowsOf(latents.own, latents.hasOwn, size);
    const planner = {
      names: ordered,
      split: splitStatistics(own, rowsOf(latents.oracle, latents.hasOracle, size), seed),
      seed,
    };
    const journal = out
      ? await openJournal<ExampleOutcomes>(join(out, "outcomes.jsonl"), { flush: "batch" })
      : null;
    const known = new Map((journal?.records ?? []).map((record) => [record.example, record]));
    const outcomes: ExampleOutcomes[] = [];
    try {
      for (const [index, batch] of batches.entries()) {
        signal?.throwIfAborted();
        const done = batch.every(({ id }) => known.has(id));
        const fresh = done
          ? []
          : await answerBatch(model, batch, index * BATCH, own, planner, prefixOf(index), limits);
        for (const [b, example] of batch.entries()) {
          const record = known.get(example.id) ?? fresh[b]!;
          if (!known.has(example.id)) await journal?.append(record);
          outcomes.push(record);
        }
        report(examples.length + Math.min((index + 1) * BATCH, examples.length));
      }
    } finally {
      await journal?.close();
    }
    const result = summarize(outcomes, latents, {
      split,
      ...(options.task !== undefined && options.task !== task && { task }),
      ...(options.directory !== undefined && { directory: options.directory }),
      seed,
    });
    if (out) await writeFileAtomic(join(out, "audit.json"), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } catch (cause) {
    if (cause instanceof LintelError || signal?.aborted) throw cause;
    throw new LintelError("runtime", {
      where: label,
      expected: "the audit to finish",
      got: String((cause as Error).message ?? cause),
      cause,
    });
  }
}

/** All interventions of one batch. Where one does not apply, the place is filled with `own` and dropped. */
async function answerBatch(
  model: LatentModel,
  batch: readonly Example[],
  start: number,
  own: readonly (Float32Array | null)[],
  planner: Parameters<typeof planExample>[4],
  prefix: Promise<SharedPrefix>,
  limits: { cue: readonly number[]; maxTokens: number },
): Promise<ExampleOutcomes[]> {
  const shared = await prefix;
  const planned = await Promise.all(
    batch.map((example, b) => {
      const latents = own[start + b];
      return planExample(model, example, start + b, latents ? [latents] : [], planner);
    }),
  );
  const results = await continueFrom(
    model,
    shared,
    planned.map((row) => row.map((p) => p?.plan ?? { kind: "own" })),
    limits,
  );
  return batch.map((example, b) => {
    const record: ExampleOutcomes = {
      example: example.id,
      answer: example.answer,
      options: example.options,
      outcomes: {},
    };
    for (const [j, name] of planner.names.entries()) {
      const p = planned[b]![j];
      if (!p) continue;
      const continuation = results[b]![j]!;
      record.outcomes[name] = {
        ...readContinuation(model, shared.rows[b]!, continuation, example.options),
        blocks: continuation.blocks,
        steps: continuation.latents.reduce((n, z) => n + z.length / model.network.config.text.hiddenSize, 0),
        endings: continuation.endings,
        ...(p.target !== undefined && { target: p.target }),
      };
    }
    return record;
  });
}
