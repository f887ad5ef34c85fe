/** The graph of one training step's loss and gradients. */
import {
  add,
  createGraph,
  type Dim,
  elementCount,
  type FloatType,
  type Graph,
  gather,
  gradients,
  input,
  mul,
  output,
  reshape,
  scalar,
  type Tensor,
  where,
} from "../graph/index.ts";
import { crossEntropy, meanSquaredError, parameterInputs } from "../nn/index.ts";
import { decoder, embeddingTable, languageHead, sequenceAttention, type TextConfig } from "../qwen/index.ts";

export interface TrainingGraphOptions {
  config: TextConfig;
  batch: Dim;
  /** Tokens per sequence. */
  length: Dim;
  /** Weight γ of the latent loss; null: no latents in this recipe. */
  latentWeight: number | null;
  dtype?: FloatType;
  /** The mask differs from example to example ([B, 1, 1, T, T]) because some are padded on the left. */
  paddedMask?: boolean;
}

export interface TrainingGraph {
  graph: Graph;
  /** Names of the trained parameters; gradient of NAME is the output `gradient:NAME`. */
  parameters: Map<string, Tensor>;
}

/**
 * Loss = cross-entropy over supervised text + γ·MSE(hidden before each slot, oracle latent of the slot): LanteRn
 * (arXiv 2603.25629), with its shifted pairs (start, slot₁ …) ↔ (slot₁, slot₂ …).
 *
 * Inputs: `ids` [B·T]; `features` [F, D] holds every vector that stands in the place of a token embedding (image
 * features, oracle latents), `replaced` bool [B·T, 1] says where, `featureRow` [B·T] which; rotary tables; additive
 * `mask` [1 or B, 1, 1, T, T]; `supervised` [S] rows whose next token is learned, `targets` [S, 2] = (0 … S−1, token);
 * with latents `beforeSlot` [L] rows and `oracleRow` [L] rows of `features`.
 */
export function trainingGraph({
  config,
  batch,
  length,
  latentWeight,
  dtype = "float32",
  paddedMask = false,
}: TrainingGraphOptions): TrainingGraph {
  const g = createGraph("training");
  const rows = elementCount([batch, length]);
  const { source, declared } = parameterInputs(g, dtype);
  const ids = input(g, "ids", "int64", [rows]);
  const features = input(g, "features", dtype, ["F", config.hiddenSize]);
  const replaced = input(g, "replaced", "bool", [rows, 1]);
  const featureRow = input(g, "featureRow", "int64", [rows]);
  const rotary = {
    cos: input(g, "cos", dtype, [rows, config.headDim / 2]),
    sin: input(g, "sin", dtype, [rows, config.headDim / 2]),
    rows: input(g, "rows", "int64", [batch, length]),
  };
  const mask = input(g, "mask", dtype, [paddedMask ? batch : 1, 1, 1, length, length]);
  const supervised = input(g, "supervised", "int64", ["S"]);
  const targets = input(g, "targets", "int64", ["S", 2]);

  const words = gather(embeddingTable(config, source), ids);
  const embeddings = where(replaced, gather(features, featureRow), words);
  const attend = sequenceAttention({ batch, length, config }, rotary, mask);
  const hidden = decoder(config, source, embeddings, attend);
  const textLoss = crossEntropy(languageHead(config, source, gather(hidden, supervised)), targets);
  let loss = textLoss;
  if (latentWeight !== null) {
    const beforeSlot = input(g, "beforeSlot", "int64", ["L"]);
    const oracleRow = input(g, "oracleRow", "int64", ["L"]);
    const latentLoss = meanSquaredError(gather(hidden, beforeSlot), gather(features, oracleRow));
    loss = add(textLoss, mul(latentLoss, scalar(latentLoss, latentWeight)));
    output("latentLoss", latentLoss);
  }
  output("textLoss", textLoss);
  output("loss", loss);
  const names = [...declared.keys()];
  for (const [i, t] of gradients(loss, [...declared.values()]).entries()) {
    output(`gradient:${names[i]}`, reshape(t, declared.get(names[i]!)!.shape));
  }
  return { graph: g, parameters: declared };
}
