/** A head beside the decoder while a checkpoint decodes: blocks from the keys and values that rows have. */
import {
  createGraph,
  float32,
  input,
  int64,
  multiplyDims,
  output,
  type SessionOptions,
  type Value,
} from "../../../graph/index.ts";
import {
  type BlockMaker,
  branchCachedAttention,
  decoderRotary,
  lazySession,
  type Prompt,
  type QwenConfig,
} from "../../../qwen/index.ts";
import { ensure } from "../../../util/index.ts";
import { latentSize } from "../define.ts";
import { fedVectors, headGraph } from "../head-graph.ts";
import { requireHeadTensors } from "../head-runner.ts";
import { headRecord, type LatentConfig } from "../tensors.ts";

/** How many rows of features an image has been given, and how its features become those of a block. */
interface BlockSource {
  k: number;
  compress(rows: Float32Array, width: number, k: number): Float32Array;
}

/** Features of image `number` of a prompt, as many as a block has slots. */
function startOf(
  { grids, visuals }: Pick<Prompt, "grids" | "visuals">,
  number: number,
  { text, vision }: QwenConfig,
  { k, compress }: BlockSource,
): Float32Array {
  const tokensOf = (n: number): number => {
    const [t, h, w] = grids[n]!;
    return (t * h * w) / vision.mergeSize ** 2;
  };
  ensure(grids[number], "dataset", () => ({
    where: "a prompt",
    expected: `an image of number ${number}, counted from 0, which the latents of this model start from`,
    got: `${grids.length} images`,
    attempt: "data with as many images as the model was trained on",
  }));
  const width = text.hiddenSize;
  let before = 0;
  for (let n = 0; n < number; n++) before += tokensOf(n);
  return compress(visuals.subarray(before * width, (before + tokensOf(number)) * width), width, k);
}

/**
 * What makes the blocks of a model whose head has layers beside the decoder; null for other heads. The weights stay the
 * caller's and may change between runs.
 *
 * Errors: code "checkpoint" for a tensor that is missing or has another shape.
 */
export function createBlockMaker(
  latent: LatentConfig,
  config: QwenConfig,
  source: BlockSource,
  weights: Readonly<Record<string, Value>>,
  options: SessionOptions = {},
): BlockMaker | null {
  const { head } = latent;
  const { beside } = headRecord(head);
  if (!beside) return null;
  const { text } = config;
  const { k } = source;
  const { hiddenSize: width, headDim, kvHeads } = text;
  requireHeadTensors(latent, latentSize(config, k), weights);
  const layers = beside.layers(head, text.layers);
  const image = beside.startImage(head);
  const rotary = decoderRotary(text);
  const all = multiplyDims("R", k);
  const session = lazySession(
    (parameters) => {
      const g = createGraph("branch");
      const parameter = parameters(g);
      const sources = { parameter, buffer: parameter, text, k, vision: config.vision };
      const built = headGraph(sources, latent, width);
      const start = input(g, "start", "float32", [all, width]);
      const at = {
        cos: input(g, "cos", "float32", [all, headDim / 2]),
        sin: input(g, "sin", "float32", [all, headDim / 2]),
        rows: input(g, "rows", "int64", ["R", k]),
      };
      const caches = new Map(
        layers.map((layer) => {
          const cache = (kind: string) =>
            input(g, `${kind}.${layer}`, "float32", ["R", kvHeads, "C", headDim]);
          return [layer, { k: cache("k"), v: cache("v") }];
        }),
      );
      const mask = input(g, "mask", "float32", ["R", 1, 1, "C"]);
      const core = branchCachedAttention({ batch: "R", length: k, config: text }, at, caches, mask);
      const begun = image === null ? start : built.intoSpace(start);
      const from = beside.made(built, head, begun, core);
      output("latents", fedVectors(sources, latent, from));
      return g;
    },
    weights,
    options,
  );
  return {
    layers,
    start: (prompt) => (image === null ? null : startOf(prompt, image, config, source)),
    async make({ k: keys, v: values, mask, positions, starts }) {
      const count = positions.length;
      const rows = count * k;
      const cached = mask.length / count;
      const places = Int32Array.from(
        { length: 3 * rows },
        (_, i) => positions[Math.floor((i % rows) / k)]! + (i % k),
      );
      const { cos, sin } = rotary(places);
      const noise = image === null ? (weights["latent_head.start"]!.data as Float32Array) : null;
      const begun = starts ?? Float32Array.from({ length: rows * width }, (_, i) => noise![i % (k * width)]!);
      const made = await session.get();
      const caches = layers.flatMap((layer, i) => [
        [`k.${layer}`, float32(keys[i]!, [count, kvHeads, cached, headDim])],
        [`v.${layer}`, float32(values[i]!, [count, kvHeads, cached, headDim])],
      ]);
      const out = await made.session.run({
        ...made.parameters,
        ...Object.fromEntries(caches),
        start: float32(begun, [rows, width]),
        cos: float32(cos, [rows, headDim / 2]),
        sin: float32(sin, [rows, headDim / 2]),
        rows: int64(
          Array.from({ length: rows }, (_, i) => i),
          [count, k],
        ),
        mask: float32(mask, [count, 1, 1, cached]),
      });
      return out.latents!.data as Float32Array;
    },
    release: () => session.release(),
  };
}
