/** The audit of one model on one split: data → own latents → interventions → verdict → record. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { familyOnBenchmark } from "../families/index.ts";
import { ensureDirectory, requireDecoder } from "../formats/index.ts";
import { loadRuntime } from "../graph/index.ts";
import type { LatentModel } from "../reasoning/index.ts";
import { ensure, LintelError, withLock } from "../util/index.ts";
import { checkVocabulary } from "./data/check-vocabulary.ts";
import { imagesIn, prepareImages } from "./data/prepare-images.ts";
import { type AuditData, readAuditData } from "./data/read-data.ts";
import { usableExamples } from "./data/usable-examples.ts";
import { readTextBaseline } from "./decode/baseline-answers.ts";
import { createBatchContext, withMissingOracles } from "./decode/batch-context.ts";
import { inputVectors } from "./decode/input-vectors.ts";
import { checkDevice, loadAuditedModel } from "./decode/load-audited-model.ts";
import { ownPass } from "./decode/own-pass.ts";
import { checkControls, checkSlots } from "./decode/plan-context.ts";
import { runBatches } from "./decode/run-batch.ts";
import { slicesOfSummary } from "./judge/named-slices.ts";
import { slicesOf } from "./judge/slices.ts";
import { summarize } from "./judge/summary.ts";
import { compareTextBaseline } from "./judge/text-baseline.ts";
import { writeAppendix } from "./readable/appendix.ts";
import { paragraph } from "./readable/index.ts";
import { writeSamples } from "./record/lm-eval-samples.ts";
import { loopOf, oraclesMade } from "./record/loop.ts";
import { checkFinishedAudit, checkOutput, openOutcomes, writeResult } from "./record/output.ts";
import { questionReport } from "./record/question-report.ts";
import type { AuditResult } from "./record/schema.ts";
import { recordBudget } from "./request/budget.ts";
import { requireAuditMemory } from "./request/memory-estimate.ts";
import { type AuditRequest, inDirectory, type LoadedAuditRequest, selectionOf } from "./request/request.ts";
import { checkAuditDirectory, recordRequest } from "./request/request-file.ts";
import type { Selection } from "./request/select-interventions.ts";
import { batchesOf, examplesOf, finishShard, mergedOutcomes, mergeOwn, type Shard } from "./shards.ts";
import { runSuites } from "./suites/index.ts";
import { questionsOf, writeQuestions } from "./tables/questions-file.ts";

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
export async function auditModel(
  request: Omit<AuditRequest, "shard"> & { shard?: Shard & { phase: "rest" } },
): Promise<AuditResult> {
  return prepared(request, runAudit);
}

/**
 * One part of an audit, in `output.directory`; the same call continues it.
 *
 * Errors: as `auditModel`; "checkpoint" where the model has no finite numbers for an example, which parts cannot leave out.
 *
 * @example
 * const shard = { phase: "own", index: 0, of: 2, root: "parts" };
 * await auditShard({ model: "no-model", data: "no-data", shard }).catch((error) => error.code); // "dataset"
 */
export async function auditShard(request: AuditRequest & { shard: Shard }): Promise<void> {
  await prepared(request, (model, data, selection, loaded) =>
    runShard(model, data, selection, { ...loaded, shard: request.shard }),
  );
}

type Run<T> = (
  model: LatentModel,
  data: AuditData,
  selection: Selection,
  request: LoadedAuditRequest,
) => Promise<T>;

