import { ensure, random } from "../../../src/util/index.ts";

/** What a classifier is told of one option. */
export interface OptionFeatures {
  /** Numbers of the features it has, below the `width` of the fit; a feature may come more than once. */
  sparse: readonly number[];
  /** Measured values, as many for every option of every example. */
  dense?: ArrayLike<number>;
}

/** One question as a classifier sees it. */
export interface Choice {
  options: readonly OptionFeatures[];
  answer: number;
}

interface FitOptions {
  /** Sparse features are numbered below this; default 4096. */
  width?: number;
  /** Default 5. */
  folds?: number;
  /** Passes over the examples; default 8. */
  epochs?: number;
  /** Default 0.1. */
  learningRate?: number;
  /** Weight decay per step, relative to the learning rate; default 1e-3. */
  decay?: number;
  seed?: number;
}

interface CrossFitted {
  /** Share of examples whose right option had the highest score of a model that was not trained on them. */
  accuracy: number;
  /** Mean of one over the number of options. */
  chance: number;
  /** Bits that the choice of option has left under the models, mean over examples (log loss, base 2). */
  bits: number;
  /** Per example, in order: the probability of the right option. */
  probabilities: number[];
}

/** An option with its dense features standardised. */
interface Prepared {
  answer: number;
  options: readonly { sparse: readonly number[]; dense: Float64Array }[];
}

/** Dense features with mean 0 and deviation 1 over all options, and damped: so many weigh as much as a few sparse ones. */
function standardised(choices: readonly Choice[], size: number): Prepared[] {
  const sums = new Float64Array(size);
  const squares = new Float64Array(size);
  let count = 0;
  for (const { dense } of choices.flatMap(({ options }) => options)) {
    count++;
    for (let i = 0; i < size; i++) {
      sums[i]! += dense![i]!;
      squares[i]! += dense![i]! ** 2;
    }
  }
  const damp = 1 / Math.sqrt(Math.max(1, size / 8));
  const scale = squares.map((square, i) => {
    const variance = square / count - (sums[i]! / count) ** 2;
    return variance > 1e-9 ? damp / Math.sqrt(variance) : 0;
  });
  const prepare = ({ sparse, dense }: OptionFeatures) => ({
    sparse,
    dense: Float64Array.from(sums, (sum, i) => (dense![i]! - sum / count) * scale[i]!),
  });
  return choices.map(({ answer, options }) => ({ answer, options: options.map(prepare) }));
}

/** Fits a conditional logit: option j is chosen with probability proportional to exp(weights · features of j). */
function trained(choices: readonly Prepared[], size: number, options: Required<FitOptions>) {
  const { width, epochs, learningRate, decay, seed } = options;
  const sparseWeights = new Float64Array(width);
  const sparseSquares = new Float64Array(width).fill(1e-8);
  const denseWeights = new Float64Array(size);
  const denseSquares = new Float64Array(size).fill(1e-8);

  const probabilities = ({ options: each }: Prepared): Float64Array => {
    const scores = Float64Array.from(each, ({ sparse, dense }) => {
      let score = 0;
      for (const i of sparse) score += sparseWeights[i]!;
      for (let i = 0; i < size; i++) score += denseWeights[i]! * dense[i]!;
      return score;
    });
    const top = Math.max(...scores);
    let sum = 0;
    for (let j = 0; j < scores.length; j++) {
      scores[j] = Math.exp(scores[j]! - top);
      sum += scores[j]!;
    }
    return scores.map((score) => score / sum);
  };
  const update = (weights: Float64Array, squares: Float64Array, at: number, error: number): void => {
    const gradient = error + decay * weights[at]!;
    squares[at]! += gradient * gradient;
    weights[at]! -= (learningRate * gradient) / Math.sqrt(squares[at]!);
  };

  const r = random(seed, "baseline");
  const gradient = new Float64Array(size);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const choice of r.shuffled(choices)) {
      const p = probabilities(choice);
      gradient.fill(0);
      for (const [j, { sparse, dense }] of choice.options.entries()) {
        const error = p[j]! - (j === choice.answer ? 1 : 0);
        for (const i of sparse) update(sparseWeights, sparseSquares, i, error);
        for (let i = 0; i < size; i++) gradient[i]! += error * dense[i]!;
      }
      for (let i = 0; i < size; i++) update(denseWeights, denseSquares, i, gradient[i]!);
    }
  }
  return probabilities;
}

/**
 * How well a small trained classifier chooses the right option from these features alone: a conditional logit
 * (McFadden 1974), fitted by Adagrad, tried on the fold that it has not seen. Throws `LintelError` "input" for fewer
 * examples than folds and for features that do not fit.
 *
 * @example
 * const told = Array.from({ length: 200 }, (_, i) => ({
 *   answer: i % 2,
 *   options: [0, 1].map((j) => ({ sparse: [i % 2 === j ? 7 : 8] })),
 * }));
 * crossFit(told).accuracy; // 1: feature 7 gives the answer away
 */
export function crossFit(choices: readonly Choice[], given: FitOptions = {}): CrossFitted {
  const options = { width: 4096, folds: 5, epochs: 8, learningRate: 0.1, decay: 1e-3, seed: 0, ...given };
  const size = choices[0]?.options[0]?.dense?.length ?? 0;
  ensure(choices.length >= options.folds, "input", () => ({
    where: "baseline",
    expected: `at least ${options.folds} examples`,
    got: String(choices.length),
  }));
  for (const { options: each, answer } of choices) {
    ensure(
      each[answer] !== undefined &&
        each.every(
          ({ sparse, dense }) =>
            (dense?.length ?? 0) === size && sparse.every((i) => i >= 0 && i < options.width),
        ),
      "input",
      () => ({
        where: "baseline",
        expected: "features of one size, an answer among the options",
        got: "others",
      }),
    );
  }
  const prepared = standardised(choices, size);
  const fold = random(options.seed, "folds").shuffled(choices.map((_, i) => i % options.folds));
  const probabilities = choices.map(() => 0);
  let right = 0;
  for (let held = 0; held < options.folds; held++) {
    const model = trained(
      prepared.filter((_, i) => fold[i] !== held),
      size,
      options,
    );
    for (const [i, choice] of prepared.entries()) {
      if (fold[i] !== held) continue;
      const p = model(choice);
      probabilities[i] = p[choice.answer]!;
      const top = Math.max(...p);
      // A tie is a guess: it counts as its share.
      if (p[choice.answer] === top) right += 1 / p.filter((each) => each === top).length;
    }
  }
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    accuracy: right / choices.length,
    chance: mean(choices.map(({ options: each }) => 1 / each.length)),
    bits: mean(probabilities.map((p) => -Math.log2(Math.max(p, 1e-12)))),
    probabilities,
  };
}
