/** Measures how fast this machine trains each recipe: seconds per optimizer step, before a study begins. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readJournal } from "../formats/index.ts";
import { largest, mean } from "../numeric/index.ts";
import { generateDataset } from "../tasks/index.ts";
import { trainDefaults, trainModel } from "../training/index.ts";
import type { OnProgress } from "../util/index.ts";

import { isTimed, type StudyPlan, taskOf } from "./plan.ts";
import { recipeFor } from "./plan-recipes.ts";

/** Steps of one measurement: enough to see every stage and schedule of a recipe. */
const STEPS = 16;
/** Rounds of measurement, recipes in turn; the fastest time of each step counts, as other load only slows it down. */
const ROUNDS = 2;

interface CalibrateOptions {
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Seconds of each step but the first, which also builds the session. */
async function stepSeconds(journal: string): Promise<number[]> {
  const lines = await readJournal<{ step: number; seconds: number; loss?: number }>(journal);
  const ends = lines.filter(({ loss }) => loss !== undefined).map(({ seconds }) => seconds);
  return ends.slice(1).map((end, i) => end - ends[i]!);
}

/**
 * Mean of the steps, each at its fastest over the rounds.
 *
 * @example
 * meanOfFastest([[0.1, 0.5], [0.3, 0.2]]); // 0.15
 */
export function meanOfFastest(rounds: readonly (readonly number[])[]): number {
  const fastest = rounds[0]!.map((_, i) => Math.min(...rounds.map((each) => each[i]!)));
  return mean(fastest);
}

/**
 * Seconds of one step by "DATASET/RECIPE", for every dataset with a budget in seconds. Trains each recipe for a few steps
 * on a small dataset of the same kind, with one thread, as cells do; leaves nothing in the run.
 */
export async function calibrate(
  run: string,
  plan: StudyPlan,
  { onProgress, signal }: CalibrateOptions,
): Promise<Record<string, number>> {
  const scratch = join(run, ".calibration");
  const timed = plan.cells.filter((cell) => isTimed(plan, cell));
  const measured = new Map<string, number[][]>();
  let done = 0;
  const report = (): void =>
    onProgress?.({ label: "calibrate", done, total: timed.length * ROUNDS, unit: "trainings" });
  try {
    report();
    for (const dataset of new Set(timed.map(({ task }) => task))) {
      const cells = timed.filter(({ task }) => task === dataset);
      const { parameters, seed } = plan.datasets[dataset]!;
      const data = join(scratch, dataset);
      const most = largest(cells.map(({ training }) => training.batch ?? trainDefaults.batch));
      const task = taskOf(plan, dataset);
      await generateDataset({ task, out: data, train: 2 * most, eval: 4, heldOut: 0, seed, parameters });
      for (let round = 0; round < ROUNDS; round++) {
        for (const { recipe, training } of cells) {
          signal?.throwIfAborted();
          const { seconds: _, ...settings } = training;
          const out = join(scratch, "model");
          await rm(out, { recursive: true, force: true });
          await trainModel({
            ...settings,
            ...recipeFor(plan, recipe),
            steps: STEPS,
            followEvery: STEPS,
            followExamples: 1,
            saveEvery: STEPS,
            data,
            out,
            seed: 0,
            threads: 1,
            ...(plan.device && { device: plan.device }),
            signal,
          });
          const name = `${dataset}/${recipe}`;
          const times = await stepSeconds(join(out, "training.jsonl"));
          measured.set(name, [...(measured.get(name) ?? []), times]);
          done++;
          report();
        }
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return Object.fromEntries([...measured].map(([name, rounds]) => [name, meanOfFastest(rounds)]));
}
