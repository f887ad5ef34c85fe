/** Checks the plan of a study and lists its cells. */
import type { z } from "zod";
import { interventionOf } from "../reasoning/index.ts";
import { taskNamed } from "../tasks/index.ts";
import { checkLimits, pocketShape, trainDefaults } from "../training/index.ts";
import { ensure, LintelError, MOST_SEEDS, renamedNote, unknownName } from "../util/index.ts";
import { checkFrontier } from "./frontier/comparison-plan.ts";
import { recipeIn } from "./plan-recipes.ts";
import {
  type cellSchema,
  planSchema,
  type StudyInput,
  type StudyPlan,
  type trainingSchema,
} from "./plan-schema.ts";
import { type OnNote, withPresentNames } from "./recipe-names.ts";

export type { Design } from "./frontier/comparison-plan.ts";
export type { StudyInput, StudyPlan } from "./plan-schema.ts";

export interface CellPlan extends Omit<z.infer<typeof cellSchema>, "base" | "training"> {
  /** "dataset/recipe/seed". */
  id: string;
  /** Task that made the dataset. */
  of: string;
  /** Steps, whatever the plan gave. */
  training: Omit<z.infer<typeof trainingSchema>, "seconds">;
  seed: number;
  /** Id of the base cell. */
  base?: string;
}

/** A name that becomes a directory. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function checkNames(names: readonly string[], where: string, what: string): void {
  for (const name of names)
    if (!NAME.test(name))
      throw new LintelError("usage", {
        where: `${where}: ${what}`,
        expected: "a name of letters, digits and . _ - within",
        value: true,
        got: JSON.stringify(name),
      });
}

/** Errors: code "usage" where a cell has no choice of its shape, or its heads no room. */
function checkShape(
  { base, checkpoint, training: { shape } }: StudyPlan["cells"][number],
  where: string,
): void {
  const fault = (expected: string, got: string): LintelError =>
    new LintelError("usage", { where, expected, got });
  if (base !== undefined && checkpoint !== undefined)
    throw fault("a cell or a checkpoint to start from", `base ${base} and checkpoint ${checkpoint}`);
  if (!shape) return;
  if (checkpoint !== undefined)
    throw fault("no shape beside a checkpoint, whose shape the model has", `checkpoint ${checkpoint}`);
  if (base !== undefined) throw fault("no shape beside a base, whose shape the model has", `base ${base}`);
  const { hiddenSize, heads } = { ...pocketShape, ...shape };
  if (hiddenSize % (2 * heads) !== 0)
    throw fault("heads of an even width that fill the hidden size", `${heads} heads on ${hiddenSize}`);
}

/** The task that makes a dataset of a plan. */
export const taskOf = (plan: Pick<StudyPlan, "datasets">, dataset: string): string =>
  plan.datasets[dataset]?.task ?? dataset;

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
export function parsePlan(value: unknown, where: string, onNote?: OnNote): StudyPlan {
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
  const plan = withPresentNames(result.data, onNote);
  const given = (value as StudyInput).recipes ?? {};
  if (Object.values(given).some((recipe) => recipe.plan))
    onNote?.(renamedNote("key of a recipe", "plan", "rationale"));
  checkSize(plan, where);
  const names = plan.cells.map(({ task, recipe }) => `${task}/${recipe}`);
  checkNames(Object.keys(plan.datasets), where, "dataset");
  checkNames(Object.keys(plan.recipes ?? {}), where, "recipe");
  for (const dataset of Object.keys(plan.datasets)) taskNamed(taskOf(plan, dataset));
  for (const name of Object.keys(plan.recipes ?? {})) recipeIn(plan, name);
  for (const [i, cell] of plan.cells.entries()) {
    recipeIn(plan, cell.recipe);
    if (!Object.hasOwn(plan.datasets, cell.task)) {
      throw unknownName("dataset", cell.task, Object.keys(plan.datasets), {
        where: `${where}, cell ${names[i]}`,
      });
    }
    const { splits } = taskNamed(taskOf(plan, cell.task));
    if (cell.base !== undefined && !names.slice(0, i).includes(cell.base)) {
      throw unknownName("base (an earlier cell)", cell.base, names.slice(0, i), {
        where: `${where}, cell ${names[i]}`,
      });
    }
    checkShape(cell, `${where}, cell ${names[i]}: shape`);
    if (names.indexOf(names[i]!) < i) {
      throw new LintelError("usage", { where, expected: "each task/recipe once", got: `${names[i]} twice` });
    }
    for (const audit of cell.audits) {
      if (!splits.includes(audit.split))
        throw unknownName("split", audit.split, splits, { where: `${where}, cell ${names[i]}` });
      for (const name of audit.interventions ?? []) interventionOf(name);
    }
  }
  if (plan.frontier) checkFrontier(plan.frontier, plan, where);
  return plan;
}

