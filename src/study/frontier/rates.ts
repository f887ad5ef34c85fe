/** Quantities over several seeds of one model, from the answers to the same examples under several interventions. */
import {
  contentDummies,
  type ExampleOutcomes,
  type Interval,
  isRight,
  known,
  type Measured,
  percentileInterval,
  unknown,
} from "../../audit/index.ts";
import { random } from "../../util/index.ts";
import type { Rate, Standing } from "./schema.ts";

/** Under what a leaderboard asks for answers: own, oracle, then the content dummies. */
const asked = ["own", "oracle", ...contentDummies] as const;

/**
 * Answers of one seed: for every cluster of examples that share their images, one number per example whose bit i says
 * whether the i-th of `names` is right.
 */
export interface Answers {
  names: readonly string[];
  clusters: readonly (readonly number[])[];
}

/** Examples with shared images together, by id: the order of lines in a journal cannot change a bit of an interval. */
function clustered(
  names: readonly string[],
  rows: readonly { example: string; images?: string | undefined; right: readonly boolean[] }[],
): Answers {
  const clusters = new Map<string, number[]>();
  for (const { example, images, right } of [...rows].sort((a, b) => (a.example < b.example ? -1 : 1))) {
    const key = images ?? `example ${example}`;
    const mask = right.reduce((bits, each, i) => bits | (Number(each) << i), 0);
    clusters.set(key, [...(clusters.get(key) ?? []), mask]);
  }
  return { names, clusters: [...clusters.values()] };
}

/**
 * The answers of an audit's journal under own, oracle and the content dummies, as far as they were given to every
 * example.
 *
 * @example
 * const right = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * answersOf([{ example: "1", answer: 0, options: ["a", "b"], outcomes: { own: right } }]).clusters; // [[1]]
 */
export function answersOf(examples: readonly ExampleOutcomes[]): Answers {
  const names = asked.filter((name) => examples.every(({ outcomes }) => outcomes[name] !== undefined));
  return clustered(
    names,
    examples.map(({ example, images, answer, outcomes }) => ({
      example,
      images,
      right: names.map((name) => isRight(outcomes[name]!, answer)),
    })),
  );
}

type Clusters = Answers["clusters"];

/** How many examples there are of each pattern of bits; in `order` of clusters, each as often as it stands there. */
function countsOf(clusters: Clusters, bits: number, draw?: () => number): Uint32Array {
  const counts = new Uint32Array(1 << bits);
  for (let i = 0; i < clusters.length; i++) for (const mask of clusters[draw ? draw() : i]!) counts[mask]!++;
  return counts;
}

