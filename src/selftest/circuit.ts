/**
 * Attention heads written by hand. A head looks at other tokens by their distance alone (waves of rotary frequencies)
 * or by a flag on them; where it looks depends on the word, or on a flag, of the token that
 * looks. What it finds in some places of the (normalised) hidden state it adds to others.
 */
import { inverseFrequencies } from "../qwen/index.ts";
import { fitPositionalScores } from "../training/index.ts";
import { WIDTH } from "./layout.ts";

export const HEADS = 2;
const HEAD_DIM = WIDTH / HEADS;
export const ROPE_THETA = 100;
const HALF = HEAD_DIM / 2;
/** Scores are between −this and this: weights elsewhere are e^−20 or less. */
const SCORE = 20;
/** Longest distance in a prompt and its answer, in tokens. */
const SPAN = 22;

/** Scores by distance. The answer's cue stands right after the block: end marker 1, slots 2 and 3, start marker 4. */
const distances = {
  self: (d: number) => (d === 0 ? SCORE : -SCORE),
  previous: (d: number) => (d === 1 ? SCORE : -SCORE),
  anywhere: () => 0,
  slots: (d: number) => (d === 2 || d === 3 ? SCORE : -SCORE),
  /** Beyond the block, and beyond where it would be if it were left out. */
  prompt: (d: number) => SCORE * Math.min(1, Math.max(-1, (d - 5.5) / 1.5)),
} as const;

type Look = keyof typeof distances | "flagged";

export interface Head {
  /** Where every token looks … */
  looks: Look;
  /** … but for those that have `strength` in `place` (after normalisation): they look there instead. */
  when?: readonly { place: number; strength: number; look: Look; instead: Look }[];
  /** Place of the flag that "flagged" looks for. */
  flag?: number;
  /** What is found there: from a place, to a place, times. */
  moves: readonly { from: number; to: number; times: number }[];
  /** Added to every token. */
  constant?: { to: number; value: number };
}

export type Layer = readonly Head[];

/** The part of a query that gives the scores of a look; keys hold 1 on the cosine of every frequency. */
function queryOf(look: Look): Float32Array {
  const q = new Float32Array(HEAD_DIM);
  // Who finds no flag looks at itself.
  const distance = distances[look === "flagged" ? "self" : look];
  const waves = fitPositionalScores(inverseFrequencies(ROPE_THETA, HEAD_DIM), distance, {
    span: SPAN,
    ridge: 1e-3,
  });
  for (const [i, { amplitude, phase }] of waves.entries()) {
    q[i] = amplitude * Math.cos(phase) * Math.sqrt(HEAD_DIM);
    q[HALF + i] = -amplitude * Math.sin(phase) * Math.sqrt(HEAD_DIM);
  }
  // The slowest frequency hardly turns over a prompt: a score of content, well above those of distance.
  if (look === "flagged") q[HALF - 1]! += 4 * SCORE;
  return q;
}

/** Moves of a code of three places. */
export const code = (from: number, to: number, times: number) =>
  [0, 1, 2].map((i) => ({ from: from + i, to: to + i, times }));

/** Writes the heads of a layer into its (zero) weights, by their names within `self_attn`. */
export function writeLayer(layer: Layer, view: (name: string) => Float32Array): void {
  for (const [h, { looks, when = [], flag, moves, constant }] of layer.entries()) {
    const row = (i: number) => h * HEAD_DIM + i;
    const basic = queryOf(looks);
    for (let i = 0; i < HEAD_DIM; i++) view("q_proj.bias")[row(i)] = basic[i]!;
    for (const { place, strength, look, instead } of when) {
      const [to, from] = [queryOf(look), queryOf(instead)];
      for (let i = 0; i < HEAD_DIM; i++)
        view("q_proj.weight")[row(i) * WIDTH + place]! += (to[i]! - from[i]!) / strength;
    }
    for (let i = 0; i < HALF; i++) view("k_proj.bias")[row(i)] = 1;
    if (flag !== undefined) view("k_proj.weight")[row(HALF - 1) * WIDTH + flag] = 1;
    for (const [j, { from, to, times }] of moves.entries()) {
      view("v_proj.weight")[row(j) * WIDTH + from] = 1;
      view("o_proj.weight")[to * WIDTH + row(j)] = times;
    }
    if (constant) {
      view("v_proj.bias")[row(HEAD_DIM - 1)] = 1;
      view("o_proj.weight")[constant.to * WIDTH + row(HEAD_DIM - 1)] = constant.value;
    }
  }
}