/** Runs with the model and the data of a request, while no other process writes to its output directory. */
async function prepared<T>(request: AuditRequest, run: Run<T>): Promise<T> {
  const { seed = 0, output = {}, onProgress, onWarning, signal } = request;
  const checkpoint = inDirectory(request.model);
  const selection = selectionOf(request);
  checkOutput(output);
  await loadRuntime();
  await checkDevice(checkpoint, onProgress);
  const data = await readAuditData(inDirectory(request.data), seed);
  await requireDecoder(imagesIn(data.examples));
  if (output.directory) {
    await checkAuditDirectory(await ensureDirectory(output.directory));
    await checkFinishedAudit(output.directory);
  }
  // Of a finished audit nothing is decoded.
  if (!output.directory || !existsSync(join(output.directory, "audit.json")))
    await requireAuditMemory(checkpoint, data, selection);
  const controls = { onProgress, onWarning, onLine: request.onLine, signal };
  const textBaseline = await readTextBaseline(checkpoint, data, controls);
  const model = await loadAuditedModel(checkpoint, selection.suites, controls);
  try {
    const { directory: name, device, weights } = checkpoint;
    const loaded = { ...request, model: { name, device, weights, textBaseline } };
    const chosen = selectionOf(request, model.family);
    return await withOutput(loaded, () => run(model, data, chosen, loaded));
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
  const selection = selectionOf(request, model.family);
  checkOutput(request.output ?? {});
  return withOutput(request, () => runAudit(model, data, selection, request));
}

/** Runs an audit while no other process writes to its output directory. */
async function withOutput<T>({ output, signal }: LoadedAuditRequest, run: () => Promise<T>): Promise<T> {
  if (!output?.directory) return run();
  await ensureDirectory(output.directory);
  return withLock(output.directory, { breakLock: output.breakLock, signal }, run);
}

/** Records what is asked, and makes ready what is decoded. */
async function begin(
  given: LatentModel,
  data: AuditData,
  { interventions, suites }: Selection,
  request: LoadedAuditRequest,
) {
  const { split = "eval", task, benchmark } = data;
  const { seed = 0, output = {}, model: about = {} } = request;
  const { directory } = output;
  const { name = "the model" } = about;
  // The reader of answers depends on the benchmark.
  const readOn = benchmark?.mapping ?? task;
  const model: LatentModel = { ...given, family: familyOnBenchmark(given.family, readOn) };
  checkControls(model.family, interventions);
  checkSlots(interventions, model.rules.k);
  const vocabulary = { ...model, config: model.network.config };
  const known = checkVocabulary(vocabulary, data.examples, { name, split, onWarning: request.onWarning });
  if (directory) await recordRequest(directory, model, data, { interventions, suites, seed, ...about });
  if (directory && request.budget) await recordBudget(directory, request.budget);
  const shown = await prepareImages(known, model.pictures.transparency);
  const usable = await usableExamples(model, shown.examples, `split ${split}`);
  return { model, readOn, shown, usable };
}

/** What is decoded: examples twice, for their own latents, then for their answers under interventions. */
function stepper({ output = {}, onProgress, signal }: LoadedAuditRequest, split: string, total: number) {
  const { label = `audit ${split}` } = output;
  const report = (passes: number): void =>
    onProgress?.({ label, done: Math.floor(passes / 2), total, unit: "examples" });
  report(0);
  return (passes: number): void => {
    signal?.throwIfAborted();
    if (passes > 0) report(passes);
  };
}

/** What is not known as one of Lintel's errors, named by the audit that it ended. */
function namedError(cause: unknown, { output, signal }: LoadedAuditRequest, split: string): unknown {
  if (cause instanceof LintelError || signal?.aborted) return cause;
  return new LintelError("runtime", {
    where: output?.label ?? `audit ${split}`,
    expected: "the audit to finish",
    got: String((cause as Error).message ?? cause),
    cause,
  });
}

/** Own latents, or outcomes, of the examples of one part. */
async function runShard(
  given: LatentModel,
  data: AuditData,
  selection: Selection,
  request: LoadedAuditRequest & { shard: Shard },
): Promise<void> {
  const { split = "eval" } = data;
  const { shard, seed = 0 } = request;
  let release = (): Promise<void> => Promise.resolve();
  try {
    const directory = request.output!.directory!;
    const { model, usable } = await begin(given, data, selection, request);
    const mine = examplesOf(shard, model, usable.examples);
    const path = join(directory, "latents.safetensors");
    if (shard.phase === "own" && mine.length > 0) {
      const own = await ownPass(model, mine, path, stepper(request, split, mine.length));
      release = own.session.release;
      ensure(own.skipped.length === 0, "checkpoint", () => ({
        where: `examples ${own.skipped.map(({ example }) => example).join(", ")}`,
        id: "E_NOT_FINITE",
        expected: "finite numbers, because batches of parts are fixed",
        got: "NaN or infinite ones",
        attempt: "the same command without --shards, which leaves these examples out",
      }));
    } else if (shard.phase === "outcomes" && mine.length > 0) {
      if (!existsSync(path)) await mergeOwn(shard, model, usable.examples, path);
      const own = await ownPass(model, usable.examples, path, () => undefined);
      const { session, latents } = own;
      release = session.release;
      const interventions = selection.interventions.filter(({ name }) => own.opened || name === "own");
      const context = await createBatchContext(session, latents, interventions, seed);
      const journal = await openOutcomes(
        directory,
        mine.map(({ id }) => id),
      );
      const part = batchesOf(shard, session.batches.length);
      const done = stepper(request, split, mine.length);
      const before = usable.examples.length + part.from * session.size;
      // The first pass was another process's.
      const step = (passes: number): void => done(passes === 0 ? 0 : mine.length + passes - before);
      await runBatches(context, journal, step, part).finally(journal.close);
    }
    await finishShard(shard, directory);
  } catch (cause) {
    throw namedError(cause, request, split);
  } finally {
    await release();
  }
}

async function runAudit(
  given: LatentModel,
  data: AuditData,
  selection: Selection,
  request: LoadedAuditRequest,
): Promise<AuditResult> {
  const { interventions: selected, suites, appendix } = selection;
  const { split = "eval", task, benchmark } = data;
  const { seed = 0, output = {}, model: about = {}, onProgress, signal, shard } = request;
  const { directory } = output;
  const { weights, textBaseline } = about;
  const step = stepper(request, split, data.examples.length);
  let release = (): Promise<void> => Promise.resolve();
  try {
    const { model, readOn, shown: prepared, usable } = await begin(given, data, selection, request);

    const latentsPath = directory && join(directory, "latents.safetensors");
    if (shard && latentsPath && !existsSync(latentsPath))
      await mergeOwn(shard, model, usable.examples, latentsPath);
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
    if (directory) await writeQuestions(directory, questionsOf(examples));
    const found = shard && { given: await mergedOutcomes(shard) };
    const outcomes = await runBatches(context, journal, step, found).finally(journal.close);

    const texts = new Map(
      examples.flatMap(({ id, optionTexts }) => (optionTexts ? [[id, optionTexts] as const] : [])),
    );
    const summary = summarize(outcomes, latents, {
      split,
      task: benchmark && task,
      directory: output.pathInRun,
      weights,
      seed,
      ...request.verdict,
      reader: { reader: model.family.answers.default, ...(readOn !== undefined && { benchmark: readOn }) },
      interventions: withMissingOracles(interventions, model),
      optionTexts: (id) => texts.get(id),
      // States behind a layer are nothing that vectors of the input could be compared with, nor word 5 with word 5.
      ...(model.rules.apart && { bySlot: false }),
      ...(own.opened && !model.rules.apart && { inputVectors: await inputVectors(model, examples, seed) }),
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
      ...(model.engine && { engine: model.engine }),
      questions: questionReport(model, prepared, data.reading),
      ...(Object.keys(slices).length > 0 && { slices }),
      ...(request.slices && { namedSlices: slicesOfSummary(outcomes, request.slices, summary) }),
      ...(request.budget && { budget: request.budget }),
      ...(skipped.length > 0 && { skipped }),
      ...(exported.length > 0 && { exported }),
      ...(suiteResults && { suites: suiteResults }),
    };
    if (directory && appendix) await writeAppendix(directory, result);
    if (directory) await writeResult(directory, result);
    return result;
  } catch (cause) {
    throw namedError(cause, request, split);
  } finally {
    await release();
  }
}
