/**
 * Initial weights of a pocket model. Trained from a plain random start the matching circuit (look at the panel before you,
 * then at the panel that looks like the latent) takes thousands of steps to appear; started close to it, hundreds
 * (docs/notebook.md). Nothing in the start knows the task: no weight depends on data, and which option is right has
 * still to be learned.
 */
import type { ParameterStore } from "../nn/index.ts";
import { inverseFrequencies, type QwenConfig } from "../qwen/index.ts";
import { type Random, random } from "../util/index.ts";
import { fitPositionalScores, type RotaryWave } from "./positional-attention.ts";

interface MatchingStart {
  kind: "matching";
  /** Base of the rotary frequencies. */
  ropeTheta: number;
  /** Heads of layer 0 look about this many tokens back where panels are one token (else `lookBacks`). */
  offset: number;
  /** Largest score that position alone gives there. */
  score: number;
  /** Weight of content in their scores. */
  content: number;
  /** In further layers: how much the nearest tokens are held off, which of them beside a panel's, and the weight of content. */
  farScore: number;
  farDistance: number;
  farContent: number;
  /** o_proj = gain · v_projᵀ: attended values are added unchanged. */
  gain: number;
  /** Standard deviation of token embeddings; the head starts as `headGain` times the embeddings. */
  embedding: number;
  headGain: number;
  /** Factor on the MLPs' last layer: they start quiet. */
  quiet: number;
}

/** Gaussian weights, queries and keys equal, no position bias. */
interface PlainStart {
  kind: "plain";
  ropeTheta: number;
  /** Standard deviation of weights, in units of 1/√inputs. */
  deviation: number;
  embedding: number;
  headGain: number;
}

type Start = MatchingStart | PlainStart;

/** Starts by the name that a task's pocket facts give. */
export const starts = {
  matching: {
    kind: "matching",
    ropeTheta: 10_000,
    offset: 1.5,
    score: 15,
    content: 0.04,
    farScore: 10,
    farDistance: 2,
    farContent: 2,
    gain: 2,
    embedding: 0.6,
    headGain: 1,
    quiet: 0.1,
  },
  plain: { kind: "plain", ropeTheta: 100, deviation: 0.577, embedding: 1, headGain: 0.102 },
} as const satisfies Record<string, Start>;

const fillNormal = (r: Random, out: Float32Array, deviation: number): void => {
  for (let i = 0; i < out.length; i++) out[i] = r.normal() * deviation;
};

/** A random orthogonal matrix [n, n], row-major: Gram–Schmidt on Gaussian rows. */
function orthogonal(r: Random, n: number): Float64Array {
  const m = Float64Array.from({ length: n * n }, () => r.normal());
  for (let i = 0; i < n; i++) {
    const row = m.subarray(i * n, (i + 1) * n);
    for (let j = 0; j < i; j++) {
      const other = m.subarray(j * n, (j + 1) * n);
      let dot = 0;
      for (let k = 0; k < n; k++) dot += row[k]! * other[k]!;
      for (let k = 0; k < n; k++) row[k] = row[k]! - dot * other[k]!;
    }
    const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    for (let k = 0; k < n; k++) row[k] = row[k]! / norm;
  }
  return m;
}

/**
 * The three fastest frequencies interfere at `offset` tokens back: a sharp peak of height `score`, as sharp as rotary
 * positions allow.
 */
const peak = (frequencies: Float32Array, offset: number, score: number): RotaryWave[] =>
  Array.from(frequencies.slice(0, 3), (f) => ({ amplitude: score / 3, phase: f * offset }));

/** Biases of q and k of one head that add the waves to its scores. */
function positionBias(q: Float32Array, k: Float32Array, waves: readonly RotaryWave[]): void {
  const half = q.length / 2;
  for (const [i, { amplitude, phase }] of waves.entries()) {
    const size = Math.sqrt(amplitude * Math.sqrt(2 * half));
    k[i] = size;
    q[i] = size * Math.cos(phase);
    q[half + i] = -size * Math.sin(phase);
  }
}

/** Attention of one layer of a matching start, `waves` by head. Requires as many key/value heads as heads. */
function matchingAttention(
  view: (name: string) => Float32Array,
  stream: (name: string) => Random,
  { hiddenSize: width, heads, headDim }: QwenConfig["text"],
  {
    near,
    waves,
    start,
  }: { near: boolean; waves: (head: number) => readonly RotaryWave[]; start: MatchingStart },
): void {
  // Queries and keys start equal: attention begins as similarity of content.
  const content = Math.sqrt(near ? start.content : start.farContent);
  const qk = orthogonal(stream("qk"), width).map((v) => v * content);
  view("q_proj.weight").set(qk);
  view("k_proj.weight").set(qk);
  for (let h = 0; h < heads; h++) {
    const part = (name: string) => view(name).subarray(h * headDim, (h + 1) * headDim);
    positionBias(part("q_proj.bias"), part("k_proj.bias"), waves(h));
  }
  const v = orthogonal(stream("v_proj.weight"), width);
  view("v_proj.weight").set(v);
  const o = view("o_proj.weight");
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) o[a * width + b] = start.gain * v[b * width + a]!;
}

