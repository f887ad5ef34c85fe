/** Answers to the same examples under several interventions, by cluster of examples that share their images. */

import { contentDummies, type ExampleOutcomes, isRight } from "../../audit/index.ts";
import { mean, sum } from "../../numeric/index.ts";
import { known, type Measured, type PairedCounts, type SeedTotals, unknown } from "../../statistics/index.ts";

/** Under what a leaderboard asks for answers: own, oracle, then the content-free controls. */
const asked = ["own", "oracle", ...contentDummies] as const;

/**
 * Answers of one seed: for every cluster of examples that share their images, one number per example whose bit i says
 * whether the i-th of `names` is right.
 */
export interface Answers {
  names: readonly string[];
  clusters: readonly (readonly number[])[];
  /** What each cluster is of; where all seeds have the same, they were asked the same. */
  keys?: readonly string[];
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
  return { names, clusters: [...clusters.values()], keys: [...clusters.keys()] };
}

/**
 * The answers of an audit's journal under own, oracle and the content-free controls, as far as they were given to every
 * example.
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

/** Names of `pairedAnswers`. */
export const PAIR = ["own", "reference"] as const;

/**
 * Own answers of a recipe beside the reference's, by example.
 *
 * @returns null with a reason where the two have different examples.
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
    return unknown("the reference was audited on other examples");
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

type Clusters = Answers["clusters"];

/** Examples of a seed. */
export const sizeOf = (clusters: Clusters): number => sum(clusters.map(({ length }) => length));

/** Whether each example is right under a name, in order. */
export function rightUnder({ names, clusters }: Answers, name: string): number[] {
  const bit = 1 << names.indexOf(name);
  return clusters.flatMap((masks) => masks.map((mask) => Number((mask & bit) !== 0)));
}

/** Cluster of each example in order; null where each is one of its own. */
export const idsOf = ({ clusters }: Answers): string[] | null =>
  clusters.every(({ length }) => length === 1)
    ? null
    : clusters.flatMap((masks, c) => masks.map(() => String(c)));

/** Share of right answers under a name in one seed. */
export const rateOf = (seed: Answers, name: string): number => mean(rightUnder(seed, name));

/** Whether all seeds were asked the same examples. */
const sameExamples = (seeds: readonly Answers[]): boolean =>
  seeds.every(
    ({ keys, clusters }) =>
      keys !== undefined &&
      keys.length === seeds[0]!.keys?.length &&
      keys.every(
        (key, c) => key === seeds[0]!.keys![c] && clusters[c]!.length === seeds[0]!.clusters[c]!.length,
      ),
  );

/** Right answers under a name by seed and cluster; by seed alone where seeds were asked different examples. */
export function totalsOf(seeds: readonly Answers[], name: string): SeedTotals {
  if (!sameExamples(seeds)) {
    const n = mean(seeds.map(({ clusters }) => sizeOf(clusters)));
    return { totals: seeds.map((seed) => [n * rateOf(seed, name)]), sizes: [n], same: false };
  }
  const bit = 1 << seeds[0]!.names.indexOf(name);
  return {
    totals: seeds.map(({ clusters }) =>
      clusters.map((masks) => masks.reduce((all, mask) => all + Number((mask & bit) !== 0), 0)),
    ),
    sizes: seeds[0]!.clusters.map(({ length }) => length),
    same: true,
  };
}

/** The paired table of two names in one seed. */
export function countsOf(seed: Answers, first: string, second: string): PairedCounts {
  const [a, b] = [rightUnder(seed, first), rightUnder(seed, second)];
  const count = (x: number, y: number): number => a.filter((each, i) => each === x && b[i] === y).length;
  return { n11: count(1, 1), n10: count(1, 0), n01: count(0, 1), n00: count(0, 0) };
}
