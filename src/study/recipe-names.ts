/** Recipes of a plan under their present names: plans written for earlier versions may use old ones. */
import { currentRecipeName } from "../training/index.ts";
import { renamedNote } from "../util/index.ts";
import type { StudyPlan } from "./plan-schema.ts";

/** Receives a sentence for each old name that was used. */
export type OnNote = (note: string) => void;

/** Map a recipe name, or "DATASET/RECIPE", to the present name; names that the plan itself defines stay. */
interface PresentNames {
  recipe(name: string): string;
  cell(name: string): string;
}

export function presentNames(plan: Pick<StudyPlan, "recipes">, onNote?: OnNote): PresentNames {
  // Each old name is reported once.
  const known = new Map<string, string>(Object.keys(plan.recipes ?? {}).map((name) => [name, name]));
  const recipe = (name: string): string => {
    const current = known.get(name) ?? currentRecipeName(name);
    if (!known.has(name) && current !== name) onNote?.(renamedNote("recipe", name, current));
    known.set(name, current);
    return current;
  };
  const cell = (name: string): string => {
    const slash = name.lastIndexOf("/") + 1;
    return name.slice(0, slash) + recipe(name.slice(slash));
  };
  return { recipe, cell };
}

const withKeys = <T>(
  record: Readonly<Record<string, T>>,
  rename: (key: string) => string,
): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), value]));

/** A plan in which every recipe has its present name. */
export function withPresentNames(plan: StudyPlan, onNote?: OnNote): StudyPlan {
  const { recipe, cell } = presentNames(plan, onNote);
  const { recipes, cells, frontier, calibration, ...rest } = plan;
  // Costs and designs may name recipes that this part of a plan has no cells of: those stay.
  const used = new Map(cells.map((each) => [each.recipe, recipe(each.recipe)]));
  const ofCell = (name: string): string => used.get(name) ?? name;
  return {
    ...rest,
    ...(recipes && {
      recipes: Object.fromEntries(
        Object.entries(recipes).map(([name, own]) => [name, { ...own, of: currentRecipeName(own.of) }]),
      ),
    }),
    cells: cells.map((each) => ({
      ...each,
      recipe: recipe(each.recipe),
      ...(each.base !== undefined && { base: cell(each.base) }),
    })),
    ...(frontier && {
      frontier: {
        ...frontier,
        reference: recipe(frontier.reference),
        ...(frontier.design && {
          design: { ...frontier.design, runs: withKeys(frontier.design.runs, ofCell) },
        }),
        ...(frontier.cost && {
          cost: { ...frontier.cost, recipes: withKeys(frontier.cost.recipes, ofCell) },
        }),
      },
    }),
    ...(calibration && {
      calibration: withKeys(calibration, (name) =>
        used.has(name.slice(name.lastIndexOf("/") + 1)) ? cell(name) : name,
      ),
    }),
  };
}
