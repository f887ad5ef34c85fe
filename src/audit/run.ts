/** Auditing one model on one split: own latents first, then every intervention from the shared prefixes. */

import { join } from "node:path";
import { familyOnBenchmark } from "../families/index.ts";
import { ensureDirectory, openJournal, requireDecoder, writeFileAtomic } from "../formats/index.ts";
import { loadRuntime, type SessionOptions } from "../graph/index.ts";
import { type LatentModel, loadLatentModel, withTargetNetwork } from "../reasoning/index.ts";
import { LintelError, withLock } from "../util/index.ts";
import { checkVocabulary } from "./data/check-vocabulary.ts";
import { readAuditData, usableExamples } from "./data/examples.ts";
import { imagesIn, prepareImages } from "./data/prepare-images.ts";
import type { DecodeSession } from "./decode/decode-session.ts";
import { ownPass } from "./decode/own-pass.ts";
import { checkSlots } from "./decode/plan-context.ts";
import { applicable, batchContextOf, checkExports, lackingOf } from "./decode/prepare.ts";
import { runBatch } from "./decode/run-batch.ts";
import { slicesOf } from "./judge/slices.ts";
import { summarize } from "./judge/summary.ts";
import { baselineAnswers, compareTextBaseline } from "./judge/text-baseline.ts";
import { paragraph, writeReadable } from "./readable/index.ts";
import { writeSamples } from "./record/lm-eval-samples.ts";
import { loopOf, oraclesMade } from "./record/loop.ts";
import type { ExampleOutcomes } from "./record/outcomes.ts";
import { keptOutcomes, type SealedOutcomes, sealed } from "./record/outcomes-journal.ts";
import { questionReport } from "./record/question-report.ts";
import type { AuditResult } from "./record/schema.ts";
import type { AuditedSplit, AuditOptions, LoadedAuditOptions } from "./request/options.ts";
import {
  checkAuditDirectory,
  loopRecord,
  oracleRecord,
  recordRequest,
  requestInputs,
} from "./request/request-file.ts";
import { selectInterventions } from "./request/select-interventions.ts";
import { runSuites, suiteOf } from "./suites/index.ts";

/**
 * Audits a model on a split. With `out`, every finished example is journalled and the same call continues after a
 * kill; `audit.json` is written last.
 *
 * Errors: "usage" for unknown interventions, "runtime" for a device that gives other numbers than the CPU, "checkpoint" and "dataset"
 * for what cannot be used, and for a model that never opens a block.
 *
 * @example
 * const failed = await auditModel({ model: "no-model", data: "no-data" }).catch((error) => error);
 * failed instanceof LintelError; // true: "no-data" is no dataset
 */
