/** A latent loss is one record: its options, what it needs of a recipe, its inputs and its graph. */
import { z } from "zod";
import type { Dim, FloatType, Graph, Tensor, Value } from "../../graph/index.ts";
import type { ParameterSource } from "../../nn/index.ts";
import type { HeadGraph, LatentConfig, LatentHead, TensorShapes } from "../../reasoning/index.ts";
import type { Random } from "../../util/index.ts";
import type { Sequence, TrainingSet } from "../sequences.ts";

/** Where a loss compares predictions with oracle latents. */
export interface LossSite {
  graph: Graph;
  dtype: FloatType;
  head: LatentHead;
  headGraph: HeadGraph;
  /** Post-norm states before slots [L, D], example by example. */
  state: Tensor;
  /** Oracle latents of those slots [L, D], in the space of image features. */
  target: Tensor;
  /** Every vector of the micro-batch [F, D], hard negatives included. */
  features: Tensor;
  /** Examples (B); L = B · slots. */
  batch: Dim;
  /** Slots of an example, the same for all. */
  slots: number;
  /** The largest number of hard negatives of an example. */
  negatives: number;
  /** Tensors of the loss. */
  parameter: ParameterSource;
  /** Logits [rows, V] of states [rows, D]. */
  logits(states: Tensor): Tensor;
  /** The head's prediction from `state`, in the target space. */
  predicted(): Tensor;
  /** `target` in the target space. */
  wanted(): Tensor;
}

/** States before supervised text [S, D], of one model under two contents of the slots. */
export interface TeacherSite {
  /** With own latents in the slots; gradient flows through the fed latents only. */
  student: Tensor;
  /** With oracle latents in the slots; takes no gradient. */
  teacher: Tensor;
  /** Logits [rows, V] of states [rows, D]; the output matrix takes no gradient. */
  logits(states: Tensor): Tensor;
}

/** Own latents as actions of a policy. */
export interface PolicySite {
  graph: Graph;
  dtype: FloatType;
  /** Examples (B); L = B · slots. */
  batch: Dim;
  slots: number;
  /** The model's own latents as they are fed [L, D], example by example; with gradient. */
  mean: Tensor;
  /** Log-likelihood [S] of each supervised token with these latents [L, D] in the slots; takes no gradient. */
  logLikelihood(latents: Tensor): Tensor;
}

/** The examples of a micro-batch, for the inputs of a loss. */
export interface LossBatch {
  examples: readonly {
    sequence: Sequence;
    /** Row of the micro-batch's features for a row of the whole table. */
    local: ReadonlyMap<number, number>;
  }[];
  set: TrainingSet;
  /** Slots of all examples. */
  slots: number;
  /** The largest number of hard negatives of an example. */
  negatives: number;
  random: Random;
  /** Result of `prepare`. */
  prepared: unknown;
}

/** What `prepare` may read: the training set, and the head's fitted tensors. */
export interface FittedHead {
  config: LatentConfig;
  set: TrainingSet;
  buffer(name: string): Float32Array;
  /** Rows [n, width] of the training set in the target space. */
  intoSpace(rows: Float32Array): Float32Array;
}

export interface LossMethods<Options> {
  /** The kind of head that the loss is for, or several; any without. */
  head?: LatentHead["kind"] | readonly LatentHead["kind"][];
  /** Compares whole blocks: every example has the same number of slots, and the graph knows it. */
  wholeBlocks?: true;
  /** Tensors that are trained for the loss alone, and dropped when the model is saved; `slots` of an example. */
  tensors?(options: Options, size: { width: number; slots: number }): TensorShapes;
  /** How many tokens of the words before blocks it needs, which the responses of the recipe may not have. */
  explains?(options: Options): number;
  /** Whether the helpers of wrong options count, too. */
  hardNegatives?(options: Options): boolean;
  /** Computed once per training, after the head is fitted. */
  prepare?(fitted: FittedHead): unknown;
  /** Inputs of the graph beside the usual ones. */
  inputs?(batch: LossBatch, options: Options): Record<string, Value>;
  /** The loss [] of a micro-batch. */
  loss?(site: LossSite, options: Options): Tensor;
  /** Instead of `loss`: compares the model with own latents to itself with oracle latents. Needs own slots with gradient. */
  distill?(site: TeacherSite, options: Options): Tensor;
  /** Instead of `loss`: rewards latents that are drawn around the model's own. Needs own slots, all filled after one pass. */
  policy?(site: PolicySite, options: Options): Tensor;
}

interface LossDefinition<Kind extends string, Shape extends z.ZodRawShape>
  extends LossMethods<z.infer<z.ZodObject<Shape>>> {
  kind: Kind;
  /** Schema of each option, as a plan has it beside `kind`. */
  options: Shape;
}

/**
 * A latent loss: its file and one line in registry.ts are all that a new one needs.
 *
 * @example
 * defineLoss({ kind: "mine", options: {}, loss: ({ predicted }) => predicted() }).schema.parse({ kind: "mine" }); // { kind: "mine" }
 */
export const defineLoss = <const Kind extends string, Shape extends z.ZodRawShape>({
  kind,
  options,
  ...methods
}: LossDefinition<Kind, Shape>) => ({
  schema: z.strictObject({ kind: z.literal(kind), ...options }),
  ...(methods as LossMethods<z.infer<z.ZodObject<Shape>>>),
});