/** Share of right answers under each name. */
function shares(counts: Uint32Array, bits: number): number[] {
  const right = new Array<number>(bits).fill(0);
  let n = 0;
  for (let mask = 0; mask < counts.length; mask++) {
    const count = counts[mask]!;
    if (count === 0) continue;
    n += count;
    for (let i = 0; i < bits; i++) if (mask & (1 << i)) right[i]! += count;
  }
  return right.map((r) => r / n);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** From shares under each name, averaged over seeds, to a number; NaN where it is not defined. */
type Quantity = (of: (name: string) => number) => number;

const REPLICATES = 2000;

function intervalOf(replicates: Float64Array): Measured<Interval> {
  if (!replicates.every(Number.isFinite)) return unknown("not defined in every replicate of the bootstrap");
  const [low, high] = percentileInterval(replicates);
  return low === high
    ? unknown("every bootstrap replicate is equal; a width of zero would mislead")
    : known([low, high]);
}

/**
 * Quantities over seeds and examples. Intervals are those of `hierarchicalBootstrap`: seeds are drawn with replacement,
 * then clusters of examples within each (with a single seed clusters alone); here all quantities of a replicate come
 * from one draw, which is counted instead of copied.
 *
 * @param seeds - Answers with the same names, one entry per seed.
 *
 * @example
 * const seeds = [{ names: ["own"], clusters: [[1], [1], [0], [1]] }, { names: ["own"], clusters: [[1], [0], [0], [1]] }];
 * ratesOver(seeds, { own: (of) => of("own") }).own.value; // 0.625
 */
export function ratesOver<K extends string>(
  seeds: readonly Answers[],
  wanted: Readonly<Record<K, Quantity>>,
): Record<K, Rate> {
  const { names } = seeds[0]!;
  const bits = names.length;
  const of = (each: readonly (readonly number[])[]): ((name: string) => number) => {
    const means = names.map((_, i) => mean(each.map((rates) => rates[i]!)));
    return (name) => means[names.indexOf(name)] ?? Number.NaN;
  };
  const observed = seeds.map(({ clusters }) => shares(countsOf(clusters, bits), bits));
  const keys = Object.keys(wanted) as K[];
  const replicates = keys.map(() => new Float64Array(REPLICATES));
  const source = random(0, "leaderboard");
  for (let at = 0; at < REPLICATES; at++) {
    const drawn = seeds.map((seed) => {
      const { clusters } = seeds.length === 1 ? seed : seeds[source.integer(seeds.length)]!;
      return shares(
        countsOf(clusters, bits, () => source.integer(clusters.length)),
        bits,
      );
    });
    const rate = of(drawn);
    for (const [k, key] of keys.entries()) replicates[k]![at] = wanted[key](rate);
  }
  return Object.fromEntries(
    keys.map((key, k) => {
      const value = wanted[key](of(observed));
      if (!Number.isFinite(value)) return [key, noRate(seeds.length, "not defined: it divides by zero")];
      const { value: interval, reason } = intervalOf(replicates[k]!);
      const bySeed = observed.map((rates) => wanted[key](of([rates])));
      const rate: Rate = {
        value,
        interval,
        seeds: bySeed.map((each) => (Number.isFinite(each) ? each : null)),
        ...(reason !== undefined && { reasons: { interval: reason } }),
      };
      return [key, rate];
    }),
  ) as Record<K, Rate>;
}

/** A rate that was not measured. */
export const noRate = (seeds: number, reason: string): Rate => ({
  value: null,
  interval: null,
  seeds: Array.from({ length: seeds }, () => null),
  reasons: { value: reason, interval: reason },
});

/** The best of the content dummies, chosen anew for whatever sample it is asked about. */
const best: Quantity = (of) =>
  contentDummies.reduce((most, name) => {
    const rate = of(name);
    return rate > most || Number.isNaN(most) ? rate : most;
  }, Number.NaN);

/**
 * What a leaderboard shows of an audit: accuracies, own / oracle, and the share of the gap between the best dummy and the
 * oracle that own latents close. The best dummy is chosen anew in every replicate of the bootstrap. Where the oracle is
 * not shown to beat every dummy there is no gap to close, and the ratio would be noise over noise: null with a reason.
 *
 * @example
 * const names = ["own", "oracle", "zeros"];
 * const seed = { names, clusters: Array.from({ length: 60 }, (_, i) => [i % 4 === 0 ? 7 : i % 2 ? 3 : 2]) };
 * performance([seed]).gapClosed.value; // (0.75 − 0.25) / (1 − 0.25)
 */
export function performance(
  seeds: readonly Answers[],
): Pick<Standing, "own" | "oracle" | "dummy" | "gapClosed" | "ofOracle"> {
  const has = (name: string): boolean => seeds.every(({ names }) => names.includes(name));
  const lack = (name: string): Rate => noRate(seeds.length, `no answers under ${name}`);
  const own: Quantity = (of) => of("own");
  const oracle: Quantity = (of) => of("oracle");
  const dummies = contentDummies.filter(has);
  const found = ratesOver(seeds, {
    own,
    oracle,
    dummy: best,
    gap: (of) => oracle(of) - best(of),
    gapClosed: (of) => (own(of) - best(of)) / (oracle(of) - best(of)),
    ofOracle: (of) => own(of) / oracle(of),
  });
  const rates = dummies.map((name) => ratesOf(seeds, name));
  const name = dummies[rates.indexOf(Math.max(...rates))] ?? null;
  // Where no replicate differs there is no interval; the gap is what it is then.
  const gap = found.gap.interval?.[0] ?? found.gap.value ?? 0;
  const lacks = [...["own", "oracle"].filter((each) => !has(each)), ...(name ? [] : ["content dummies"])];
  return {
    own: has("own") ? found.own : lack("own"),
    oracle: has("oracle") ? found.oracle : lack("oracle"),
    dummy: { ...(name === null ? lack("content dummies") : found.dummy), name },
    gapClosed:
      lacks.length > 0
        ? lack(lacks[0]!)
        : gap > 0
          ? found.gapClosed
          : noRate(seeds.length, "the oracle is not shown to beat the best dummy: there is no gap to close"),
    ofOracle: has("own") && has("oracle") ? found.ofOracle : lack(has("own") ? "oracle" : "own"),
  };
}

/** Share of right answers under a name, mean over seeds. */
const ratesOf = (seeds: readonly Answers[], name: string): number =>
  mean(
    seeds.map(
      ({ names, clusters }) => shares(countsOf(clusters, names.length), names.length)[names.indexOf(name)]!,
    ),
  );

/** Names of `pairedAnswers`. */
const PAIR = ["own", "reference"] as const;

/**
 * Own answers of a recipe beside the reference's, by example.
 *
 * @returns null with a reason where the two were not asked the same examples.
 *
 * @example
 * pairedAnswers([], []).value; // null: no examples
 */
export function pairedAnswers(
  mine: readonly ExampleOutcomes[],
  theirs: readonly ExampleOutcomes[],
): Measured<Answers> {
  const byId = new Map(theirs.map((example) => [example.example, example]));
  if (mine.length === 0 || mine.length !== theirs.length || !mine.every(({ example }) => byId.has(example)))
    return unknown("the reference was not asked the same examples");
  return known(
    clustered(
      PAIR,
      mine.map(({ example, images, answer, outcomes: { own } }) => {
        const other = byId.get(example)!;
        const { own: reference } = other.outcomes;
        const right = own !== undefined && isRight(own, answer);
        const theirs = reference !== undefined && isRight(reference, other.answer);
        return { example, images, right: [right, theirs] };
      }),
    ),
  );
}

/** Examples that the recipe alone, and that the reference alone, answers right; and all. */
export function discordant({ clusters }: Answers): { b: number; c: number; n: number } {
  const counts = countsOf(clusters, PAIR.length);
  return { b: counts[1]!, c: counts[2]!, n: counts.reduce((a, x) => a + x, 0) };
}

/** Difference in own accuracy, with an interval over seeds and examples. */
export const differenceOver = (seeds: readonly Answers[]): Rate =>
  ratesOver(seeds, { difference: (of) => of("own") - of("reference") }).difference;
