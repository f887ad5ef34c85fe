/** The record of a training in its directory, which belongs to that training alone. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Claim, digestOf, readJson } from "../formats/index.ts";
import { checkpointFingerprint } from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { FOLLOWED_FILE } from "./followed-latents.ts";
import { componentsOf, type Recipe } from "./recipes/index.ts";
import type { TrainOptions, TrainResult, TrainSettings } from "./train-options.ts";

/** Written last, beside the checkpoint. */
export const FINISHED = "training.json";

/** A training as its parts were read. */
export interface Training {
  options: TrainOptions;
  settings: TrainSettings;
  recipe: Recipe;
  recipeName: string;
  /** Of the split train, with words before blocks as they are there. */
  all: readonly Example[];
  /** The same as the recipe learns them. */
  examples: readonly Example[];
  follow: readonly Example[];
}

/** What determines a training, for the record in its directory. */
export async function trainingRequest({
  options: { seed = 0, device = "cpu", base, shape },
  settings,
  recipe,
  recipeName,
  all,
  follow,
}: Training): Promise<Claim> {
  const facts = Object.entries({ ...settings, ...shape }).filter(([, value]) => value !== undefined);
  return {
    kind: "training",
    what: "a training",
    inputs: {
      training: {
        recipe: recipeName,
        "components of the recipe": digestOf([componentsOf(recipe)]),
        seed,
        ...Object.fromEntries(facts),
        ...(device !== "cpu" && { device }),
      },
      data: {
        "number of examples": all.length,
        "content (split train)": digestOf(all),
        "content (split eval)": digestOf(follow),
      },
      ...(base !== undefined && { base: await checkpointFingerprint(base) }),
    },
    // Of trainings that were begun before requests were recorded: their state names its own fingerprint, which is compared.
    tolerated: ["state.safetensors", "training.jsonl", FOLLOWED_FILE],
  };
}

/** Figures of a finished training beside its checkpoint; null before. */
export async function readFinished(out: string): Promise<TrainResult | null> {
  // Weights that were deleted are trained again.
  if (!existsSync(join(out, "model.safetensors"))) return null;
  const found = await readJson(join(out, FINISHED), {
    expected: "the figures of a finished training",
    attempt: "deleting the file: the same command trains the model again",
  });
  return found as TrainResult | null;
}
