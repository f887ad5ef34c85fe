/** Which of a question's image tokens its words look at: ILVR's pooling of the user's turn (`src/trainer.py`). */

import {
  createGraph,
  float32,
  type Graph,
  input,
  matMul,
  mul,
  output,
  reduceMean,
  reshape,
  type SessionOptions,
  scalar,
  softmax,
  transpose,
} from "../../graph/index.ts";
import { linear, type ParameterSource } from "../../nn/index.ts";
import { sum } from "../../numeric/index.ts";
import { lazySession, type TextConfig, type WeightStore, type WeightValues } from "../../qwen/index.ts";

/** Inputs: `words` [P, D] and `image` [Q, D], final hidden states. Output: `shares` [1, Q], means over heads and words. */
function poolingGraph(
  { layers, hiddenSize: D, heads, kvHeads, headDim: d }: TextConfig,
  parameters: (graph: Graph) => ParameterSource,
): Graph {
  const g = createGraph("pooling");
  const parameter = parameters(g);
  const words = input(g, "words", "float32", ["P", D]);
  const image = input(g, "image", "float32", ["Q", D]);
  const name = `model.layers.${layers - 1}.self_attn`;
  const project = (x: typeof words, to: "q" | "k", count: number) =>
    linear(parameter, `${name}.${to}_proj`, x, count * d, { bias: true });
  const shared = heads / kvHeads;
  const q = transpose(reshape(project(words, "q", heads), ["P", kvHeads, shared, d]), [1, 2, 0, 3]);
  const k = transpose(reshape(project(image, "k", kvHeads), ["Q", kvHeads, 1, d]), [1, 2, 3, 0]);
  const scores = matMul(q, k);
  const shares = softmax(mul(scores, scalar(scores, 1 / Math.sqrt(d))));
  output("shares", reshape(reduceMean(shares, [0, 1, 2]), [1, "Q"]));
  return g;
}

/** A running pooling; `release` lets go of its session. */
export interface Pooling {
  /** Mean of image states [Q·D] by the shares that words [P·D] give them. */
  run(words: Float32Array, image: Float32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** The pooling of a teacher's last layer: queries and keys of final states, without places. */
export function createPooling(
  config: TextConfig,
  weights: WeightValues | WeightStore,
  options: SessionOptions = {},
): Pooling {
  const D = config.hiddenSize;
  const lazy = lazySession((parameters) => poolingGraph(config, parameters), weights, options);
  return {
    async run(words, image) {
      const { session, parameters } = await lazy.get();
      const found = await session.run({
        ...parameters,
        words: float32(words, [words.length / D, D]),
        image: float32(image, [image.length / D, D]),
      });
      const shares = found.shares!.data as Float32Array;
      const total = sum(shares) + 1e-9;
      const out = new Float32Array(D);
      for (const [i, share] of shares.entries())
        for (let j = 0; j < D; j++) out[j]! += (share / total) * image[i * D + j]!;
      return out;
    },
    release: lazy.release,
  };
}
