import { countOf, thoseOf } from "../../numeric/index.ts";
import {
  clusteredComparison,
  clustersOf,
  equivalence,
  holm,
  mcnemar,
  type PairedCounts,
  pairedInterval,
} from "../../statistics/index.ts";
import { measurements } from "../measurements/index.ts";
import { type ExampleOutcomes, isRight, type Outcome } from "../record/outcomes.ts";
import type { Comparison } from "../record/schema.ts";
import type { SplitOutcomes } from "../record/split-outcomes.ts";

export interface ComparisonOptions {
  /** Of equivalence, in accuracy: 0.02 is two points. */
  margin: number;
  alpha: number;
  /** How far the options' probabilities move, where it is known of these examples; else by their outcomes. */
  divergence?: SplitOutcomes["divergence"];
}

/**
 * Equal choices; two unreadable answers only if they are the same text.
 *
 * @example
 * const answer = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] };
 * sameAnswer(answer, { ...answer, text: "A" }); // true
 */
export function sameAnswer(a: Outcome, b: Outcome): boolean {
  return a.choice === b.choice && (a.choice !== null || a.text === b.text);
}

/**
 * One intervention against one reference, on the examples that have both; `holmP` is filled in by the family.
 *
 * @example
 * const right = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const examples = ["1", "2"].map((example) => ({
 *   example, answer: 0, options: ["a", "b"], outcomes: { skip: right, zeros: { ...right, choice: 1 } },
 * }));
 * compare(examples, "zeros", "skip", { margin: 0.02, alpha: 0.05 }).difference; // -1
 */
export function compare(
  examples: readonly ExampleOutcomes[],
  intervention: string,
  reference: string,
  { margin, alpha, divergence: divergenceOf }: ComparisonOptions,
): Comparison {
  const both = thoseOf(examples, ({ outcomes }) => outcomes[intervention] && outcomes[reference]);
  const to = ({ outcomes }: ExampleOutcomes): Outcome => outcomes[intervention]!;
  const from = ({ outcomes }: ExampleOutcomes): Outcome => outcomes[reference]!;
  const rightUnder = (of: typeof to, each: ExampleOutcomes): number => Number(isRight(of(each), each.answer));
  const counts: PairedCounts = { n11: 0, n10: 0, n01: 0, n00: 0 };
  for (const each of both)
    counts[`n${rightUnder(to, each)}${rightUnder(from, each)}` as keyof PairedCounts]++;
  const n = both.length;
  const identical = n > 0 && both.every((each) => to(each).same?.some((name) => name === reference));
  const common = {
    intervention,
    reference,
    margin,
    n,
    rightToWrong: counts.n01,
    wrongToRight: counts.n10,
    ...(identical && { identical }),
  };
  const difference = pairedInterval(counts, alpha);
  const within = equivalence(counts, margin, alpha);
  const moved =
    divergenceOf?.(intervention, reference) ??
    measurements.optionDivergence.compute(
      both.map((each) => from(each).optionLogProbabilities),
      both.map((each) => to(each).optionLogProbabilities),
    );
  const divergence = moved.value ?? { kl: null, totalVariation: null };
  const why: Record<string, string> =
    moved.reason === undefined ? {} : { kl: moved.reason, totalVariation: moved.reason };
  const clusters = clustersOf(both);
  const together =
    clusters &&
    clusteredComparison(
      counts,
      both.map((each) => rightUnder(to, each) - rightUnder(from, each)),
      clusters,
      margin,
      alpha,
    );
  if (difference.value === null || within.value === null) {
    const reason = difference.reason ?? within.reason ?? "";
    for (const key of [
      "difference",
      "interval",
      "mcnemarP",
      "holmP",
      "equivalent",
      "equivalenceP",
      "agreement",
    ])
      why[key] = reason;
    return {
      ...common,
      difference: null,
      interval: null,
      mcnemarP: null,
      holmP: null,
      equivalent: null,
      equivalenceP: null,
      agreement: null,
      kl: divergence.kl,
      totalVariation: divergence.totalVariation,
      reasons: why,
    };
  }
  if (together?.reason !== undefined)
    for (const key of ["interval", "clusteredP", "equivalent", "equivalenceP"]) why[key] = together.reason;
  if (identical)
    for (const key of ["mcnemarP", "holmP", ...(together ? ["clusteredP"] : [])])
      why[key] =
        `identical by construction: in every example the slots hold what they hold under ${reference}`;
  // Where images are shared, a claim has to pass both: the exact test, and the one that allows for clusters.
  const equivalenceP =
    together === null
      ? within.value.p
      : together.value && Math.max(together.value.equivalenceP, within.value.p);
  return {
    ...common,
    difference: difference.value.difference,
    interval: together === null ? difference.value.interval : (together.value?.interval ?? null),
    mcnemarP: identical ? null : mcnemar(counts.n10, counts.n01).p,
    holmP: null,
    equivalent: equivalenceP === null ? null : equivalenceP < alpha,
    equivalenceP,
    ...(together && {
      clusters: together.value?.clusters ?? 1,
      designEffect: together.value?.designEffect ?? null,
      clusteredP: identical ? null : (together.value?.p ?? null),
    }),
    agreement: countOf(both, (each) => sameAnswer(to(each), from(each))) / n,
    kl: divergence.kl,
    totalVariation: divergence.totalVariation,
    ...(Object.keys(why).length > 0 ? { reasons: why } : {}),
  };
}

/**
 * The p-value that claims of a difference rest on: exact McNemar's, or where images are shared the larger of it and of
 * the test that allows for clusters; null where there is none.
 *
 * @example
 * differenceP({ mcnemarP: 0.01, clusters: 3, clusteredP: 0.04 }); // 0.04
 */
export function differenceP({
  mcnemarP,
  clusters,
  clusteredP,
}: Pick<Comparison, "mcnemarP" | "clusters" | "clusteredP">): number | null {
  if (clusters === undefined || mcnemarP === null) return mcnemarP;
  return typeof clusteredP === "number" ? Math.max(mcnemarP, clusteredP) : null;
}

/**
 * Every intervention against `own` and, where it was run, against `oracle`; paired by example. Holm's correction runs
 * over the comparisons with one reference: they answer one question together. Those that put the same vectors into the slots
 * as the reference in every example are equal by construction, and no part of it.
 *
 * @param examples - Outcomes; an intervention may be absent from some of them.
 * @param interventions - Names in the order wanted.
 *
 * Source: docs/science.md "Reliance" and "Statistics"; docs/published-families.md §15.1 (3).
 *
 * @example
 * const right = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const examples = ["1", "2"].map((example) => ({
 *   example, answer: 0, options: ["a", "b"], outcomes: { own: right, zeros: { ...right, choice: 1 } },
 * }));
 * compareAll(examples, ["own", "zeros"], { margin: 0.02, alpha: 0.05 })[0].rightToWrong; // 2
 */
export function compareAll(
  examples: readonly ExampleOutcomes[],
  interventions: readonly string[],
  options: ComparisonOptions,
): Comparison[] {
  return ["own", "oracle"]
    .filter((reference) => interventions.includes(reference))
    .flatMap((reference) => {
      const family = interventions
        .filter((name) => name !== reference)
        .map((name) => compare(examples, name, reference, options));
      const adjusted = holm(family.map(differenceP));
      return family.map((comparison, i) => ({ ...comparison, holmP: adjusted[i]! }));
    });
}
