/** Combinations of parts that mean nothing are refused before anything runs. */
import { ensure } from "../../util/index.ts";
import type { Recipe } from "./types.ts";

/**
 * Throws `LintelError` "usage" for a recipe whose parts do not go together.
 *
 * @example
 * checkRecipe(recipeOf("precise"), "precise"); // undefined
 */
export function checkRecipe(recipe: Recipe, name: string): void {
  const { loss, head, stages, latentWeight, latentsPerBlock } = recipe;
  const wants = (good: boolean, expected: string, got: string): void =>
    ensure(good, "usage", () => ({ where: `recipe ${name}`, expected, got }));
  wants(stages.length > 0, "at least one stage", "none");
  wants(
    stages.every(({ share }) => share > 0),
    "stages with a share of the steps above 0",
    stages.map(({ share }) => share).join(", "),
  );
  wants(
    latentsPerBlock === null || (Number.isInteger(latentsPerBlock) && latentsPerBlock > 0),
    "a whole number of latents per block, or null",
    String(latentsPerBlock),
  );
  if (head.kind === "placeholder") {
    wants(
      latentWeight === null,
      "no latent loss (latentWeight null) with placeholders",
      String(latentWeight),
    );
  }
  if (latentWeight === null) return;
  wants(loss.kind !== "codes" || head.kind === "codebook", "a codebook head for the loss codes", head.kind);
  wants(loss.kind !== "cells" || head.kind === "merger", "a merger head for the loss cells", head.kind);
  wants(loss.kind !== "flow" || head.kind === "flow", "a flow head for the loss flow", head.kind);
  if (loss.kind !== "distillation") return;
  wants(
    stages.every(({ slots }) => slots.kind === "own" && slots.gradient),
    "own latents with gradient in the slots of every stage, which distillation compares with oracles",
    stages.map(({ slots }) => slots.kind).join(", "),
  );
}
