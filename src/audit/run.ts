/** The audit of one model on one split: data → own latents → interventions → verdict → record. */
import { join } from "node:path";
import { familyOnBenchmark } from "../families/index.ts";
import { ensureDirectory, requireDecoder } from "../formats/index.ts";
import { loadRuntime } from "../graph/index.ts";
import type { LatentModel } from "../reasoning/index.ts";
import { LintelError, withLock } from "../util/index.ts";
import { checkVocabulary } from "./data/check-vocabulary.ts";
import { imagesIn, prepareImages } from "./data/prepare-images.ts";
import { type AuditData, readAuditData } from "./data/read-data.ts";
import { usableExamples } from "./data/usable-examples.ts";
import { readTextBaseline } from "./decode/baseline-answers.ts";
import { createBatchContext, withMissingOracles } from "./decode/batch-context.ts";
import { checkDevice, loadAuditedModel } from "./decode/load-audited-model.ts";
import { ownPass } from "./decode/own-pass.ts";
import { checkSlots } from "./decode/plan-context.ts";
import { runBatches } from "./decode/run-batch.ts";
import { slicesOf } from "./judge/slices.ts";
import { summarize } from "./judge/summary.ts";
import { compareTextBaseline } from "./judge/text-baseline.ts";
import { paragraph } from "./readable/index.ts";
import { writeSamples } from "./record/lm-eval-samples.ts";
import { loopOf, oraclesMade } from "./record/loop.ts";
import { checkOutput, openOutcomes, writeResult } from "./record/output.ts";
import { questionReport } from "./record/question-report.ts";
import type { AuditResult } from "./record/schema.ts";
import { type AuditRequest, inDirectory, type LoadedAuditRequest, selectionOf } from "./request/request.ts";
import { checkAuditDirectory, recordRequest } from "./request/request-file.ts";
import type { Selection } from "./request/select-interventions.ts";
import { runSuites } from "./suites/index.ts";

/**
 * Audits a checkpoint on a split of a dataset. With an output directory, every finished example is journaled, the same
 * call continues an interrupted audit, and `audit.json` is written last. A model that never opens a latent block gets the
 * verdict "no-latents", from its own answers alone.
 *
 * Errors: "usage" for unknown interventions, "runtime" for a device whose results differ from the CPU's, "checkpoint" and
 * "dataset" for unusable inputs.
 *
 * @public
 * @example
 * await generateDataset({ task: "crop", out: "crop", train: 8, eval: 4, heldOut: 0, parameters: { rendering: "pocket" } });
 * await trainModel({ recipe: "text", data: "crop", out: "text", steps: 1, batch: 4, followExamples: 2 });
 * (await auditModel({ model: "text", data: "crop", interventions: ["own"] })).n; // 4
 */
export async function auditModel(request: AuditRequest): Promise<AuditResult> {
  const { seed = 0, output = {}, onProgress, onWarning, signal } = request;
  const checkpoint = inDirectory(request.model);
  const selection = selectionOf(request);
  checkOutput(output);
  await loadRuntime();
  await checkDevice(checkpoint, onProgress);
  const data = await readAuditData(inDirectory(request.data), seed);
  await requireDecoder(imagesIn(data.examples));
  if (output.directory) await checkAuditDirectory(await ensureDirectory(output.directory));
  const controls = { onProgress, onWarning, signal };
  const textBaseline = await readTextBaseline(checkpoint, data, controls);
  const model = await loadAuditedModel(checkpoint, selection.suites, controls);
  try {
    const { directory: name, device, weights } = checkpoint;
    const loaded = { ...request, model: { name, device, weights, textBaseline } };
    return await withOutput(loaded, () => runAudit(model, data, selection, loaded));
  } finally {
    await model.targets?.release();
    await model.network.release();
  }
}

/**
 * `auditModel` for a model and examples in memory; the caller releases the model.
 *
 * @example
 * const model = await loadLatentModel("no-model").catch(() => null);
 * const { examples } = { examples: [] };
 * if (model) (await auditLoaded(model, { examples }, { interventions: ["own", "zeros"] })).verdict;
 */
