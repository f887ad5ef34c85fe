/** Every recipe. The keys are the type of their names; a new one is its file and one line here. */
import { currentName, unknownName } from "../../util/index.ts";
import { checkRecipe } from "./check.ts";
import { codebook } from "./codebook.ts";
import { couplingFlow } from "./coupling-flow.ts";
import { changedRecipe, componentsOf, defineRecipe, type Recipe, recipeChangesSchema } from "./define.ts";
import { answerDistillation } from "./further/answer-distillation.ts";
import { auxiliaryDecoder } from "./further/auxiliary-decoder.ts";
import { bottleneck } from "./further/bottleneck.ts";
import { policyFisher, policyGaussian } from "./further/policy.ts";
import { preciseBranch } from "./further/precise-branch.ts";
import { jointBareRationale } from "./joint-bare-rationale.ts";
import { jointBareRationaleGamma1 } from "./joint-bare-rationale-gamma-1.ts";
import { jointNoRationale } from "./joint-no-rationale.ts";
import { linear } from "./linear.ts";
import { mixture } from "./mixture.ts";
import { precise } from "./precise.ts";
import { preciseGluHead } from "./precise-glu-head.ts";
import { preciseNoRationale } from "./precise-no-rationale.ts";
import { coconut } from "./published/coconut.ts";
import { infonce } from "./published/infonce.ts";
import { joint } from "./published/joint.ts";
import { livr } from "./published/livr.ts";
import { lvr } from "./published/lvr.ts";
import { mirage } from "./published/mirage.ts";
import { monet } from "./published/monet.ts";
import { pause } from "./published/pause.ts";
import { rectifiedFlow } from "./published/rectified-flow.ts";
import { text } from "./published/text.ts";
import { textState } from "./published/text-state.ts";
import { wmVlm } from "./published/wm-vlm.ts";
import { scheduled } from "./scheduled.ts";
import { vae } from "./vae.ts";

export { changedRecipe, checkRecipe, componentsOf, defineRecipe, type Recipe, recipeChangesSchema };

/**
 * Every recipe by name.
 *
 * @public
 */
export const recipes = {
  joint,
  text,
  "text-state": textState,
  infonce,
  lvr,
  mirage,
  monet,
  livr,
  "rectified-flow": rectifiedFlow,
  coconut,
  pause,
  precise,
  "precise-glu-head": preciseGluHead,
  "precise-no-rationale": preciseNoRationale,
  "joint-no-rationale": jointNoRationale,
  "joint-bare-rationale": jointBareRationale,
  "joint-bare-rationale-gamma-1": jointBareRationaleGamma1,
  linear,
  codebook,
  mixture,
  vae,
  "coupling-flow": couplingFlow,
  scheduled,
  "wm-vlm": wmVlm,
  "answer-distillation": answerDistillation,
  bottleneck,
  "auxiliary-decoder": auxiliaryDecoder,
  "precise-branch": preciseBranch,
  "policy-gaussian": policyGaussian,
  "policy-von-mises-fisher": policyFisher,
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;

/** Names of earlier versions. */
const renamed = {
  silent: "joint-no-rationale",
  wordless: "precise-no-rationale",
  worded: "joint-bare-rationale",
  strong: "joint-bare-rationale-gamma-1",
  gated: "precise-glu-head",
  "wm-flow": "rectified-flow",
} as const satisfies Record<string, RecipeName>;

/**
 * The present name of a recipe: an old name gives the new one, any other comes back unchanged.
 *
 * @example
 * currentRecipeName("silent"); // "joint-no-rationale"
 */
export const currentRecipeName = (name: string): string => currentName(name, renamed);

/**
 * The recipe of a name; throws `LintelError` "usage" with the nearest names.
 *
 * @example
 * recipeOf("joint").latentWeight; // 0.1
 */
export function recipeOf(name: string): Recipe {
  const current = currentRecipeName(name);
  if (Object.hasOwn(recipes, current)) return recipes[current as RecipeName];
  throw unknownName("recipe", name, Object.keys(recipes), { note: "list: docs/recipes.md" });
}
