/** Every recipe. The keys are the type of their names; a new one is its file and one line here. */
import { unknownName } from "../../util/index.ts";
import { joint } from "./joint.ts";
import { text } from "./text.ts";
import { defineRecipe, isPlainRecipe, partsOfRecipe, type Recipe } from "./types.ts";

export { defineRecipe, isPlainRecipe, partsOfRecipe, type Recipe };

export const recipes = { joint, text } as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;

/**
 * The recipe of a name; throws `LintelError` "usage" with the nearest names.
 *
 * @example
 * recipeOf("joint").latentWeight; // 0.1
 */
export function recipeOf(name: string): Recipe {
  if (Object.hasOwn(recipes, name)) return recipes[name as RecipeName];
  throw unknownName("recipe", name, Object.keys(recipes));
}
