/** The form of a study's plan, as presets and YAML files write it. */
import { z } from "zod";
import { deviceNamed } from "../graph/index.ts";
import { frontierSchema } from "./frontier/comparison-plan.ts";
import { planRecipeSchema } from "./plan-recipes.ts";

const count = z.int().positive();

const datasetSchema = z.strictObject({
  /** The task that makes it; without, the dataset is named after its task. */
  task: z.string().optional(),
  train: count,
  eval: count,
  heldOut: z.int().nonnegative().default(0),
  seed: z.int().nonnegative().default(0),
  // Studies train pocket models: these see the pocket rendering unless a plan asks for another one.
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
  /** What a fresh model has more or less of than the usual pocket model. */
  shape: z
    .strictObject({
      hiddenSize: count.optional(),
      layers: count.optional(),
      heads: count.optional(),
      intermediateSize: count.optional(),
      visionSize: count.optional(),
    })
    .optional(),
  /** Instead of `steps`: as many as fit into so many seconds of optimiser steps, by the run's calibration. */
  seconds: z.number().positive().optional(),
});

const auditSchema = z.strictObject({
  split: z.string(),
  limit: count.optional(),
  /** Ids before a block, and after its start marker, at which a reply is given up; without, the family's own limit. */
  maxTokens: count.optional(),
  /** All without; `["own"]` for a model without latents. */
  interventions: z.array(z.string()).optional(),
});

export const cellSchema = z.strictObject({
  /** Key of the dataset. */
  task: z.string(),
  recipe: z.string(),
  /** "TASK/RECIPE" of the cell whose checkpoint this one starts from (same seed). */
  base: z.string().optional(),
  /** Of one session; 1 without, so that cells side by side share the cores. */
  threads: count.optional(),
  training: trainingSchema.default({}),
  audits: z.array(auditSchema).min(1),
});

export const planSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  seeds: count.default(1),
  /** What cells train and audit on; the CPU without. */
  device: z.string().transform(deviceNamed).optional(),
  datasets: z.record(z.string(), datasetSchema),
  /** Recipes of this study's own: known ones with other parts. */
  recipes: z.record(z.string(), planRecipeSchema).optional(),
  cells: z.array(cellSchema).min(1),
  /** Whose claims the run is held against: "paper" decides F1–F7; without, the study shows its own verdicts alone. */
  findings: z.literal("paper").optional(),
  /** Makes the study a comparison of recipes: with a leaderboard, factors, relations and findings of their own. */
  frontier: frontierSchema.optional(),
  /**
   * Seconds of one optimiser step by "DATASET/RECIPE". Measured when a run with budgets in seconds begins, and kept in its
   * study.json; a plan that brings another run's has as many steps as that one.
   */
  calibration: z.record(z.string(), z.number().positive()).optional(),
});

export type StudyPlan = z.infer<typeof planSchema>;
/** A plan as presets and YAML files write it: what has a default may be left out. */
export type StudyInput = z.input<typeof planSchema>;
