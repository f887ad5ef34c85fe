import {
  adversarialDirections,
  flipsAt,
  randomUnitDirection,
  smallestFlips,
} from "../../../reasoning/index.ts";
import { wilson } from "../../../statistics/index.ts";
import { random } from "../../../util/index.ts";
import type { SuiteContext } from "../analysis.ts";
import { nothingReplayed, replayable } from "./shared/replays.ts";

/** Sizes that are tried: root mean square of the perturbation in units of the deviation of own latents. */
const SIZES = [0.03, 0.1, 0.3, 1, 3, 10] as const;

/** Median in which null (never flipped) is larger than any size; null where at least half are. */
function median(values: readonly (number | null)[]): number | null {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const middle =
    (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
  return Number.isFinite(middle) ? middle : null;
}

/**
 * The smallest perturbation of own latents that flips the answer (teacher-forced: the text between block and answer
 * stays): found by projected gradient, an upper bound of the true one, against one random direction of equal norm per
 * example.
 */
export const flips = async (context: SuiteContext) => {
  const { session, planner } = context;
  const left: Record<string, number> = {};
  const kinds = ["adversarial", "random"] as const;
  const counts = kinds.map(() => SIZES.map(() => 0));
  const smallest: (number | null)[][] = kinds.map(() => []);
  let n = 0;
  for await (const { prefix, rows, index } of replayable(context, "flips", left)) {
    const draw = (i: number, what: string) => random(planner.seed, what, session.examples[index[i]!]!.id);
    const any = rows.map((row, i) => randomUnitDirection(row.deviation, draw(i, "flips random")));
    const still = any.filter((direction) => direction === null).length;
    if (still > 0) left["own latents that do not vary"] = (left["own latents that do not vary"] ?? 0) + still;
    n += rows.length - still;
    for (const [k, kind] of kinds.entries()) {
      const upper: (number | null)[] = rows.map(() => null);
      const lower = rows.map(() => 0);
      const along = [...any];
      for (const [s, size] of SIZES.entries()) {
        const sizes = rows.map(() => size);
        const directions =
          kind === "random"
            ? any
            : (await adversarialDirections(session.model, prefix, rows, sizes, (i) => draw(i, "flips"))).map(
                ({ direction }) => direction,
              );
        const hits = await flipsAt(session.model, prefix, rows, directions, sizes);
        for (const [i, hit] of hits.entries()) {
          if (any[i] === null) continue;
          if (hit) counts[k]![s]!++;
          if (hit && upper[i] === null) {
            upper[i] = size;
            along[i] = directions[i]!;
          } else if (upper[i] === null) lower[i] = size;
        }
      }
      // Along another direction than the one that flips, smaller sizes may not have been tried: start from 0 there.
      const start = kind === "random" ? lower : rows.map(() => 0);
      const found = await smallestFlips(session.model, prefix, rows, along, start, upper);
      for (const [i, size] of found.entries()) if (any[i] !== null) smallest[k]!.push(size);
    }
  }
  if (n === 0) return nothingReplayed(left);
  const summary = (k: number) => {
    const found = median(smallest[k]!);
    return {
      flipped: SIZES.map((size, s) => ({
        size,
        share: counts[k]![s]! / n,
        interval: wilson(counts[k]![s]!, n, 0.05).value,
      })),
      medianSize: found,
      never: smallest[k]!.filter((size) => size === null).length,
      ...(found === null && {
        reason: `at least half of ${n} examples keep their answer up to a size of ${SIZES.at(-1)}`,
      }),
    };
  };
  return {
    n,
    left,
    unit: "root mean square in deviations of own latents",
    adversarial: summary(0),
    random: summary(1),
  };
};
