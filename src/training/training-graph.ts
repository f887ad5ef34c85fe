/** The graph of one training step's loss and gradients. */
import {
  add,
  addDims,
  concat,
  createGraph,
  type Dim,
  detach,
  expand,
  type FloatType,
  type Graph,
  gather,
  gatherND,
  gradients,
  input,
  logSoftmax,
  mul,
  multiplyDims,
  output,
  reshape,
  scalar,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import { crossEntropy, type ParameterSource, parameterInputs, withPrefix } from "../nn/index.ts";
import {
  type AttentionCore,
  branchTrainingAttention,
  cellSize,
  decoder,
  embeddingTable,
  keepingKeys,
  languageHead,
  type TextConfig,
  trainingAttention,
  type VisionConfig,
} from "../qwen/index.ts";
import {
  fedVectors,
  type HeadGraph,
  type HeadSources,
  headGraph,
  headRecord,
  headShapes,
  type LatentConfig,
  plainLatentConfig,
  slotVectors,
} from "../reasoning/index.ts";
import { AUXILIARY, type LatentLoss, lossRecord, lossShapes, type PolicySite } from "./losses/index.ts";

interface TrainingGraphOptions {
  config: TextConfig;
  batch: Dim;
  /** Tokens per sequence. */
  length: Dim;
  /** Rows per example whose final hidden state is computed (Q). */
  answers: Dim;
  /** Weight γ of the latent loss; null: no latents in this recipe. */
  latentWeight: number | null;
  /** Slots hold the model's own latents, fed back; default: the oracle latents in `features`. */
  feedback?: SlotFeedback;
  /** Number of first layers that take DeepStack features of images. */
  deepLayers?: number;
  dtype?: FloatType;
  /** One mask per example ([B·T, T]), for padding on the left or hidden images. */
  paddedMask?: boolean;
  /** How latents are read off states and compared; else the states themselves, by their mean squared error. */
  latent?: LatentOptions;
  /** Only the head is trained: no gradient for the decoder. */
  headOnly?: boolean;
  /** Tensors that stay as they are: inputs that no gradient is computed for. */
  frozen?: (name: string) => boolean;
  /** The weights of text and latent loss are the inputs `textWeight` and `latentWeight` []; default: the constants 1 and `latentWeight`. */
  givenWeights?: boolean;
}

export interface LatentOptions {
  loss: LatentLoss;
  /** Head and target space. */
  config: LatentConfig;
  /** Slots of a block, and of an example. */
  k: number;
  slots: number;
  /** Most hard negatives of an example. */
  negatives: number;
  /** The tower, for a merger head; its weights are inputs, as fitted tensors are. */
  vision?: VisionConfig;
}

/** Mean squared error of the states themselves. */
const plainLatent: LatentOptions = {
  loss: { kind: "mse" },
  config: plainLatentConfig,
  k: 1,
  slots: 1,
  negatives: 0,
};

/** Slots with the model's own latents, fed back as in decoding. */
interface SlotFeedback {
  /** Slots of the example that has most: each is one more pass over the sequence. */
  rounds: number;
  /** Whether the gradient flows back through the fed latents (Coconut, arXiv 2412.06769). */
  gradient: boolean;
}

interface TrainingGraph {
  graph: Graph;
  /** Names of the trained parameters; gradient of NAME is the output `gradient:NAME`. */
  parameters: Map<string, Tensor>;
}

/**
 * Loss = cross-entropy over supervised text + γ·MSE(hidden before each slot, oracle latent of the slot): LanteRn
 * (arXiv 2603.25629), with its shifted pairs (start, slot₁ …) ↔ (slot₁, slot₂ …); with `latent`, another distance.
 *
 * Rows are ordered token by token: row = t·B + b. Inputs: `features` [F, D] holds every vector that replaces a
 * token embedding (image features, oracle latents); `source` int64 [T·B] is, for each row, a token id, or V + a row
 * of `features`; rotary tables `cos`, `sin` [R, d/2] and `rows` [T, B], the row of each; additive `mask` [T or B·T, T];
 * `asked` [Q·B] and `askedMask` [B·Q] as `AskedRows` has them. From here on, rows are numbered among these:
 * `supervised` [S] rows whose next token is learned, `targets` [S, 2] = (0 … S−1, token); with latents or feedback
 * `beforeSlot` [L] rows, with latents `oracleRow` [L] rows of `features`. With feedback `fed1` … `fedN` int64 [T·B] say
 * what each row is after a round: T·B + l where the l-th of `beforeSlot` is fed, else its own number. `textShare` and
 * `latentShare` [] weigh the means: the share that this part of a batch has of all supervised rows (slots).
 *
 * A placeholder head's vectors stand between token embeddings and features: a row of `features` is then V + their number
 * + the row. Latent losses and fitted tensors of heads add inputs.
 * With `deepLayers` `deep.i` [Z, D] of each and `deepRow` int64 [T·B], the row of it that every row takes.
 * A head beside the decoder (`k` slots a block, `slots` an example) adds `slotRows` int64 [slots·B], the rows of slots, token by
 * token; `slotMask` [B·slots, T + slots] over tokens and slots; where it starts from an image `startRow` int64 [slots·B], rows of
 * `features`. Its latents do not depend on what is in the slots of their block: a round fills whole blocks.
 * With "distillation" the text is supervised twice, with oracles in the slots and with own latents; the alignment of the
 * two has its gradient through the fed latents alone.
 * With "policy-gradient" the supervised text is read once more for each draw of latents, without gradient, as its reward.
 */
export function trainingGraph({
  config,
  batch,
  length,
  answers,
  latentWeight,
  feedback,
  deepLayers = 0,
  dtype = "float32",
  paddedMask = false,
  latent = plainLatent,
  headOnly = false,
  frozen = () => false,
  givenWeights = false,
}: TrainingGraphOptions): TrainingGraph {
  const g = createGraph("training");
  const rows = multiplyDims(batch, length);
  const { source: trained, declared } = parameterInputs(g, dtype);
  const still = parameterInputs(g, dtype).source;
  const source: ParameterSource = (name, shape) => (frozen(name) ? still : trained)(name, shape);
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

  const { loss: chosenLoss, config: head, k, slots, negatives, vision } = latent;
  const record = lossRecord(chosenLoss);
  const sources: HeadSources = {
    parameter: source,
    buffer: parameterInputs(g, dtype).source,
    ...(vision && { vision }),
    ...{ text: config, k },
  };
  const { beside } = headRecord(head.head);
  const detached: ParameterSource = (name, shape) => detach(source(name, shape));
  const trunk: ParameterSource = headOnly ? (name, shape) => detach(source(name, shape)) : source;
  const learned = slotVectors(source, head, config.hiddenSize, k);
  let embeddings = gather(
    concat([embeddingTable(config, trunk), ...(learned ? [learned] : []), features], 0),
    origin,
  );
  const attend = trainingAttention({ batch, length, config }, rotary, mask, asked);
  const deepRow = deepLayers > 0 ? input(g, "deepRow", "int64", [rows]) : null;
  const deep = Array.from({ length: deepLayers }, (_, i) =>
    gather(input(g, `deep.${i}`, dtype, ["Z", config.hiddenSize]), deepRow!),
  );
  const states = (x: Tensor, from = trunk, core: AttentionCore = attend): Tensor =>
    decoder(config, from, x, core, { queryRows: asked.rows, deep });
  // Losses on whole blocks, and heads that make these, need a known number of slots.
  const latents: Dim = record.wholeBlocks || beside ? multiplyDims(batch, slots) : "L";
  const beforeSlot = latentWeight !== null || feedback ? input(g, "beforeSlot", "int64", [latents]) : null;
  const besideRows = beside && (latentWeight !== null || feedback) ? branchRows() : null;
  /** A pass over the sequence, and what the head predicts its latents from. */
  const pass = (x: Tensor): { hidden: Tensor; state: () => Tensor } => {
    if (!besideRows) {
      const hidden = states(x);
      return { hidden, state: () => gather(hidden, beforeSlot!) };
    }
    const { attend: core, kept } = keepingKeys(attend);
    return { hidden: states(x, trunk, core), state: () => besideLatents(kept) };
  };
  const teacher = record.distill ? states(embeddings) : null;
  // The alignment's gradient flows through the fed latents only (Monet's latent-only back-propagation).
  let throughLatents = teacher ? detach(embeddings) : embeddings;
  let made: Tensor | undefined;
  let policy: Omit<PolicySite, "graph" | "dtype" | "batch" | "slots"> | undefined;
  for (let round = 1; round <= (feedback?.rounds ?? 0); round++) {
    made = pass(embeddings).state();
    const vectors = fedVectors(sources, head, made);
    const fed = feedback!.gradient ? vectors : detach(vectors);
    const at = input(g, `fed${round}`, "int64", [rows]);
    if (record.policy) policy = { mean: vectors, logLikelihood: likelihoodWith(detach(embeddings), at) };
    embeddings = gather(concat([embeddings, fed], 0), at);
    if (teacher) throughLatents = gather(concat([throughLatents, fed], 0), at);
  }
  const last = pass(embeddings);
  const { hidden } = last;
  const share = (name: string, mean: Tensor): Tensor => mul(mean, input(g, name, dtype, []));
  const textLossOf = (from: Tensor): Tensor =>
    crossEntropy(languageHead(config, trunk, gather(from, supervised)), targets);
  const said = textLossOf(hidden);
  const textLoss = share(
    "textShare",
    teacher ? mul(add(said, textLossOf(teacher)), scalar(said, 0.5)) : said,
  );
  let loss = givenWeights ? mul(textLoss, input(g, "textWeight", dtype, [])) : textLoss;
  if (latentWeight !== null) {
    const latentLoss = share("latentShare", latentLossOf());
    const weight = givenWeights ? input(g, "latentWeight", dtype, []) : scalar(latentLoss, latentWeight);
    loss = add(loss, mul(latentLoss, weight));
    output("latentLoss", latentLoss);
  }
  output("textLoss", textLoss);
  output("loss", loss);
  // A stage that does not use the head has zero gradients for it.
  const cells = vision ? cellSize(vision) : 0;
  const size = { width: config.hiddenSize, k, cells, text: config };
  const ofLoss = lossShapes(chosenLoss, { width: config.hiddenSize, slots });
  for (const [name, shape] of [...headShapes(head, size), ...ofLoss]) source(name, shape);
  const names = [...declared.keys()];
  for (const [i, t] of gradients(loss, [...declared.values()]).entries()) output(`gradient:${names[i]}`, t);
  return { graph: g, parameters: declared };

  function latentLossOf(): Tensor {
    if (teacher) return aligned(teacher);
    if (policy) return record.policy!({ ...{ graph: g, dtype, batch, slots }, ...policy }, chosenLoss);
    return comparedWithOracles();
  }

  /** Log-likelihoods [S] of supervised tokens by the latents [L, D] that `at` puts among embeddings. */
  function likelihoodWith(before: Tensor, at: Tensor): PolicySite["logLikelihood"] {
    return (latents) => {
      const read = states(gather(concat([before, latents], 0), at), detached);
      return gatherND(logSoftmax(languageHead(config, detached, gather(read, supervised))), targets);
    };
  }

  /** States before text with own latents in the slots, against those with oracles. */
  function aligned(taught: Tensor): Tensor {
    const student = states(throughLatents, detached);
    const site = {
      student: gather(student, supervised),
      teacher: detach(gather(taught, supervised)),
      logits: (rows: Tensor) => languageHead(config, detached, rows),
    };
    return record.distill!(site, chosenLoss);
  }

  function branchRows() {
    const all = multiplyDims(batch, slots);
    const fromImage = beside!.startImage(head.head) !== null;
    return {
      count: slots,
      rows: input(g, "slotRows", "int64", [all]),
      mask: input(g, "slotMask", dtype, [all, addDims(length, slots)]),
      startRow: fromImage ? input(g, "startRow", "int64", [all]) : null,
    };
  }

  /** What the head predicts the latents of all slots from [B·slots, D], example by example as `beforeSlot`. */
  function besideLatents(kept: Parameters<typeof branchTrainingAttention>[3]): Tensor {
    const width = config.hiddenSize;
    const built = headGraph(sources, head, width);
    const core = branchTrainingAttention({ batch, length, config }, rotary, besideRows!, kept);
    const byToken = beside!.made(built, head.head, besideStart(built), core);
    const byExample = transpose(reshape(byToken, [slots, batch, width]), [1, 0, 2]);
    return reshape(byExample, [latents, width]);
  }

  /** What latents start from [slots·B, D], slot by slot. */
  function besideStart(built: HeadGraph): Tensor {
    const width = config.hiddenSize;
    const { startRow } = besideRows!;
    if (startRow) return built.intoSpace(gather(features, startRow));
    const block = expand(reshape(built.buffer("start"), [k, 1, width]), [k, batch, width]);
    return reshape(concat(Array<Tensor>(slots / k).fill(block), 0), [multiplyDims(batch, slots), width]);
  }

  function comparedWithOracles(): Tensor {
    const oracleRow = input(g, "oracleRow", "int64", [latents]);
    // What a branch makes of an only block is the same in every pass.
    const state = beside && slots === k && made ? made : last.state();
    const target = gather(features, oracleRow);
    const built = headGraph(sources, head, config.hiddenSize);
    const site = {
      ...{ graph: g, dtype, head: head.head, headGraph: built },
      ...{ state, target, features, batch, slots, negatives },
      parameter: withPrefix(source, AUXILIARY),
      logits: (rows: Tensor) => languageHead(config, trunk, rows),
      predicted: () => headRecord(head.head).predict(built, head.head, state),
      wanted: () => built.intoSpace(target),
    };
    return record.loss!(site, chosenLoss);
  }
}