export async function auditLoaded(
  model: LatentModel,
  data: AuditData,
  request: LoadedAuditRequest = {},
): Promise<AuditResult> {
  const selection = selectionOf(request);
  checkOutput(request.output ?? {});
  return withOutput(request, () => runAudit(model, data, selection, request));
}

/** Runs an audit while no other process writes to its output directory. */
async function withOutput<T>({ output, signal }: LoadedAuditRequest, run: () => Promise<T>): Promise<T> {
  if (!output?.directory) return run();
  await ensureDirectory(output.directory);
  return withLock(output.directory, { breakLock: output.breakLock, signal }, run);
}

async function runAudit(
  given: LatentModel,
  data: AuditData,
  { interventions: selected, suites }: Selection,
  request: LoadedAuditRequest,
): Promise<AuditResult> {
  const { split = "eval", task, benchmark } = data;
  const { seed = 0, output = {}, model: about = {}, onProgress, signal } = request;
  const { directory, label = `audit ${split}` } = output;
  const { name = "the model", weights, textBaseline } = about;
  // The reader of answers depends on the benchmark.
  const readOn = benchmark?.mapping ?? task;
  const model: LatentModel = { ...given, family: familyOnBenchmark(given.family, readOn) };
  checkSlots(selected, model.rules.k);
  // Every example is decoded twice: for its own latents, then for its answers under interventions.
  const report = (passes: number): void =>
    onProgress?.({ label, done: Math.floor(passes / 2), total: data.examples.length, unit: "examples" });
  const step = (passes: number): void => {
    signal?.throwIfAborted();
    if (passes > 0) report(passes);
  };
  let release = (): Promise<void> => Promise.resolve();
  try {
    report(0);
    const vocabulary = { ...model, config: model.network.config };
    const known = checkVocabulary(vocabulary, data.examples, { name, split, onWarning: request.onWarning });
    if (directory)
      await recordRequest(directory, model, data, { interventions: selected, suites, seed, ...about });
    const prepared = await prepareImages(known, model.pictures.transparency);
    const usable = await usableExamples(model, prepared.examples, `split ${split}`);

    const latentsPath = directory && join(directory, "latents.safetensors");
    const own = await ownPass(model, usable.examples, latentsPath, step);
    const { session, latents } = own;
    const { examples } = session;
    release = session.release;
    step(examples.length);
    const interventions = own.opened ? selected : selected.filter((each) => each.name === "own");
    const context = await createBatchContext(session, latents, interventions, seed);
    const journal = await openOutcomes(
      directory,
      examples.map(({ id }) => id),
    );
    const outcomes = await runBatches(context, journal, step).finally(journal.close);

    const summary = summarize(outcomes, latents, {
      split,
      task: benchmark && task,
      directory: output.pathInRun,
      weights,
      seed,
      ...request.verdict,
      reader: { reader: model.family.answers.default, ...(readOn !== undefined && { benchmark: readOn }) },
      interventions: withMissingOracles(interventions, model),
    });
    const suiteResults = await runSuites(own.opened ? suites : [], {
      ...context,
      latents,
      outcomes,
      summary,
      onProgress,
      signal,
    });

    const names = interventions.map((each) => each.name);
    const exported =
      directory && output.exports?.includes("lm-eval")
        ? await writeSamples(directory, model, examples, outcomes, { task: task ?? split, names })
        : [];
    const skipped = [...(data.skipped ?? []), ...prepared.skipped, ...usable.skipped, ...own.skipped];
    const slices = benchmark ? slicesOf(examples, outcomes, names, 0.05) : {};
    const baseline = textBaseline && compareTextBaseline(textBaseline, outcomes);
    const result: AuditResult = {
      ...summary,
      ...(baseline && {
        textBaseline: baseline,
        readable: paragraph({ ...summary, textBaseline: baseline }),
      }),
      loop: { ...loopOf(model, outcomes), oracles: oraclesMade(model, examples) },
      ...(benchmark && { benchmark }),
      questions: questionReport(model, prepared, data.reading),
      ...(Object.keys(slices).length > 0 && { slices }),
      ...(skipped.length > 0 && { skipped }),
      ...(exported.length > 0 && { exported }),
      ...(suiteResults && { suites: suiteResults }),
    };
    if (directory) await writeResult(directory, result);
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
    await release();
  }
}
