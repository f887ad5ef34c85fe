/** The form of a study's plan, as presets and YAML files write it. */
import { z } from "zod";
import { deviceNamed } from "../graph/index.ts";
import { frontierSchema } from "./frontier/comparison-plan.ts";
import { planRecipeSchema } from "./plan-recipes.ts";

const count = z.int().positive();

const datasetSchema = z.strictObject({
  /** The task that generates it; default: the dataset's name. */
  task: z.string().optional(),
  train: count,
  eval: count,
  heldOut: z.int().nonnegative().default(0),
  seed: z.int().nonnegative().default(0),
  // Studies train pocket models: the default is their rendering.
  parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .transform((given) => ({ rendering: "pocket", ...given })),
});

export const trainingSchema = z.strictObject({
  steps: count.optional(),
  batch: count.optional(),
  learningRate: z.number().positive().optional(),
  warmup: z.int().nonnegative().optional(),
  floor: z.number().min(0).max(1).optional(),
  weightDecay: z.number().nonnegative().optional(),
  clip: z.number().positive().optional(),
  followEvery: count.optional(),
  followExamples: count.optional(),
  saveEvery: count.optional(),
  latentWeight: z.number().nonnegative().optional(),
  /** Of the checkpoint that the cell starts from, the layers that are trained: so many uppermost ones. */
  upperLayers: count.optional(),
  /** Sizes of a fresh pocket model that differ from the defaults. */
  shape: z
    .strictObject({
      hiddenSize: count.optional(),
      layers: count.optional(),
      heads: count.optional(),
      intermediateSize: count.optional(),
      visionSize: count.optional(),
    })
    .optional(),
  /** Instead of `steps`: a budget in seconds of optimizer steps; the run's calibration gives the number of steps. */
  seconds: z.number().positive().optional(),
});

const auditSchema = z.strictObject({
  split: z.string(),
  limit: count.optional(),
  /** Maximum number of new tokens before a block, and after its start marker; default: the family's. */
  maxTokens: count.optional(),
  /** Default: the standard ones; `["own"]` for a model without latents. */
  interventions: z.array(z.string()).optional(),
});

export const cellSchema = z.strictObject({
  /** Key of the dataset. */
  task: z.string(),
  recipe: z.string(),
  /** "TASK/RECIPE" of the cell whose checkpoint this one starts from (same seed). */
  base: z.string().optional(),
  /** Directory of a checkpoint that is no part of the study, which this cell starts from. */
  checkpoint: z.string().optional(),
  /** Threads of one session; default: 1, as cells run in parallel. */
  threads: count.optional(),
  training: trainingSchema.default({}),
  audits: z.array(auditSchema).min(1),
});

/** Seeds of a plan: how many, counted from 0, or a list. */
const seeds = z.union([
  count,
  z
    .array(z.int().nonnegative())
    .min(1)
    .refine((list) => new Set(list).size === list.length, "expected each seed once"),
]);

export const planSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  seeds: seeds.default(1),
  /** Device of training and audits; default: the CPU. */
  device: z.string().transform(deviceNamed).optional(),
  datasets: z.record(z.string(), datasetSchema),
  /** Recipes defined in this plan: known ones with other components. */
  recipes: z.record(z.string(), planRecipeSchema).optional(),
  cells: z.array(cellSchema).min(1),
  /** Claims that the run is compared with: "paper" decides F1–F7; default: none. */
  findings: z.literal("paper").optional(),
  /** Makes the study a comparison of recipes, with leaderboard, factors, relations and its own findings. */
  frontier: frontierSchema.optional(),
  /**
   * Seconds of one optimizer step by "DATASET/RECIPE". Measured when a run with budgets in seconds begins, and kept in its
   * study.json; a plan with another run's calibration has that run's number of steps.
   */
  calibration: z.record(z.string(), z.number().positive()).optional(),
});

export type StudyPlan = z.infer<typeof planSchema>;
/** A plan as presets and YAML files write it: what has a default may be left out. */
export type StudyInput = z.input<typeof planSchema>;
