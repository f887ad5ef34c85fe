/** Trains one model; resumable, with a journal and evaluations on the way. */
import { join } from "node:path";
import {
  type Claim,
  changedPart,
  claim,
  compareClaim,
  ensureDirectory,
  openJournal,
  requireUnchanged,
  sealed,
  sealPart,
  writeFileAtomic,
} from "../formats/index.ts";
import { checkCompatibility, pixelRange } from "../reasoning/index.ts";
import {
  described,
  type Example,
  type PocketFacts,
  readManifest,
  readSplit,
  resolveParameters,
  taskNamed,
} from "../tasks/index.ts";
import { LintelError, withLock } from "../util/index.ts";
import { batchOrder } from "./batch.ts";
import { loadTrainable, saveModel } from "./checkpoint.ts";
import { applyRationalePolicy } from "./components/index.ts";
import { provenDevice } from "./device-proof.ts";
import { evaluateAccuracy } from "./eval-during-training.ts";
import { FOLLOWED_FILE, openFollowed } from "./followed-latents.ts";
import { requireTrainingMemory } from "./memory-estimate.ts";
import { adamWStep, createAdamW, learningRateAt } from "./optimizer.ts";
import { createPocket, pocketShape, runningModel, type TrainableModel } from "./pocket-model.ts";
import { checkRecipe, componentsOf, currentRecipeName, type Recipe, recipeOf } from "./recipes/index.ts";
import { createStages } from "./stages.ts";
import {
  checkLimits,
  type Trained,
  type TrainOptions,
  type TrainResult,
  type TrainSettings,
  trainDefaults,
} from "./train-options.ts";
import { FINISHED, readFinished, type Training, trainingRequest } from "./training-record.ts";
import { dropState, fingerprint, restoreState, saveState } from "./training-state.ts";

type JournalLine =
  | {
      step: number;
      seconds: number;
      loss: number;
      textLoss: number;
      latentLoss: number | null;
      learningRate: number;
      gradientNorm: number;
    }
  | { step: number; seconds: number; accuracy: Record<string, number> };

/** What the pocket model needs to know of a dataset, from its task and parameters. */
async function pocketFacts(data: string): Promise<PocketFacts> {
  const manifest = await readManifest(data);
  if (manifest) {
    const { name, parameters, pocket } = taskNamed(manifest.task);
    // Datasets were made before there was another rendering than this one, and do not name it.
    return pocket(resolveParameters(name, parameters, { rendering: "pocket", ...manifest.parameters }));
  }
  throw new LintelError("dataset", {
    where: data,
    expected: "a dataset written by `lintel generate`, which describes it for a pocket model",
    got: "a dataset without lintel.json",
    attempt: "training from a checkpoint with a base, or generating a dataset",
  });
}

/** Opens the journal of a training that continues at `step`: later lines of an earlier attempt are dropped. */
async function journalAt(path: string, step: number) {
  const { records, close } = await openJournal<JournalLine>(path, { flush: "batch" });
  await close();
  const kept = records.filter((line) => line.step <= step);
  const steps = kept.filter((line) => "loss" in line);
  if (steps.length !== step || steps.some((line, i) => line.step !== i + 1))
    throw changedPart(
      path,
      [`${steps.length} of the ${step} steps that were taken`],
      "restoring the file, or another --out",
    );
  if (kept.length < records.length || step === 0) {
    await writeFileAtomic(path, kept.map((line) => `${JSON.stringify(sealed(line))}\n`).join(""));
  }
  return openJournal<JournalLine>(path, { flush: "batch" });
}

