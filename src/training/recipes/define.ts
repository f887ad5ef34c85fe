/** A recipe: losses, latent head, schedules and contents of the slots, as data. */
import { z } from "zod";
import {
  type LatentConfig,
  latentHeadSchema,
  plainLatentConfig,
  targetSpaceSchema,
} from "../../reasoning/index.ts";
import {
  plainStage,
  type RationalePolicy,
  rationaleSchema,
  type Stage,
  slotsSchema,
  viewSchema,
} from "../components/index.ts";
import { type LatentLoss, latentLossSchema } from "../losses/index.ts";

/** How a model is trained. */
export interface Recipe extends LatentConfig {
  description: string;
  source: string;
  /** Responses contain latent blocks. */
  latents: boolean;
  /** Weight γ of the latent loss; null without one. */
  latentWeight: number | null;
  loss: LatentLoss;
  rationale: RationalePolicy;
  /** Latents per block (K); null: the task's number. */
  latentsPerBlock: number | null;
  /** In order; at least one. */
  stages: readonly Stage[];
}

/**
 * A recipe by its differences from `joint`: states compared with raw oracles by mean squared error, oracles in the slots,
 * one stage.
 *
 * @example
 * const mine = defineRecipe({ description: "stronger", source: "mine", latentWeight: 1, head: { kind: "linear" } });
 * mine.stages.length; // 1
 */
export const defineRecipe = (recipe: Pick<Recipe, "description" | "source"> & Partial<Recipe>): Recipe => ({
  latents: true,
  latentWeight: 0.1,
  loss: { kind: "mse" },
  ...plainLatentConfig,
  rationale: "given",
  latentsPerBlock: null,
  stages: [plainStage],
  ...recipe,
});

/**
 * The components of a recipe, without γ and its description: what a training is recorded with.
 *
 * @example
 * componentsOf(defineRecipe({ description: "as published", source: "mine" })).head.kind; // "none"
 */
export const componentsOf = ({ loss, head, space, rationale, latentsPerBlock, stages }: Recipe) => ({
  loss,
  head,
  space,
  rationale,
  latentsPerBlock,
  stages,
});

/** Components that differ from another recipe's, as plans write them. */
export const recipeChangesSchema = z.strictObject({
  latentWeight: z.number().nonnegative().optional(),
  latentsPerBlock: z.int().positive().optional(),
  loss: latentLossSchema.optional(),
  head: latentHeadSchema.optional(),
  rationale: rationaleSchema.optional(),
  space: targetSpaceSchema.optional(),
  /** Of every stage with latents. */
  slots: slotsSchema.optional(),
  view: viewSchema.optional(),
});

type RecipeChanges = z.infer<typeof recipeChangesSchema>;

/**
 * A recipe with some components replaced.
 *
 * @example
 * changedRecipe(defineRecipe({ description: "base", source: "mine" }), { latentWeight: 1 }).latentWeight; // 1
 */
export function changedRecipe(base: Recipe, { slots, view, ...components }: RecipeChanges): Recipe {
  const stages = base.stages.map((stage) =>
    stage.response === "latents" ? { ...stage, ...(slots && { slots }), ...(view && { view }) } : stage,
  );
  const given = Object.fromEntries(
    Object.entries(components).filter(([, component]) => component !== undefined),
  ) as Partial<Recipe>;
  return { ...base, ...given, stages };
}