/** Above these, a study is a mistake: nobody waits for it. */
const LIMITS = { seeds: MOST_SEEDS, examples: 10_000_000, models: 10_000 };

/**
 * Refuses a study that cannot be meant, before anything of it is made.
 *
 * Errors: "usage" naming the key.
 */
export function checkSize(plan: StudyPlan, where: string): void {
  const check = (key: string, value: number, most: number): void =>
    ensure(value <= most, "usage", () => ({
      where: `${where}: ${key}`,
      value: true,
      expected: `at most ${most}: more is taken for a mistake`,
      got: String(value),
    }));
  const seeds = Array.isArray(plan.seeds) ? plan.seeds.length : plan.seeds;
  check("seeds", seeds, LIMITS.seeds);
  check("cells × seeds", plan.cells.length * seeds, LIMITS.models);
  for (const [name, sizes] of Object.entries(plan.datasets))
    for (const split of ["train", "eval", "heldOut"] as const)
      check(`datasets.${name}.${split}`, sizes[split], LIMITS.examples);
  for (const { task, recipe, threads, training } of plan.cells)
    checkLimits({ ...training, ...training.shape, threads }, `${where}, cell ${task}/${recipe}: `);
}

/**
 * Whether a cell's steps follow from a measured speed.
 *
 * @example
 * isTimed({}, { training: { seconds: 30 } }); // true
 */
export const isTimed = (
  plan: Pick<StudyPlan, "frontier">,
  cell: Pick<StudyPlan["cells"][number], "training">,
): boolean => plan.frontier?.equal === "seconds" || cell.training.seconds !== undefined;

/** Seconds that a cell may take: its own budget, or what the reference recipe needs for its steps on this dataset. */
function budgetOf(plan: StudyPlan, cell: StudyPlan["cells"][number], rate: (name: string) => number): number {
  if (plan.frontier?.equal !== "seconds") return cell.training.seconds!;
  const name = `${cell.task}/${plan.frontier.reference}`;
  const reference = plan.cells.find(({ task, recipe }) => `${task}/${recipe}` === name);
  const { steps = trainDefaults.steps, seconds } = reference?.training ?? cell.training;
  return seconds ?? steps * rate(name);
}

function trainingOf(plan: StudyPlan, cell: StudyPlan["cells"][number]): CellPlan["training"] {
  const { seconds: _, ...training } = cell.training;
  if (!isTimed(plan, cell)) return training;
  const rate = (name: string): number => {
    const found = plan.calibration?.[name];
    if (found !== undefined) return found;
    throw new LintelError("usage", {
      where: `cell ${cell.task}/${cell.recipe}`,
      expected: `the seconds of one step of ${name} in "calibration"`,
      got: "none",
      attempt: "running the study, which measures them first",
    });
  };
  const steps = Math.round(budgetOf(plan, cell, rate) / rate(`${cell.task}/${cell.recipe}`));
  return { ...training, steps: Math.max(1, steps) };
}

/**
 * The seeds that a plan trains every cell with.
 *
 * @example
 * seedsOf({ seeds: 2 }); // [0, 1]
 */
export const seedsOf = ({ seeds }: Pick<StudyPlan, "seeds">): number[] =>
  typeof seeds === "number" ? Array.from({ length: seeds }, (_, seed) => seed) : seeds;

/**
 * The cells of a plan, seed after seed. Where budgets are in seconds, steps follow from the plan's calibration; without
 * one the error is "usage".
 */
export function cellsOf(plan: StudyPlan): CellPlan[] {
  return seedsOf(plan).flatMap((seed) =>
    plan.cells.map(({ base, ...cell }) => ({
      ...cell,
      training: trainingOf(plan, cell),
      id: `${cell.task}/${cell.recipe}/${seed}`,
      of: taskOf(plan, cell.task),
      seed,
      ...(base !== undefined && { base: `${base}/${seed}` }),
    })),
  );
}