/**
 * Trains a model and writes it as a checkpoint to `out`. After an interruption, the same call continues from the last saved
 * state and ends with the same bytes; on a finished training it does nothing (`reused`).
 *
 * Errors: "usage" for an unknown recipe, and for an `out` that holds another training, a checkpoint or anything else;
 * "runtime" for a device that gives other numbers than the CPU, "dataset" and "checkpoint" for what cannot be used, as words
 * that the base or, of the split eval, the split train does not have; "output" for an `out` that cannot be written, or that
 * another process works in.
 *
 * @public
 * @example
 * await generateDataset({ task: "tetris", out: "data", train: 16, eval: 4, heldOut: 4, parameters: { rendering: "pocket" } });
 * const settings = { steps: 1, batch: 4, followExamples: 2 };
 * (await trainModel({ recipe: "joint", data: "data", out: "model", ...settings })).steps; // 1
 */
export async function trainModel(options: TrainOptions): Promise<Trained> {
  const named = typeof options.recipe === "string" ? currentRecipeName(options.recipe) : null;
  const recipe = named === null ? (options.recipe as Recipe) : recipeOf(named);
  const recipeName = named ?? options.recipeName ?? "own";
  checkRecipe(recipe, recipeName);
  const settings: TrainSettings = { ...trainDefaults, ...definedOnly(options) };
  const { out, data, device = "cpu", breakLock, signal } = options;
  checkLimits({ ...settings, ...options.shape, threads: options.threads });
  await provenDevice(device, options);
  const train = await readSplit(data, "train");
  const follow = await readSplit(data, "eval", { limit: settings.followExamples });
  const all =
    recipe.rationale === "state"
      ? train.examples.map((example) => described(train.task, example))
      : train.examples;
  const examples = applyRationalePolicy(all, recipe.rationale);
  const task: Training = {
    options,
    settings,
    recipe,
    recipeName,
    all,
    examples,
    follow: follow.examples,
  };
  await ensureDirectory(out);
  return withLock(out, { breakLock, signal }, async () => {
    const request = await trainingRequest(task);
    const begun = await compareClaim(out, request);
    const finished = begun === "same" ? await readFinished(out) : null;
    if (!finished) return trainLocked(task, request);
    await requireUnchanged(out, "restoring the files, or another --out");
    await dropState(out); // of a kill between the last two steps
    return { ...finished, reused: true };
  });
}

