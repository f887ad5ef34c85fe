/** What a study consists of: datasets, cells and their audits, spelt out before anything runs. */
import { z } from "zod";
import { deviceNamed } from "../graph/index.ts";
import { interventionOf } from "../reasoning/index.ts";
import { taskNamed } from "../tasks/index.ts";
import { recipeOf } from "../training/index.ts";
import { LintelError, unknownName } from "../util/index.ts";

const count = z.int().positive();

const datasetSchema = z.strictObject({
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

const trainingSchema = z.strictObject({
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
});

const auditSchema = z.strictObject({
  split: z.string(),
  limit: count.optional(),
  /** All without; `["own"]` for a model without latents. */
  interventions: z.array(z.string()).optional(),
});

const cellSchema = z.strictObject({
  task: z.string(),
  recipe: z.string(),
  /** "TASK/RECIPE" of the cell whose checkpoint this one starts from (same seed). */
  base: z.string().optional(),
  training: trainingSchema.default({}),
  audits: z.array(auditSchema).min(1),
});

const planSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  seeds: count.default(1),
  /** What cells train and audit on; the CPU without. */
  device: z.string().transform(deviceNamed).optional(),
  datasets: z.record(z.string(), datasetSchema),
  cells: z.array(cellSchema).min(1),
});

export type StudyPlan = z.infer<typeof planSchema>;
/** A plan as presets and YAML files write it: what has a default may be left out. */
export type StudyInput = z.input<typeof planSchema>;

export interface CellPlan extends Omit<z.infer<typeof cellSchema>, "base"> {
  /** "task/recipe/seed". */
  id: string;
  seed: number;
  /** Id of the base cell. */
  base?: string;
}

/**
 * Checks a plan: names of tasks, recipes, interventions and splits, and that bases are cells.
 *
 * Errors: code "usage" naming `where`, the field, and the nearest names for an unknown one.
 *
 * @example
 * const plan = parsePlan({
 *   name: "mine",
 *   datasets: { tetris: { train: 100, eval: 50 } },
 *   cells: [{ task: "tetris", recipe: "joint", audits: [{ split: "eval" }] }],
 * }, "mine.yaml");
 * plan.seeds; // 1
 */
export function parsePlan(value: unknown, where: string): StudyPlan {
  const result = planSchema.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map((i) => `${i.path.join(".") || "the file"}: ${i.message}`);
    throw new LintelError("usage", {
      where,
      expected: "a study (name, seeds, datasets, cells)",
      got: faults.join("; "),
      attempt: "a preset as an example: docs/study.md",
      cause: result.error,
    });
  }
  const plan = result.data;
  const names = plan.cells.map(({ task, recipe }) => `${task}/${recipe}`);
  for (const task of Object.keys(plan.datasets)) taskNamed(task);
  for (const [i, cell] of plan.cells.entries()) {
    const { splits } = taskNamed(cell.task);
    recipeOf(cell.recipe);
    if (!Object.hasOwn(plan.datasets, cell.task)) {
      throw unknownName(`${where}, cell ${names[i]}: dataset`, cell.task, Object.keys(plan.datasets));
    }
    if (cell.base !== undefined && !names.slice(0, i).includes(cell.base)) {
      throw unknownName(`${where}, cell ${names[i]}: base (an earlier cell)`, cell.base, names.slice(0, i));
    }
    if (names.indexOf(names[i]!) < i) {
      throw new LintelError("usage", { where, expected: "each task/recipe once", got: `${names[i]} twice` });
    }
    for (const audit of cell.audits) {
      if (!splits.includes(audit.split))
        throw unknownName(`${where}, ${names[i]}: split`, audit.split, splits);
      for (const name of audit.interventions ?? []) interventionOf(name);
    }
  }
  return plan;
}

/**
 * The cells of a plan, seed after seed.
 *
 * @example
 * const plan = parsePlan({
 *   name: "mine", seeds: 2,
 *   datasets: { tetris: { train: 100, eval: 50 } },
 *   cells: [{ task: "tetris", recipe: "text", audits: [{ split: "eval", interventions: ["own"] }] }],
 * }, "mine.yaml");
 * cellsOf(plan).map(({ id }) => id); // ["tetris/text/0", "tetris/text/1"]
 */
export function cellsOf(plan: StudyPlan): CellPlan[] {
  return Array.from({ length: plan.seeds }, (_, seed) =>
    plan.cells.map(({ base, ...cell }) => ({
      ...cell,
      id: `${cell.task}/${cell.recipe}/${seed}`,
      seed,
      ...(base !== undefined && { base: `${base}/${seed}` }),
    })),
  ).flat();
}
