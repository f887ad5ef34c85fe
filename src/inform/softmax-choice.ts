import { dotAt, lbfgs, sum } from "../numeric/index.ts";
import { type Features, inSpanOf, productsOf } from "./row-span.ts";

export type { Features };

/** What can be chosen in one example: each candidate is a set of tokens (its words, its place among the options). */
export interface Question {
  /** Tokens of each candidate with their weights. */
  candidates: readonly { tokens: Int32Array; weights: Float32Array }[];
  /** The right candidate; −1 where it is not among them: such an example teaches nothing. */
  answer: number;
}

/** Weights [tokens × (width + 1)], the last one of each row the token's bias. */
type Weights = Float64Array;

/** L2 penalties of the weights, from a reader that hardly uses its features to one that overfits. */
const PENALTIES = [0.1, 0.01, 1e-3, 1e-4, 1e-5] as const;
/** L-BFGS iterations while models are compared, and for the final weights. */
const TRIAL = 10;
const FINAL = 25;
/** Rows that models are compared on: more change the choice little and cost much. */
const TRIED = 500;
/** Up to this many rows are compared by cross-validation; a held-out quarter of more is precise enough. */
const FEW = 240;
/** Biases have a standard normal prior: 1 / rows, and never more than this. */
const BIAS_PENALTY = 0.02;
/** Share of uniform probability mixed in, so that no single example costs more than log2(options / 0.02) bits. */
const UNIFORM = 0.02;
/** Parts of the rows; each in turn is held out. */
const PARTS = 4;

/** Probabilities of the candidates of an example. */
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
      score += shares[k]! * (weights[base + width]! + dotAt(weights, base, values, at, width));
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
  const biasPenalty = Math.min(BIAS_PENALTY, share);
  const objective = (w: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    for (let base = 0; base < w.length; base += width + 1) {
      let squares = 0;
      for (let i = base; i < base + width; i++) {
        squares += w[i]! * w[i]!;
        gradient[i] = penalty * w[i]!;
      }
      const bias = w[base + width]!;
      gradient[base + width] = biasPenalty * bias;
      loss += 0.5 * (penalty * squares + biasPenalty * bias * bias);
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
  lbfgs(weights, objective, iterations);
}

const mixed = (p: Float64Array): Float64Array => p.map((each) => (1 - UNIFORM) * each + UNIFORM / p.length);

/** A trained choice: the distribution over the candidates of a row. */
type Chooser = (row: number) => Float64Array;

/** What a model may use: nothing (uniform probabilities), the options alone, or the features at an L2 penalty. */
type Capacity = "uniform" | "options" | number;
const capacities: readonly Capacity[] = ["uniform", "options", ...PENALTIES];

const noFeatures: Features = { width: 0, values: new Float32Array(0) };

/** Features to train on some rows with: in the span of these rows where that has fewer columns. */
const trainedOn = (features: Features, products: Float64Array | null, rows: readonly number[]): Features =>
  products && rows.length < features.width ? inSpanOf(products, rows) : features;

/** Trains a model of one capacity. `start` holds the weights of a larger penalty, and is overwritten. */
function trainCapacity(
  capacity: Capacity,
  features: Features,
  questions: readonly Question[],
  rows: readonly number[],
  start: Weights,
  iterations: number,
): Chooser {
  if (capacity === "uniform") {
    return (row) => {
      const { length } = questions[row]!.candidates;
      return new Float64Array(length).fill(1 / length);
    };
  }
  const used = capacity === "options" ? noFeatures : features;
  const weights = capacity === "options" ? new Float64Array(start.length / (features.width + 1)) : start;
  learn(used, questions, rows, weights, capacity === "options" ? 0 : capacity, iterations);
  return (row) => mixed(probabilities(used, row, questions[row]!, weights));
}

/** Held-out surprise (nats) of each row that teaches, by capacity. Stops where more capacity only makes it worse. */
function heldOut(
  features: Features,
  questions: readonly Question[],
  rows: readonly number[],
  products: Float64Array | null,
  tokens: number,
): Map<Capacity, number[]> {
  const part = Math.max(1, Math.floor(rows.length / PARTS));
  const parts = rows.length <= FEW ? PARTS : 1;
  const splits = Array.from({ length: parts }, (_, k) => {
    const held = rows.slice(k * part, k === PARTS - 1 ? rows.length : (k + 1) * part);
    const rest = [...rows.slice(0, k * part), ...(k === PARTS - 1 ? [] : rows.slice((k + 1) * part))];
    const seen = trainedOn(features, products, rest);
    return { held, rest, seen, weights: new Float64Array(tokens * (seen.width + 1)) };
  });
  const surprises = new Map<Capacity, number[]>();
  let before = Number.POSITIVE_INFINITY;
  for (const capacity of capacities) {
    const all: number[] = [];
    for (const { held, rest, seen, weights } of splits) {
      const choose = trainCapacity(capacity, seen, questions, rest, weights, TRIAL);
      for (const row of held) {
        const { answer } = questions[row]!;
        if (answer >= 0) all.push(-Math.log(choose(row)[answer]!));
      }
    }
    surprises.set(capacity, all);
    const mean = sum(all) / Math.max(1, all.length);
    if (typeof capacity === "number" && mean > before) break;
    if (typeof capacity === "number") before = mean;
  }
  return surprises;
}

/**
 * The least capacity whose held-out surprise is within one standard error of the best (Breiman et al. 1984, paired by
 * row): a reader that learned nothing for certain must not pass for one that learned something.
 */
function leastOf(surprises: ReadonlyMap<Capacity, readonly number[]>): Capacity {
  const total = (values: readonly number[]): number => sum(values);
  let best: readonly number[] | undefined;
  for (const values of surprises.values()) if (!best || total(values) < total(best)) best = values;
  for (const [capacity, values] of surprises) {
    const excess = values.map((value, i) => value - best![i]!);
    const mean = total(excess) / excess.length;
    const variance = total(excess.map((each) => (each - mean) ** 2)) / Math.max(1, excess.length - 1);
    if (!(mean > Math.sqrt(variance / excess.length))) return capacity;
  }
  return "uniform";
}

/**
 * Trains a conditional logit model (McFadden 1974) on some rows: the score of a candidate is linear in the features,
 * with weights of its own for every token. Its capacity is chosen on held-out rows among uniform probabilities, the
 * options alone, and a path of L2 penalties, by the one-standard-error rule, so that it falls back to knowing nothing
 * where it learns nothing ("optional ignorance" in Xu et al. 2020).
 *
 * @param rows - Training rows in an order that has nothing to do with the answers.
 */
export function trainChoice(
  features: Features,
  questions: readonly Question[],
  rows: readonly number[],
  tokens: number,
): Chooser {
  features.products ??= productsOf(features);
  const { products } = features;
  const capacity = leastOf(heldOut(features, questions, rows.slice(0, TRIED), products, tokens));
  const seen = trainedOn(features, products, rows);
  const weights = new Float64Array(tokens * (seen.width + 1));
  // Along the path, as the models that were compared were trained.
  for (const penalty of PENALTIES) {
    if (typeof capacity !== "number" || penalty <= capacity) break;
    learn(seen, questions, rows, weights, penalty, TRIAL);
  }
  return trainCapacity(capacity, seen, questions, rows, weights, FINAL);
}
