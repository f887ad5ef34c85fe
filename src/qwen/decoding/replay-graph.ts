/**
 * The replay graph: a full continuation of a cached prefix in one run, with attention weights as outputs and latents as a
 * graph input. Unlike decode steps it gives gradients with respect to the latents.
 */
import {
  add,
  addDims,
  concat,
  createGraph,
  type Dim,
  type FloatType,
  type Graph,
  gather,
  gatherND,
  gradients,
  input,
  logSoftmax,
  matMul,
  mul,
  multiplyDims,
  output,
  reduceSum,
  reshape,
  scalar,
  slice,
  softmax,
  sqrt,
  sub,
  type Tensor,
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
import { decoder, languageHead } from "../decoder/decoder.ts";

interface ReplayGraphOptions {
  config: TextConfig;
  parameters: (graph: Graph) => ParameterSource;
  /** Also the backward pass: `gradient` and `attribution.i`. */
  gradient: boolean;
  /** Also heads one by one, and states that can be exchanged: `heads.i` and `states.i`. */
  inspect?: boolean;
  dtype?: FloatType;
}

/**
 * Log-odds [B] of an option against the others at the states [B, D] that predict the answer. Inputs: `options`, `chosen`,
 * `firstOther`, `notOther`; outputs: `scores`, `logOdds`.
 */
export function optionLogOdds(
  config: TextConfig,
  parameter: ParameterSource,
  state: Tensor,
  { batch, options: count }: { batch: Dim; options: Dim },
): Tensor {
  const { graph: g, dtype } = state;
  const float = dtype as FloatType;
  const logits = languageHead(config, parameter, state);
  const options = input(g, "options", "int64", [multiplyDims(batch, count), 2]);
  const chosen = input(g, "chosen", float, [batch, count]);
  const firstOther = input(g, "firstOther", float, [batch, count]);
  const notOther = input(g, "notOther", float, [batch, count]);
  const scores = reshape(gatherND(logits, options), [batch, count]);
  output("scores", scores);
  // log Σ exp over the others is x − log-softmax(x) at any one of them.
  const others = add(scores, notOther);
  const total = reduceSum(mul(firstOther, sub(others, logSoftmax(others))), [1]);
  const logOdds = sub(reduceSum(mul(chosen, scores), [1]), total);
  output("logOdds", logOdds);
  return logOdds;
}

/**
 * Embeddings [B·L, D] with latents in their places, and angles of positions, as inputs: `words`, `latents`, `replaced`,
 * `latentRow`; `cos`, `sin`, `rows`.
 */
export function continuationInputs(
  g: Graph,
  { hiddenSize, headDim }: TextConfig,
  [batch, length]: readonly [Dim, Dim],
  dtype: FloatType,
) {
  const count = multiplyDims(batch, length);
  const words = input(g, "words", dtype, [count, hiddenSize]);
  const latents = input(g, "latents", dtype, ["Z", hiddenSize]);
  const replaced = input(g, "replaced", "bool", [count, 1]);
  const latentRow = input(g, "latentRow", "int64", [count]);
  const rotary = {
    cos: input(g, "cos", dtype, [count, headDim / 2]),
    sin: input(g, "sin", dtype, [count, headDim / 2]),
    rows: input(g, "rows", "int64", [batch, length]),
  };
  return { words, latents, embeddings: where(replaced, gather(latents, latentRow), words), rotary };
}

/**
 * Inputs: `words` [B·L, D] embeddings, replaced by row `latentRow` [B·L] of `latents` [Z, D] where `replaced` bool [B·L, 1]
 * is true; `cos`, `sin` [B·L, d/2], `rows` [B, L]; additive `mask` [1, 1, 1, L, L] and `prefixMask`
 * [B, 1, 1, P]; `prefix.k.i`, `prefix.v.i` [B, kvHeads, P, d]; `answer` [B] rows that predict the answer; `readers` [R]
 * rows whose attention is an output; `options` [B·O, 2] = (row of `answer`, token), `chosen`, `firstOther`, `notOther` [B, O] (1 at the option whose
 * log-odds are computed; 1 at the first other option; a large negative number except at other options).
 *
 * Outputs: `hidden` [B·L, D]; `scores` [B, O] logits of the options; `logOdds` [B] of the chosen against the others;
 * `attention.i` [R, P+L] of the readers, mean over heads; with `gradient` `gradient` [Z, D] of the log-odds,
 * `attribution.i` [R, P+L], attention × its gradient summed over heads, and `saliency.i` [R, P+L], the sum of its sizes.
 *
 * With `inspect`, row `exchangedRow.i` [B·L] of `exchanged` [N, D] stands in the place of the state after layer i where
 * `isExchanged.i` bool [B·L, 1] is true, and further outputs are `states.i` [B·L, D] after each layer and `heads.i`
 * [R, heads, P+L].
 */
export function replayGraph({
  config,
  parameters,
  gradient,
  inspect = false,
  dtype = "float32",
}: ReplayGraphOptions): Graph {
  const g = createGraph(gradient ? "latent gradient" : inspect ? "inspection" : "replay");
  const parameter = parameters(g);
  const { kvHeads, headDim, heads, hiddenSize } = config;
  const group = heads / kvHeads;
  const [B, L, O]: [Dim, Dim, Dim] = ["B", "L", "O"];
  const rows = multiplyDims(B, L);
  const span = addDims("P", L);
  const { latents, embeddings, rotary } = continuationInputs(g, config, [B, L], dtype);
  const mask = input(g, "mask", dtype, [1, 1, 1, L, L]);
  const prefixMask = input(g, "prefixMask", dtype, [B, 1, 1, "P"]);
  const answer = input(g, "answer", "int64", [B]);
  const readers = input(g, "readers", "int64", ["R"]);
  const layout: AttentionLayout = { batch: B, length: L, config };
  const weights: Tensor[] = [];

  const attend: AttentionCore = (layer, q, k, v) => {
    const prefixK = input(g, `prefix.k.${layer}`, dtype, [B, kvHeads, "P", headDim]);
    const prefixV = input(g, `prefix.v.${layer}`, dtype, [B, kvHeads, "P", headDim]);
    const per = multiplyDims(group, L);
    const queries = groupedQueries(q, layout, rotary);
    const own = matMul(queries, transpose(headRows(k, layout, rotary), [0, 1, 3, 2]));
    const masked = reshape(add(reshape(own, [B, kvHeads, group, L, L]), mask), [B, kvHeads, per, L]);
    const shared = add(matMul(queries, transpose(prefixK, [0, 1, 3, 2])), prefixMask);
    const all = softmax(concat([shared, masked], 3));
    weights.push(all);
    const context = add(
      matMul(slice(all, 3, 0, "P"), prefixV),
      matMul(slice(all, 3, "P", span), headRows(v, layout)),
    );
    return mergeHeads(context, layout);
  };
  /** Of [B, kvHeads, group·L, P+L] the readers' rows, summed over heads. */
  const atReaders = (x: Tensor): Tensor => {
    const summed = reduceSum(reshape(x, [B, kvHeads, group, L, span]), [1, 2]);
    return gather(reshape(summed, [rows, span]), readers);
  };

  const exchanged = inspect ? input(g, "exchanged", dtype, ["N", hiddenSize]) : null;
  const onLayer = (i: number, state: Tensor): Tensor => {
    if (!exchanged) return state;
    const there = input(g, `isExchanged.${i}`, "bool", [rows, 1]);
    const other = gather(exchanged, input(g, `exchangedRow.${i}`, "int64", [rows]));
    const result = where(there, other, state);
    output(`states.${i}`, result);
    return result;
  };
  const hidden = decoder(config, parameter, embeddings, attend, { onLayer });
  output("hidden", hidden);
  const logOdds = optionLogOdds(config, parameter, gather(hidden, answer), { batch: B, options: O });
  for (const [i, all] of weights.entries()) {
    const summed = atReaders(all);
    output(`attention.${i}`, mul(summed, scalar(summed, 1 / heads)));
    if (!inspect) continue;
    const byRow = transpose(reshape(all, [B, kvHeads, group, L, span]), [0, 3, 1, 2, 4]);
    output(`heads.${i}`, gather(reshape(byRow, [rows, heads, span]), readers));
  }
  if (gradient) {
    const [first, ...byLayer] = gradients(reduceSum(logOdds, [0]), [latents, ...weights]);
    output("gradient", reshape(first!, ["Z", hiddenSize]));
    for (const [i, t] of byLayer.entries()) {
      const product = mul(weights[i]!, t);
      output(`attribution.${i}`, atReaders(product));
      output(`saliency.${i}`, atReaders(sqrt(mul(product, product))));
    }
  }
  return g;
}