/**
 * How far back the heads of layer 0 look, one after the other, for panels of `tokens` tokens. One that is a single token
 * is right before its letter, a single slot two tokens before the text that reads it: a distance in between serves both.
 * Tokens of a larger panel share their temporal position, and its closing marker and letter follow 2 and 3 later (2 × 2
 * tokens, `ropeIndex`); n slots are 2 to n + 1 tokens before the text that reads them: one head for each distance.
 */
export const lookBacks = (offset: number, tokens: number): number[] =>
  tokens === 1 ? [offset] : Array.from({ length: tokens }, (_, i) => i + 2);

/** Fills the decoder's parameters; the head must not be tied. `tokens`: of a panel. */
export function initializeDecoder(
  store: ParameterStore,
  config: QwenConfig,
  seed: number,
  start: Start,
  tokens: number,
): void {
  const { hiddenSize: width, headDim, layers, intermediateSize, ropeTheta } = config.text;
  const view = (name: string): Float32Array => store.views.get(name)!;
  const stream = (name: string): Random => random(seed, "initialize", name);
  const normal = (name: string, deviation: number): void => fillNormal(stream(name), view(name), deviation);
  const matching = start.kind === "matching";
  const frequencies = inverseFrequencies(ropeTheta, headDim);
  const nearWaves = matching
    ? lookBacks(start.offset, tokens).map((offset) => peak(frequencies, offset, start.score))
    : [];
  const farWaves = matching
    ? fitPositionalScores(frequencies, (d) => (d <= start.farDistance + tokens ? -start.farScore : 0))
    : [];

  normal("model.embed_tokens.weight", start.embedding);
  view("lm_head.weight").set(view("model.embed_tokens.weight").map((v) => v * start.headGain));
  view("model.norm.weight").fill(1);
  const scale = matching ? 1 : start.deviation;
  for (let i = 0; i < layers; i++) {
    const layer = `model.layers.${i}`;
    const attention = `${layer}.self_attn`;
    view(`${layer}.input_layernorm.weight`).fill(1);
    view(`${layer}.post_attention_layernorm.weight`).fill(1);
    normal(`${layer}.mlp.gate_proj.weight`, scale / Math.sqrt(width));
    normal(`${layer}.mlp.up_proj.weight`, scale / Math.sqrt(width));
    normal(`${layer}.mlp.down_proj.weight`, (matching ? start.quiet : scale) / Math.sqrt(intermediateSize));
    if (matching) {
      matchingAttention(
        (name) => view(`${attention}.${name}`),
        (name) => stream(`${attention}.${name}`),
        config.text,
        {
          near: i === 0,
          waves: (h) => (i === 0 ? nearWaves[h % nearWaves.length]! : farWaves),
          start,
        },
      );
    } else {
      for (const part of ["q_proj", "v_proj", "o_proj"])
        normal(`${attention}.${part}.weight`, scale / Math.sqrt(width));
      view(`${attention}.k_proj.weight`).set(view(`${attention}.q_proj.weight`));
    }
  }
}

/** Fills the vision tower's parameters: a random projection of pixels, which keeps different patches apart. */
export function initializeVision(store: ParameterStore, seed: number): void {
  for (const [name, view] of store.views) {
    const r = random(seed, "initialize", name);
    const shape = store.shapes.get(name)!;
    if (/norm\d|ln_q/.test(name)) view.fill(1);
    else if (name.endsWith(".bias")) view.fill(0);
    // Small in the blocks: they stir the patches a little. Full size where patches enter and features leave.
    else if (name.startsWith("visual.blocks.")) fillNormal(r, view, 0.02);
    else fillNormal(r, view, 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1)));
  }
}

/** Scales the tower's last layer so that `features` have root mean square 1, as hidden states after the norm have. */
export function scaleFeatures(store: ParameterStore, features: readonly Float32Array[]): void {
  let sum = 0;
  let count = 0;
  for (const rows of features) {
    for (const v of rows) sum += v * v;
    count += rows.length;
  }
  const scale = 1 / Math.sqrt(sum / count);
  for (const part of ["weight", "bias"]) {
    const view = store.views.get(`visual.merger.mlp.2.${part}`)!;
    for (let i = 0; i < view.length; i++) view[i] = view[i]! * scale;
  }
}
