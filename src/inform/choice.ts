import { minimise } from "./descent.ts";

/** Rows of features, [count × width]. */
export interface Features {
  width: number;
  values: Float32Array;
}

/** What can be chosen in one example: each candidate is a set of tokens (its words, its place among the options). */
export interface Question {
  /** Tokens of each candidate with their weights. */
  candidates: readonly { tokens: Int32Array; weights: Float32Array }[];
  /** The right candidate; −1 where it is not among them: such an example teaches nothing. */
  answer: number;
}

/** Weights [tokens × (width + 1)], the last one of each row the token's bias. */
export type Weights = Float64Array;

/** Penalties of the squared weights, per example; from a reader that sees nothing much to one that overfits. */
const PENALTIES = [3, 0.3, 0.03, 0.003] as const;
/** Biases are hardly penalised: how often an option is right may always be learned. */
const BIAS_PENALTY = 1e-4;
/** Share of uniform probability mixed in, so that no single example costs more than log2(options / 0.02) bits. */
const UNIFORM = 0.02;
/** Of the training examples, for choosing the penalty. */
const VALIDATION = 0.25;

/** Probabilities of the candidates of an example; `scores` is filled as well. */
function probabilities(
  { width, values }: Features,
  row: number,
  question: Question,
  weights: Weights,
): Float64Array {
  const { candidates } = question;
  const p = new Float64Array(candidates.length);
  const at = row * width;
  let most = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < candidates.length; j++) {
    const { tokens, weights: shares } = candidates[j]!;
    let score = 0;
    for (let k = 0; k < tokens.length; k++) {
      const base = tokens[k]! * (width + 1);
      let sum = weights[base + width]!;
      for (let i = 0; i < width; i++) sum += weights[base + i]! * values[at + i]!;
      score += shares[k]! * sum;
    }
    p[j] = score;
    most = Math.max(most, score);
  }
  let total = 0;
  for (let j = 0; j < p.length; j++) {
    p[j] = Math.exp(p[j]! - most);
    total += p[j]!;
  }
  for (let j = 0; j < p.length; j++) p[j]! /= total;
  return p;
}

function learn(
  features: Features,
  questions: readonly Question[],
  rows: readonly number[],
  weights: Weights,
  penalty: number,
  iterations: number,
): void {
  const { width, values } = features;
  const taught = rows.filter((row) => questions[row]!.answer >= 0);
  const share = 1 / Math.max(1, taught.length);
  const objective = (w: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    for (let i = 0; i < w.length; i++) {
      const strength = (i % (width + 1) === width ? BIAS_PENALTY : penalty / width) as number;
      loss += 0.5 * strength * w[i]! * w[i]!;
      gradient[i] = strength * w[i]!;
    }
    for (const row of taught) {
      const question = questions[row]!;
      const p = probabilities(features, row, question, w);
      loss -= share * Math.log(Math.max(p[question.answer]!, 1e-300));
      const at = row * width;
      for (let j = 0; j < p.length; j++) {
        const error = (p[j]! - (j === question.answer ? 1 : 0)) * share;
        if (Math.abs(error) < 1e-12) continue;
        const { tokens, weights: shares } = question.candidates[j]!;
        for (let k = 0; k < tokens.length; k++) {
          const base = tokens[k]! * (width + 1);
          const e = error * shares[k]!;
          for (let i = 0; i < width; i++) gradient[base + i]! += e * values[at + i]!;
          gradient[base + width]! += e;
        }
      }
    }
    return loss;
  };
  minimise(weights, objective, iterations);
}

const mixed = (p: Float64Array): Float64Array => p.map((each) => (1 - UNIFORM) * each + UNIFORM / p.length);

/** A trained choice: the distribution over the candidates of a row. */
export type Chooser = (row: number) => Float64Array;

/**
 * Trains a conditional logit model (McFadden 1974) on some rows: the score of a candidate is linear in the features,
 * with weights of its own for every token. The penalty is chosen on a quarter of the training rows, and with the
 * largest one the model ignores its features, so that it can always fall back to what the options alone tell
 * ("optional ignorance" in Xu et al. 2020).
 *
 * @param rows - Training rows in an order that has nothing to do with the answers.
 * @example
 * const features = { width: 1, values: Float32Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1)) };
 * const candidates = [0, 1].map((t) => ({ tokens: Int32Array.of(t), weights: Float32Array.of(1) }));
 * const questions = Array.from({ length: 40 }, (_, i) => ({ candidates, answer: i % 2 }));
 * trainChoice(features, questions, [...questions.keys()], 2)(1)[1] > 0.9; // true
 */
export function trainChoice(
  features: Features,
  questions: readonly Question[],
  rows: readonly number[],
  tokens: number,
): Chooser {
  const cut = Math.max(1, Math.floor(rows.length * VALIDATION));
  const validation = rows.slice(0, cut);
  const rest = rows.slice(cut);
  const size = tokens * (features.width + 1);
  const trial = new Float64Array(size);
  let chosen: { penalty: number; loss: number; weights: Weights } | null = null;
  // From strong to weak, each from where the one before ended.
  for (const penalty of PENALTIES) {
    learn(features, questions, rest, trial, penalty, 25);
    let loss = 0;
    for (const row of validation) {
      const question = questions[row]!;
      if (question.answer < 0) continue;
      loss -= Math.log(mixed(probabilities(features, row, question, trial))[question.answer]!);
    }
    if (!chosen || loss < chosen.loss) chosen = { penalty, loss, weights: trial.slice() };
    else break;
  }
  const { penalty, weights } = chosen!;
  learn(features, questions, rows, weights, penalty, 25);
  return (row) => mixed(probabilities(features, row, questions[row]!, weights));
}
