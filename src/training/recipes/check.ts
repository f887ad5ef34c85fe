/** Refuses recipes whose components do not fit together, before anything runs. */
import { headRecord } from "../../reasoning/index.ts";
import { ensure } from "../../util/index.ts";
import { lossRecord } from "../losses/index.ts";
import type { Recipe } from "./define.ts";

/**
 * Throws `LintelError` "usage" for a recipe whose components do not fit together.
 *
 * @example
 * checkRecipe(recipeOf("precise"), "precise"); // nothing
 */
export function checkRecipe(recipe: Recipe, name: string): void {
  const { loss, head, stages, latentWeight, latentsPerBlock } = recipe;
  const check = (good: boolean, expected: string, got: string): void =>
    ensure(good, "usage", () => ({ where: `recipe ${name}`, expected, got }));
  check(stages.length > 0, "at least one stage", "none");
  check(
    stages.every(({ share }) => share > 0),
    "stages with a share of the steps above 0",
    stages.map(({ share }) => share).join(", "),
  );
  check(
    latentsPerBlock === null || (Number.isInteger(latentsPerBlock) && latentsPerBlock > 0),
    "latentsPerBlock as an integer of at least 1, or null",
    String(latentsPerBlock),
  );
  if (headRecord(head).slotVectors) {
    const expected = `no latent loss (latentWeight null) with a ${head.kind} head`;
    check(latentWeight === null, expected, String(latentWeight));
  }
  check(
    recipe.rationale !== "state" || !recipe.latents,
    'a recipe without latents (latents: false) for the rationale "state"',
    "one with latents",
  );
  if (latentWeight === null) return;
  const { head: needed, distill, policy } = lossRecord(loss);
  check(
    needed === undefined || [needed].flat().includes(head.kind),
    `a ${[needed].flat().join(" or ")} head for the loss ${loss.kind}`,
    head.kind,
  );
  check(
    !distill || stages.every(({ slots }) => slots.kind === "own" && slots.gradient),
    `own latents with gradient in the slots of every stage, which the loss ${loss.kind} compares with oracles`,
    stages.map(({ slots }) => slots.kind).join(", "),
  );
  check(
    !policy ||
      stages.every(
        ({ slots }) =>
          slots.kind === "own" &&
          slots.passes === "one" &&
          slots.share.kind === "constant" &&
          slots.share.value === 1,
      ),
    `own latents in all slots of every stage, filled after one pass (passes: one), which the loss ${loss.kind} draws around`,
    stages
      .map(({ slots }) => (slots.kind === "own" ? `own, passes: ${slots.passes}` : slots.kind))
      .join(", "),
  );
}
