import { mean } from "../numeric/index.ts";
import { bootstrap } from "../statistics/index.ts";
import type { PreparedExample } from "./prepared-example.ts";
import type { ReaderName, ReaderOutput } from "./readers.ts";
import type { InformResult } from "./schema.ts";

/** Less information than this share of log2(options) counts as none. */
const MARGIN = 0.1;

const surprise = (p: number): number => -Math.log2(p);

interface Information {
  information: InformResult["information"];
  perExample: { id: string; bits: number; without: number; with: number }[];
}

/** Probabilities of the right answers; uniform where those are worse than uniform on the whole. */
function atLeastUniform(reading: ReaderOutput, cases: readonly PreparedExample[]): Float64Array {
  const uniform = Float64Array.from(cases, ({ options }) => 1 / options.length);
  const total = (p: Float64Array): number => p.reduce((sum, each) => sum + surprise(each), 0);
  return total(reading.probability) > total(uniform) ? uniform : reading.probability;
}

/**
 * V-usable information of the helpers: the surprise of the reader without them less that of the reader with them. The
 * reader without is never worse than uniform probabilities: what it overfits is not what the helper tells.
 *
 * @param uncertainty - Mean log2 of the numbers of options.
 */
export function informationOf(
  cases: readonly PreparedExample[],
  readers: Readonly<Record<ReaderName, ReaderOutput>>,
  uncertainty: number,
  seed: number,
): Information {
  const without = atLeastUniform(readers.without, cases);
  const withHelper = readers.with.probability;
  const perExample = cases.map(({ id }, i) => ({
    id,
    bits: surprise(without[i]!) - surprise(withHelper[i]!),
    without: without[i]!,
    with: withHelper[i]!,
  }));
  // By id, so that the order of the examples does not change the interval.
  const values = [...perExample].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ bits }) => bits);
  // No reader can tell more than there is to know.
  const within = (interval: [number, number] | null): [number, number] | null =>
    interval && [interval[0], Math.min(interval[1], uncertainty)];
  const constant = values.every((value) => value === 0);
  const intervalAt = (alpha: number): [number, number] | null =>
    // Equal readers give every replicate the same value: that interval has no width, and no need of one.
    constant ? [0, 0] : within(bootstrap(values, mean, { seed, alpha }).value);
  return {
    information: {
      options: uncertainty,
      without: mean([...without].map(surprise)),
      with: mean([...withHelper].map(surprise)),
      bits: mean(values),
      interval: intervalAt(0.05),
      interval90: intervalAt(0.1),
      margin: MARGIN * uncertainty,
      ignored: constant,
    },
    perExample,
  };
}
