import { minimise, product } from "./descent.ts";

/** Rows of features, [count × width], scaled so that a row has a squared length of a few. */
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

/** Penalties of the squared weights, per example; from a reader that ignores what it sees to one that overfits. */
const PENALTIES = [0.1, 0.01, 1e-3, 1e-4, 1e-5] as const;
/** Iterations for each penalty when it is chosen, and for the final weights. */
const TRIAL = 10;
const FINAL = 25;
/** Rows by which the penalty is chosen: more change it little and cost much. */
const TRIED = 500;
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
      score += shares[k]! * (weights[base + width]! + product(weights, base, values, at, width));
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
    for (let base = 0; base < w.length; base += width + 1) {
      let squares = 0;
      for (let i = base; i < base + width; i++) {
        squares += w[i]! * w[i]!;
        gradient[i] = penalty * w[i]!;
      }
      const bias = w[base + width]!;
      gradient[base + width] = BIAS_PENALTY * bias;
      loss += 0.5 * (penalty * squares + BIAS_PENALTY * bias * bias);
    }
    for (const row of taught) {
      const question = questions[row]!;
      const p = probabilities(features, row, question, w);
      loss -= share * Math.log(Math.max(p[question.answer]!, 1e-300));
      const at = row * width;
      for (let j = 0; j < p.length; j++) {
        const error = (p[j]! - (j === question.answer ? 1 : 0)) * share;
        if (Math.abs(error) < 1e-5 * share) continue;
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
  const tried = Math.min(rows.length, TRIED);
  const cut = Math.max(1, Math.floor(tried * VALIDATION));
  const validation = rows.slice(0, cut);
  const rest = rows.slice(cut, tried);
  const size = tokens * (features.width + 1);
  const trial = new Float64Array(size);
  let chosen: { penalty: number; loss: number; weights: Weights } | null = null;
  // From strong to weak, each from where the one before ended.
  for (const penalty of PENALTIES) {
    learn(features, questions, rest, trial, penalty, TRIAL);
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
  learn(features, questions, rows, weights, penalty, FINAL);
  return (row) => mixed(probabilities(features, row, questions[row]!, weights));
}
