/**
 * The whole-sequence graph: prompt and continuation in one run, with image features and latents as inputs. Unlike the replay
 * graph, whose prefix is a cache of constants, it gives gradients with respect to the image.
 */
import {
  add,
  createGraph,
  type Dim,
  type Graph,
  gather,
  gradients,
  input,
  matMul,
  mul,
  multiplyDims,
  output,
  reduceSum,
  reshape,
  scalar,
  softmax,
  transpose,
  where,
} from "../../graph/index.ts";
import type { ParameterSource } from "../../nn/index.ts";
import type { TextConfig } from "../config/types.ts";
import {
  type AttentionCore,
  type AttentionLayout,
  groupedQueries,
  headRows,
  mergeHeads,
} from "../decoder/attention.ts";
import { decoder } from "../decoder/decoder.ts";
import { continuationInputs, optionLogOdds } from "./replay-graph.ts";

interface WholeGraphOptions {
  config: TextConfig;
  parameters: (graph: Graph) => ParameterSource;
  /** First decoder layers that take DeepStack features. */
  deepLayers: number;
  /** Also the backward pass. */
  gradient: boolean;
}

/**
 * Inputs: `words` [B·T, D] embeddings, replaced by row `latentRow` [B·T] of `latents` [Z, D] where `replaced` bool [B·T, 1],
 * and by row `visualRow` of `visuals` [V, D] where `isVisual` is true; `deep.i` [V, D] of each DeepStack layer; `cos`, `sin`
 * [B·T, d/2], `rows` [B, T]; additive causal `mask` [1, 1, 1, T, T]; `before` [Z] rows whose states the latents are; `answer`
 * [B] and the options as in the replay graph.
 *
 * Outputs: `states` [Z, D] at `before`, post-norm; `scores`, `logOdds` [B]. With `gradient`, of Σ log-odds + Σ `cotangent`
 * [Z, D] · `states`: `gradient` [Z, D] by the latents, `visualGradient` [V, D], and `deepGradient.i` [V, D].
 */
export function wholeGraph({ config, parameters, deepLayers, gradient }: WholeGraphOptions): Graph {
  const g = createGraph(gradient ? "image gradient" : "whole replay");
  const parameter = parameters(g);
  const { kvHeads, heads, hiddenSize } = config;
  const group = heads / kvHeads;
  const [B, T, O]: [Dim, Dim, Dim] = ["B", "T", "O"];
  const rows = multiplyDims(B, T);
  const dtype = "float32";
  const { words, latents, embeddings, rotary } = continuationInputs(g, config, [B, T], dtype);
  const visuals = input(g, "visuals", dtype, ["V", hiddenSize]);
  const isVisual = input(g, "isVisual", "bool", [rows, 1]);
  const visualRow = input(g, "visualRow", "int64", [rows]);
  const mask = input(g, "mask", dtype, [1, 1, 1, T, T]);
  const before = input(g, "before", "int64", ["Z"]);
  const answer = input(g, "answer", "int64", [B]);
  const layout: AttentionLayout = { batch: B, length: T, config };
  const per = multiplyDims(group, T);

  const attend: AttentionCore = (_, q, k, v) => {
    const keys = transpose(headRows(k, layout, rotary), [0, 1, 3, 2]);
    const scores = reshape(matMul(groupedQueries(q, layout, rotary), keys), [B, kvHeads, group, T, T]);
    const weights = softmax(reshape(add(scores, mask), [B, kvHeads, per, T]));
    return mergeHeads(matMul(weights, headRows(v, layout)), layout);
  };
  const placed = where(isVisual, gather(visuals, visualRow), embeddings);
  const deepInputs = Array.from({ length: deepLayers }, (_, i) =>
    input(g, `deep.${i}`, dtype, ["V", hiddenSize]),
  );
  const deep = deepInputs.map((each) =>
    where(isVisual, gather(each, visualRow), mul(words, scalar(words, 0))),
  );
  const hidden = decoder(config, parameter, placed, attend, { deep });
  const states = gather(hidden, before);
  output("states", states);
  const logOdds = optionLogOdds(config, parameter, gather(hidden, answer), { batch: B, options: O });
  if (gradient) {
    const cotangent = input(g, "cotangent", dtype, ["Z", hiddenSize]);
    const goal = add(reduceSum(logOdds, [0]), reduceSum(mul(cotangent, states), [0, 1]));
    const [byLatents, byVisuals, ...byDeep] = gradients(goal, [latents, visuals, ...deepInputs]);
    output("gradient", byLatents!);
    output("visualGradient", byVisuals!);
    for (const [i, each] of byDeep.entries()) output(`deepGradient.${i}`, each);
  }
  return g;
}