export async function auditModel(options: AuditOptions): Promise<AuditResult> {
  const { out } = options;
  selectInterventions(options);
  checkExports(options);
  await loadRuntime();
  if (options.device && options.device !== "cpu") {
    const { provenDevice } = await import("../training/index.ts");
    await provenDevice(options.device, options);
  }
  const { split, ...read } = await readAuditData(options);
  await requireDecoder(imagesIn(read.examples));
  if (out) await checkAuditDirectory(await ensureDirectory(out));
  const sister = options.sister && {
    model: options.sister,
    answers: await baselineAnswers(options.sister, read.examples, {
      ...sessionOf(options),
      benchmark: read.benchmark?.mapping ?? read.task,
    }),
  };
  // Probes read the states of the prompt, which are kept for nothing else.
  const probed = (options.suites ?? []).some((name) => suiteOf(name).analyses.includes("probes"));
  const loaded = await loadLatentModel(options.model, {
    ...options,
    ...(probed && { everyHidden: "last" as const }),
  });
  let model = loaded;
  try {
    if (options.oracleModel !== undefined)
      model = await withTargetNetwork(loaded, options.oracleModel, options);
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
}: AuditOptions): SessionOptions & { signal?: AbortSignal } => rest;

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
  given: LatentModel,
  {
    examples: read,
    task,
    model: modelName = "the model",
    skipped: unread = [],
    benchmark,
    reading,
    sister: arm,
  }: AuditedSplit,
  options: LoadedAuditOptions,
): Promise<AuditResult> {
  const { split = "eval", out, seed = 0, signal, onProgress, label = `audit ${split}` } = options;
  // What the family's evaluation extracts depends on the benchmark.
  const readOn = benchmark?.mapping ?? task;
  const model: LatentModel = { ...given, family: familyOnBenchmark(given.family, readOn) };
  const asked = selectInterventions(options);
  checkSlots(asked, model.rules.k);
  checkExports(options);
  let session: DecodeSession | null = null;
  // Every example is worked on twice: for its own latents, then for its answers under interventions.
  const report = (passes: number): void =>
    onProgress?.({ label, done: Math.floor(passes / 2), total: read.length, unit: "examples" });
  try {
    report(0);
    const words = { ...model, config: model.network.config };
    const readable = checkVocabulary(words, read, { name: modelName, split, onWarning: options.onWarning });
    if (out) {
      const { suites, device } = options;
      await recordRequest(out, {
        inputs: await requestInputs(model, read, {
          split,
          suites,
          device,
          sister: arm?.model,
          benchmark,
        }),
        interventions: asked,
        seed,
        weights: options.weights,
        benchmark,
        loop: loopRecord(model),
        reader: model.family.answers.default,
        oracle: oracleRecord(model, read),
      });
    }
    const shown = await prepareImages(readable, model.pictures.transparency);
    const usable = await usableExamples(model, shown.examples, `split ${split}`);
    const path = out && join(out, "latents.safetensors");
    const step = (done: number): void => {
      signal?.throwIfAborted();
      if (done > 0) report(done);
    };
    const first = await ownPass(model, usable.examples, path, step);
    session = first.session;
    const { latents } = first;
    const { batches, examples, size } = session;
    const skipped = [...unread, ...shown.skipped, ...usable.skipped, ...first.skipped];
    report(examples.length);
    const interventions = applicable(latents, asked, modelName, options.withoutBlocks ?? "refuse");
    const answering = await batchContextOf(session, latents, interventions, seed);
    const journal = out
      ? await openJournal<SealedOutcomes>(join(out, "outcomes.jsonl"), { flush: "batch" })
      : null;
    const outcomes: ExampleOutcomes[] = [];
    try {
      const known = keptOutcomes(journal?.records ?? [], {
        path: join(out ?? "", "outcomes.jsonl"),
        examples: examples.map(({ id }) => id),
      });
      for (const [index, batch] of batches.entries()) {
        signal?.throwIfAborted();
        const done = batch.every(({ id }) => known.has(id));
        const fresh = done ? [] : await runBatch(answering, index);
        for (const [b, example] of batch.entries()) {
          const record = known.get(example.id) ?? fresh[b]!;
          if (!known.has(example.id)) await journal?.append(sealed(record));
          outcomes.push(record);
        }
        report(examples.length + Math.min((index + 1) * size, examples.length));
      }
    } finally {
      await journal?.close();
    }
    const summary = summarize(outcomes, latents, {
      split,
      ...(options.look !== undefined && { look: options.look }),
      ...(((options.task !== undefined && options.task !== task) || benchmark) && { task }),
      ...(options.directory !== undefined && { directory: options.directory }),
      ...(options.weights !== undefined && { weights: options.weights }),
      seed,
      reader: { reader: model.family.answers.default, ...(readOn !== undefined && { benchmark: readOn }) },
      ...(options.starvedShare !== undefined && { starvedShare: options.starvedShare }),
      interventions: lackingOf(interventions, model),
    });
    // Without a block suites have nothing to ask about either.
    const suites = await runSuites(interventions === asked ? (options.suites ?? []) : [], {
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
    const sister = arm && compareTextBaseline(arm.model, outcomes, arm.answers);
    const result: AuditResult = {
      ...summary,
      ...(sister && { sister, readable: paragraph({ ...summary, sister }) }),
      loop: { ...loopOf(model, outcomes), oracles: oraclesMade(model, examples) },
      ...(benchmark && { benchmark }),
      questions: questionReport(model, shown, reading),
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
    await session?.release();
  }
}
