/** Selects recipes, tasks or cells of a plan. */
import { LintelError, unknownName } from "../util/index.ts";
import { parsePlan, type StudyPlan, seedsOf, taskOf } from "./plan.ts";
import { recipeIn } from "./plan-recipes.ts";
import { type OnNote, presentNames } from "./recipe-names.ts";

export interface Selection {
  /** Recipes; one that the plan has no cell of gets those of the comparison's reference. */
  recipes?: readonly string[] | undefined;
  /** Datasets, by their own names or by that of their task. */
  tasks?: readonly string[] | undefined;
  /** Cells as "DATASET/RECIPE". */
  only?: readonly string[] | undefined;
  /** What recipes have equally much of. */
  equal?: "steps" | "seconds" | undefined;
}

type Cell = StudyPlan["cells"][number];

const nameOf = ({ task, recipe }: Cell): string => `${task}/${recipe}`;

/** The plan's cells, and those of recipes that it has not but that were asked for by name. */
function withAsked(plan: StudyPlan, asked: readonly string[]): Cell[] {
  const reference = plan.frontier?.reference;
  const known = new Set(plan.cells.map(({ recipe }) => recipe));
  const added = reference === undefined ? [] : asked.filter((recipe) => !known.has(recipe));
  for (const recipe of added) recipeIn(plan, recipe);
  return [
    ...plan.cells,
    ...added.flatMap((recipe) =>
      plan.cells.filter((cell) => cell.recipe === reference).map((cell) => ({ ...cell, recipe })),
    ),
  ];
}

/**
 * The selected part of a plan: its cells, their bases, and the settings that concern them.
 *
 * Errors: "usage" for names that the plan has not, with the nearest ones, and where nothing is left.
 *
 * @example
 * const plan = parsePlan({
 *   name: "mine",
 *   datasets: { tetris: { train: 100, eval: 50 } },
 *   cells: ["joint", "text"].map((recipe) => ({ task: "tetris", recipe, audits: [{ split: "eval", interventions: ["own"] }] })),
 * }, "mine.yaml");
 * selectPlan(plan, { recipes: ["text"] }).cells.length; // 1
 */
export function selectPlan(plan: StudyPlan, selection: Selection, onNote?: OnNote): StudyPlan {
  const { tasks, equal } = selection;
  const names = presentNames(plan, onNote);
  const recipes = selection.recipes?.map(names.recipe);
  const only = selection.only?.map(names.cell);
  if (equal !== undefined && !plan.frontier)
    throw new LintelError("usage", {
      where: "--equal",
      expected: 'a comparison of recipes (a plan with "frontier")',
      got: `the study "${plan.name}"`,
    });
  const all = withAsked(plan, recipes ?? []);
  const refuse = (option: string, asked: readonly string[] | undefined, known: readonly string[]): void => {
    for (const name of asked ?? [])
      if (!known.includes(name)) throw unknownName("name", name, [...new Set(known)], { where: option });
  };
  const cellNames = all.map(nameOf);
  refuse(
    "--recipes",
    recipes,
    all.map(({ recipe }) => recipe),
  );
  refuse(
    "--tasks",
    tasks,
    all.flatMap(({ task }) => [task, taskOf(plan, task)]),
  );
  refuse("--only", only, cellNames);
  const chosen = (cell: Cell): boolean =>
    (recipes?.includes(cell.recipe) ?? true) &&
    (!tasks || tasks.includes(cell.task) || tasks.includes(taskOf(plan, cell.task))) &&
    (only?.includes(nameOf(cell)) ?? true);
  const wanted = new Set(all.filter(chosen).map(nameOf));
  // Bases stand before what needs them.
  for (const cell of [...all].reverse())
    if (wanted.has(nameOf(cell)) && cell.base !== undefined) wanted.add(cell.base);
  const cells = all.filter((cell) => wanted.has(nameOf(cell)));
  if (cells.length === 0)
    throw new LintelError("usage", {
      where: "study",
      expected: "cells to run",
      got: "none that match all selections",
    });
  const used = new Set(cells.map(({ task }) => task));
  const { frontier } = plan;
  const design = frontier?.design;
  const whole = design?.tasks.every((task) =>
    Object.keys(design.runs).every((recipe) => wanted.has(`${task}/${recipe}`)),
  );
  const part: StudyPlan = {
    ...plan,
    datasets: Object.fromEntries(Object.entries(plan.datasets).filter(([key]) => used.has(key))),
    ...(plan.recipes && {
      recipes: Object.fromEntries(
        Object.entries(plan.recipes).filter(([name]) => cells.some(({ recipe }) => recipe === name)),
      ),
    }),
    cells,
    ...(frontier && {
      frontier: {
        ...frontier,
        bars: frontier.bars.filter((task) => used.has(task)),
        equal: equal ?? frontier.equal,
        design: whole ? design : undefined,
      },
    }),
  };
  // Undefined keys would not survive study.json, and a recipe that was added has to be known.
  return parsePlan(JSON.parse(JSON.stringify(part)), "study");
}

/**
 * Core-seconds of a study by what its plan says of the cost of cells; null where it says nothing of one of them.
 */
export function estimatedSeconds(plan: StudyPlan): number | null {
  const cost = plan.frontier?.cost;
  let sum = 0;
  for (const { task, recipe } of plan.cells) {
    const seconds = cost?.tasks[task];
    if (seconds === undefined) return null;
    sum += seconds * (plan.frontier?.equal === "seconds" ? 1 : (cost?.recipes[recipe] ?? 1));
  }
  return sum * seedsOf(plan).length;
}
