/** The graph of one training step's loss and gradients. */
import {
  add,
  concat,
  createGraph,
  type Dim,
  detach,
  type FloatType,
  type Graph,
  gather,
  gradients,
  input,
  mul,
  multiplyDims,
  output,
  scalar,
  type Tensor,
} from "../graph/index.ts";
import { crossEntropy, meanSquaredError, parameterInputs } from "../nn/index.ts";
import { decoder, embeddingTable, languageHead, stepAttention, type TextConfig } from "../qwen/index.ts";

export interface TrainingGraphOptions {
  config: TextConfig;
  batch: Dim;
  /** Tokens per sequence. */
  length: Dim;
  /** Rows per example whose final hidden state is wanted (Q). */
  answers: Dim;
  /** Weight γ of the latent loss; null: no latents in this recipe. */
  latentWeight: number | null;
  /** What stands in the slots is fed back; else the oracle latents that `features` holds. */
  feedback?: Feedback;
  dtype?: FloatType;
  /** The mask differs from example to example ([B·T, T]) because some are padded on the left. */
  paddedMask?: boolean;
}

/** Slots that hold the model's own hidden states, fed back as when it decodes. */
export interface Feedback {
  /** Slots of the example that has most: each is one more pass over the sequence. */
  rounds: number;
  /** Whether the gradient flows back through what was fed (Coconut, arXiv 2412.06769), or takes it for given. */
  gradient: boolean;
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
 * Rows stand token by token: row = t·B + b. Inputs: `features` [F, D] holds every vector that stands in the place of a
 * token embedding (image features, oracle latents); `source` int64 [T·B] says what each row is: a token id, or V + a row
 * of `features`; rotary tables `cos`, `sin` [R, d/2] and `rows` [T, B], the row of each; additive `mask` [T or B·T, T];
 * `asked` [Q·B] and `askedMask` [B·Q] as `AskedRows` has them. From here on rows count among the asked ones:
 * `supervised` [S] rows whose next token is learned, `targets` [S, 2] = (0 … S−1, token); with latents or feedback
 * `beforeSlot` [L] rows, with latents `oracleRow` [L] rows of `features`. With feedback `fed1` … `fedN` int64 [T·B] say
 * what each row is after a round: T·B + l where the l-th of `beforeSlot` is fed, else its own number. `textShare` and
 * `latentShare` [] weigh the means: the share that this part of a batch has of all supervised rows (slots).
 */
export function trainingGraph({
  config,
  batch,
  length,
  answers,
  latentWeight,
  feedback,
  dtype = "float32",
  paddedMask = false,
}: TrainingGraphOptions): TrainingGraph {
  const g = createGraph("training");
  const rows = multiplyDims(batch, length);
  const { source, declared } = parameterInputs(g, dtype);
  const features = input(g, "features", dtype, ["F", config.hiddenSize]);
  const origin = input(g, "source", "int64", [rows]);
  const rotary = {
    cos: input(g, "cos", dtype, ["R", config.headDim / 2]),
    sin: input(g, "sin", dtype, ["R", config.headDim / 2]),
    rows: input(g, "rows", "int64", [length, batch]),
  };
  const mask = input(g, "mask", dtype, [paddedMask ? rows : length, length]);
  const asked = {
    count: answers,
    rows: input(g, "asked", "int64", [multiplyDims(batch, answers)]),
    maskRows: input(g, "askedMask", "int64", [multiplyDims(batch, answers)]),
  };
  const supervised = input(g, "supervised", "int64", ["S"]);
  const targets = input(g, "targets", "int64", ["S", 2]);

  let embeddings = gather(concat([embeddingTable(config, source), features], 0), origin);
  const attend = stepAttention({ batch, length, config }, rotary, mask, asked);
  const states = (x: Tensor): Tensor => decoder(config, source, x, attend, { asked: asked.rows });
  const beforeSlot = latentWeight !== null || feedback ? input(g, "beforeSlot", "int64", ["L"]) : null;
  for (let round = 1; round <= (feedback?.rounds ?? 0); round++) {
    const state = gather(states(embeddings), beforeSlot!);
    const fed = feedback!.gradient ? state : detach(state);
    embeddings = gather(concat([embeddings, fed], 0), input(g, `fed${round}`, "int64", [rows]));
  }
  const hidden = states(embeddings);
  const share = (name: string, mean: Tensor): Tensor => mul(mean, input(g, name, dtype, []));
  const textLoss = share(
    "textShare",
    crossEntropy(languageHead(config, source, gather(hidden, supervised)), targets),
  );
  let loss = textLoss;
  if (latentWeight !== null) {
    const oracleRow = input(g, "oracleRow", "int64", ["L"]);
    const latentLoss = share(
      "latentShare",
      meanSquaredError(gather(hidden, beforeSlot!), gather(features, oracleRow)),
    );
    loss = add(textLoss, mul(latentLoss, scalar(latentLoss, latentWeight)));
    output("latentLoss", latentLoss);
  }
  output("textLoss", textLoss);
  output("loss", loss);
  const names = [...declared.keys()];
  for (const [i, t] of gradients(loss, [...declared.values()]).entries()) output(`gradient:${names[i]}`, t);
  return { graph: g, parameters: declared };
}
