/** Perturbations of own latents: along the gradient of an answer, or in random directions of the same size. */
import { largest } from "../numeric/index.ts";
import type { Replay, ReplayRow } from "../qwen/index.ts";
import type { Random } from "../util/index.ts";
import type { Prefix } from "./engine/types.ts";
import type { LatentModel } from "./latent-model.ts";
import { replay } from "./replay.ts";

/** Steps of projected gradient. */
const STEPS = 8;
/** Halvings of the search for the smallest size along a direction. */
const HALVINGS = 6;

/** A row whose latents are perturbed, with the deviation of own latents at each of their entries. */
export interface PerturbedRow {
  row: ReplayRow;
  deviation: Float32Array;
}

/** Directions are in units of the deviation, their root mean square over the entries that vary is 1. */
export type Direction = Float64Array;

/** Scales, in place, to a root mean square of 1 over the entries with a deviation; null where nothing varies. */
function unit(values: Float64Array, deviation: Float32Array): Direction | null {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (deviation[i] === 0) continue;
    sum += values[i]! ** 2;
    count++;
  }
  if (!(sum > 0) || !Number.isFinite(sum)) return null;
  const scale = 1 / Math.sqrt(sum / count);
  for (let i = 0; i < values.length; i++) values[i] = deviation[i] === 0 ? 0 : values[i]! * scale;
  return values;
}

/**
 * A random direction: Gaussian, scaled to a root mean square of 1; null where no entry varies.
 *
 * @example
 * randomUnitDirection(Float32Array.of(1, 1), random(0, "direction"))?.length; // 2
 */
export const randomUnitDirection = (deviation: Float32Array, random: Random): Direction | null =>
  unit(
    Float64Array.from(deviation, () => random.normal()),
    deviation,
  );

function moved({ row, deviation }: PerturbedRow, direction: Direction | null, size: number): ReplayRow {
  if (direction === null || size === 0) return row;
  const latents = row.latents.slice();
  for (let i = 0; i < latents.length; i++) latents[i] = latents[i]! + size * deviation[i]! * direction[i]!;
  return { ...row, latents };
}

/** The direction along which the log-odds rise (or with `rise` −1 fall) most. */
function steepestOf(gradient: Float32Array, deviation: Float32Array, rise: -1 | 1): Direction | null {
  const direction = new Float64Array(gradient.length);
  for (let j = 0; j < direction.length; j++) direction[j] = rise * gradient[j]! * deviation[j]!;
  return unit(direction, deviation);
}

/**
 * Directions in which the log-odds of the chosen option of each row fall most (or with `rise` 1 rise most), at distance
 * `sizes[i]` (root mean square in units of the deviation): projected gradient on the sphere, the best of its steps. Where
 * the gradient vanishes (latents that the answer does not depend on) the direction is the `fallback`. null where no
 * latent varies over the split.
 */
export async function adversarialDirections(
  model: Pick<LatentModel, "network">,
  prefix: Prefix,
  rows: readonly PerturbedRow[],
  sizes: readonly number[],
  fallback: (row: number) => Random,
  rise: -1 | 1 = -1,
): Promise<{ direction: Direction | null; logOdds: number }[]> {
  const gradientAt = (directions: readonly (Direction | null)[]): Promise<Replay> =>
    replay(
      model,
      prefix,
      rows.map((row, i) => moved(row, directions[i]!, sizes[i]!)),
      { gradient: true },
    );
  const steepest = (found: Replay): (Direction | null)[] =>
    rows.map(({ deviation }, i) => steepestOf(found.gradient![i]!, deviation, rise));
  const start = await gradientAt(rows.map(() => null));
  let current = steepest(start).map((d, i) => d ?? randomUnitDirection(rows[i]!.deviation, fallback(i)));
  const best = current.map((direction) => ({ direction, logOdds: -rise * Number.POSITIVE_INFINITY }));
  for (let step = 0; step <= STEPS; step++) {
    const found = await gradientAt(current);
    for (const [i, direction] of current.entries()) {
      if (rise * found.logOdds[i]! > rise * best[i]!.logOdds)
        best[i] = { direction, logOdds: found.logOdds[i]! };
    }
    if (step === STEPS) break;
    // Decreasing steps, each projected back onto the sphere.
    const length = 1 / (step + 1);
    const next = steepest(found);
    current = current.map((at, i) => {
      const towards = next[i]!;
      if (at === null || towards === null) return at;
      // Not in place: `best` may hold it.
      const sum = at.slice();
      for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + length * towards[j]!;
      return unit(sum, rows[i]!.deviation);
    });
  }
  return best;
}

/** Latents [K·D·blocks] of a row moved by `size` along a direction. */
export const perturbedLatents = (
  row: PerturbedRow,
  direction: Direction | null,
  size: number,
): Float32Array => moved(row, direction, size).latents;

/** Whether another option has the largest logit. */
const flipped = (found: Replay, rows: readonly PerturbedRow[]): boolean[] =>
  rows.map(({ row }, i) => {
    const scores = found.scores[i]!;
    return scores.indexOf(largest(scores)) !== row.chosen;
  });

/** Whether the answer changes at `sizes[i]` along a direction. */
export async function flipsAt(
  model: Pick<LatentModel, "network">,
  prefix: Prefix,
  rows: readonly PerturbedRow[],
  directions: readonly (Direction | null)[],
  sizes: readonly number[],
): Promise<boolean[]> {
  const found = await replay(
    model,
    prefix,
    rows.map((row, i) => moved(row, directions[i]!, sizes[i]!)),
  );
  return flipped(found, rows);
}

/**
 * The smallest size found at which the answer flips, by halving between a size that does not flip (or 0) and one that
 * does: an upper bound of the true one. null where the answer did not flip at `upper[i]` (null).
 */
export async function smallestFlips(
  model: Pick<LatentModel, "network">,
  prefix: Prefix,
  rows: readonly PerturbedRow[],
  directions: readonly (Direction | null)[],
  lower: readonly number[],
  upper: readonly (number | null)[],
): Promise<(number | null)[]> {
  const low = [...lower];
  const high = [...upper];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = high.map((h, r) => (h === null ? 0 : (low[r]! + h) / 2));
    const flips = await flipsAt(model, prefix, rows, directions, middle);
    for (const [r, flip] of flips.entries()) {
      if (high[r] === null) continue;
      if (flip) high[r] = middle[r]!;
      else low[r] = middle[r]!;
    }
  }
  return high;
}
