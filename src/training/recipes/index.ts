/** Every recipe. The keys are the type of their names; a new one is its file and one line here. */
import { unknownName } from "../../util/index.ts";
import { checkRecipe } from "./check.ts";
import { coconut } from "./coconut.ts";
import { codebook } from "./codebook.ts";
import { gated } from "./gated.ts";
import { infonce } from "./infonce.ts";
import { joint } from "./joint.ts";
import { linear } from "./linear.ts";
import { livr } from "./livr.ts";
import { lvr } from "./lvr.ts";
import { mirage } from "./mirage.ts";
import { monet } from "./monet.ts";
import { pause } from "./pause.ts";
import { precise } from "./precise.ts";
import { scheduled } from "./scheduled.ts";
import { silent } from "./silent.ts";
import { strong } from "./strong.ts";
import { text } from "./text.ts";
import { defineRecipe, isPlainRecipe, partsOfRecipe, type Recipe } from "./types.ts";
import { wmFlow } from "./wm-flow.ts";
import { worded } from "./worded.ts";
import { wordless } from "./wordless.ts";

export { checkRecipe, defineRecipe, isPlainRecipe, partsOfRecipe, type Recipe };

export const recipes = {
  joint,
  text,
  infonce,
  lvr,
  mirage,
  monet,
  livr,
  "wm-flow": wmFlow,
  coconut,
  pause,
  precise,
  gated,
  silent,
  wordless,
  worded,
  strong,
  linear,
  codebook,
  scheduled,
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;

/**
 * The recipe of a name; throws `LintelError` "usage" with the nearest names.
 *
 * @example
 * recipeOf("joint").latentWeight; // 0.1
 */
export function recipeOf(name: string): Recipe {
  if (Object.hasOwn(recipes, name)) return recipes[name as RecipeName];
  throw unknownName("recipe", name, Object.keys(recipes), { note: "list: docs/recipes.md" });
}
