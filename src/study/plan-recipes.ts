/** Recipes that a plan defines: a known one with other components. */
import { z } from "zod";
import {
  changedRecipe,
  currentRecipeName,
  type Recipe,
  rationaleSchema,
  recipeChangesSchema,
  recipeOf,
  recipes,
} from "../training/index.ts";
import { unknownName } from "../util/index.ts";

export const planRecipeSchema = recipeChangesSchema
  .extend({
    /** The recipe that is changed. */
    of: z.string(),
    /** The name of `rationale` in earlier versions. */
    plan: rationaleSchema.optional(),
  })
  .transform(({ plan, ...recipe }) => (plan === undefined ? recipe : { rationale: plan, ...recipe }));

type PlanRecipe = z.infer<typeof planRecipeSchema>;

/**
 * The recipe of a name: one of the plan's own, else a known one.
 *
 * Errors: code "usage" with the nearest names for an unknown one.
 *
 * @example
 * recipeIn({ recipes: { strong: { of: "joint", latentWeight: 1 } } }, "strong").latentWeight; // 1
 */
export function recipeIn(
  plan: { recipes?: Readonly<Record<string, PlanRecipe>> | undefined },
  name: string,
): Recipe {
  const own = plan.recipes ?? {};
  if (!Object.hasOwn(own, name)) {
    if (Object.hasOwn(recipes, currentRecipeName(name))) return recipeOf(name);
    throw unknownName("recipe", name, [...Object.keys(own), ...Object.keys(recipes)], {
      note: "list: docs/recipes.md",
    });
  }
  const { of, ...changes } = own[name]!;
  return changedRecipe(recipeOf(of), changes);
}

/**
 * The options of `trainModel` for a recipe of a plan: the name of a known recipe, or a recipe and its name.
 *
 * @example
 * recipeFor({ recipes: { strong2: { of: "joint", latentWeight: 2 } } }, "strong2").recipeName; // "strong2"
 */
export const recipeFor = (
  plan: { recipes?: Readonly<Record<string, PlanRecipe>> | undefined },
  name: string,
): { recipe: string } | { recipe: Recipe; recipeName: string } =>
  Object.hasOwn(plan.recipes ?? {}, name)
    ? { recipe: recipeIn(plan, name), recipeName: name }
    : { recipe: name };
