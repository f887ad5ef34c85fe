import { type Feedback, plainFeedback } from "../../reasoning/index.ts";
import { type LatentLoss, plainStage, type RationalePolicy, type Stage } from "../components/index.ts";

/** How a model is trained: data, put together from parts. */
export interface Recipe extends Feedback {
  description: string;
  source: string;
  /** Responses hold latent blocks. */
  latents: boolean;
  /** Weight γ of the latent loss; null without one. */
  latentWeight: number | null;
  loss: LatentLoss;
  plan: RationalePolicy;
  /** Latents per block (K); null: as many as the task says. */
  latentsPerBlock: number | null;
  /** One after the other; at least one. */
  stages: readonly Stage[];
}

/**
 * A recipe from what sets it apart: else states are compared with raw oracles by their mean squared error, with oracles in
 * the slots, in one stage.
 *
 * @example
 * const mine = defineRecipe({ description: "stronger", source: "mine", latentWeight: 1, head: { kind: "linear" } });
 * mine.stages.length; // 1
 */
export const defineRecipe = (parts: Pick<Recipe, "description" | "source"> & Partial<Recipe>): Recipe => ({
  latents: true,
  latentWeight: 0.1,
  loss: { kind: "mse" },
  ...plainFeedback,
  plan: "given",
  latentsPerBlock: null,
  stages: [plainStage],
  ...parts,
});

/**
 * Whether a recipe is teacher forcing with the mean squared error of states, or text alone: what has no parts to record.
 *
 * @example
 * isPlainRecipe(defineRecipe({ description: "as published", source: "mine" })); // true
 */
export const isPlainRecipe = (recipe: Recipe): boolean =>
  JSON.stringify(partsOfRecipe(recipe)) === JSON.stringify(partsOfRecipe(PLAIN));

/**
 * The parts of a recipe, without γ and its description.
 *
 * @example
 * partsOfRecipe(defineRecipe({ description: "as published", source: "mine" })).head.kind; // "none"
 */
export const partsOfRecipe = ({ loss, head, space, plan, latentsPerBlock, stages }: Recipe) => ({
  loss,
  head,
  space,
  plan,
  latentsPerBlock,
  stages,
});

const PLAIN = defineRecipe({ description: "", source: "" });