/** Trains in a locked directory, which is recorded for this training once model and state to begin with are there. */
async function trainLocked(
  { options, settings, recipe, recipeName, all, examples, follow }: Training,
  request: Claim,
): Promise<TrainResult> {
  const { out, seed = 0, threads = 1, device = "cpu", onProgress, signal } = options;
  const { label = `train ${recipeName}` } = options;
  const started = performance.now();
  const model = await startingModel(options, recipe, examples, follow);
  const running = runningModel(model, threads, device);
  const parameters = model.decoder.flat.length;
  await requireTrainingMemory(label, { running, config: model.config, parameters }, recipe, {
    examples,
    batch: settings.batch,
    threads,
  });
  const optimizer = createAdamW(model.decoder, { weightDecay: settings.weightDecay, clip: settings.clip });
  // Another device gives other bits; the CPU is the default and not recorded.
  const on = device === "cpu" ? {} : { device };
  const training = fingerprint(
    { recipe: recipeName, seed, ...settings, ...on, components: componentsOf(recipe) },
    all,
    [model.decoder, model.vision],
  );
  const done = await restoreState(out, training, model.decoder, optimizer);
  await claim(out, request);
  const journal = await journalAt(join(out, "training.jsonl"), done);
  const width = model.config.text.hiddenSize;
  const followed = await openFollowed(join(out, FOLLOWED_FILE), follow, width, done);
  const report = (step: number, note?: string): void =>
    onProgress?.({ label, done: step, total: settings.steps, unit: "steps", ...(note && { note }) });
  try {
    const staged = await createStages(
      { recipe, model, running, examples, optimizer },
      {
        steps: settings.steps,
        batch: settings.batch,
        latentWeight: settings.latentWeight ?? recipe.latentWeight,
        seed,
        threads,
        device,
      },
    );
    const orderOf = batchOrder({ count: examples.length, batch: settings.batch, seed });
    try {
      for (let at = done; at < settings.steps; at++) {
        signal?.throwIfAborted();
        const losses = await staged.run(orderOf(at), at);
        const learningRate = learningRateAt(settings, at);
        const gradientNorm = adamWStep(optimizer, model.decoder, learningRate);
        // Before this step is saved: the last saved state stays a good one.
        if (!Number.isFinite(losses.loss)) throw diverged(label, at, "a finite loss", losses.loss);
        if (!Number.isFinite(gradientNorm)) throw diverged(label, at, "finite gradients", gradientNorm);
        const seconds = (performance.now() - started) / 1000;
        await journal.append({ step: at + 1, seconds, ...losses, learningRate, gradientNorm });
        if ((at + 1) % settings.followEvery === 0 || at + 1 === settings.steps) {
          const { accuracy, latents } = await evaluateAccuracy(running, follow, recipe.latents);
          if (latents) await followed.add(at + 1, latents);
          await journal.append({ step: at + 1, seconds, accuracy: accuracy as Record<string, number> });
        }
        if ((at + 1) % settings.saveEvery === 0 && at + 1 < settings.steps) {
          await saveState(out, training, model.decoder, optimizer);
        }
        report(at + 1, `loss ${losses.loss.toFixed(3)}`);
      }
    } finally {
      await staged.release();
    }
  } finally {
    await journal.close();
    await running.network.release();
  }
  const seconds = (performance.now() - started) / 1000;
  const pixels = pixelRange(examples);
  await saveModel(out, model, {
    recipe: recipeName,
    seed,
    steps: settings.steps,
    batch: settings.batch,
    ...on,
    ...(pixels && { pixels }),
  });
  const seen = settings.steps * settings.batch;
  const result: TrainResult = {
    parameters: model.decoder.flat.length + model.vision.flat.length,
    steps: settings.steps,
    examples: seen,
    seconds,
    examplesPerSecond: ((settings.steps - done) * settings.batch) / seconds,
  };
  await sealPart(out, { name: FINISHED, document: result, indent: 0 });
  await dropState(out);
  return result;
}

/** The model to train: of a base, or a fresh pocket model. */
async function startingModel(
  { base, data, seed = 0, shape }: TrainOptions,
  { head, space, latentsPerBlock }: Recipe,
  examples: readonly Example[],
  follow: readonly Example[],
): Promise<TrainableModel> {
  const latentConfig = { head, space };
  const k = latentsPerBlock === null ? {} : { k: latentsPerBlock };
  if (base) {
    const model = await loadTrainable(base, latentConfig, { seed, ...k });
    const { tokenizer, config } = model;
    const about = { model: base, tokenizer, config: config.raw };
    checkCompatibility(
      { ...about, data: `${data}, split train` },
      examples,
      ({ reasoning = [] }) => reasoning,
    );
    checkCompatibility({ ...about, data: `${data}, split eval` }, follow);
    return model;
  }
  const facts = await pocketFacts(data);
  const wanted = latentsPerBlock === null ? facts : { ...facts, latentsPerBlock };
  const model = await createPocket(examples, wanted, seed, { ...pocketShape, ...shape }, latentConfig);
  const config = { lintel: { pixels: pixelRange(examples) } };
  checkCompatibility(
    { model: "the split train", tokenizer: model.tokenizer, config, data: `${data}, split eval` },
    follow,
  );
  return model;
}

const diverged = (label: string, step: number, expected: string, got: number): LintelError =>
  new LintelError("runtime", {
    where: `${label}, step ${step + 1}`,
    id: "E_NOT_FINITE",
    expected,
    got: String(got),
    attempt: "a lower learning rate, or a longer warm-up; the last saved state was kept",
  });

const definedOnly = (options: TrainOptions): Partial<TrainSettings> =>
  Object.fromEntries(
    Object.keys(trainDefaults)
      .concat("latentWeight")
      .flatMap((key) => {
        const value = options[key as keyof TrainSettings];
        return value === undefined ? [] : [[key, value]];
      }),
  );
