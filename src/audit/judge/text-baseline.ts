/** Comparison with the text baseline, which separates the effect of latents from the effect of the training data. */
import {
  clustersOf,
  count,
  pEquals,
  pointsWithin,
  shareInterval,
  shareWithin,
} from "../../statistics/index.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import type { TextBaselineResult } from "../record/schema.ts";
import { compare, differenceP } from "./comparison.ts";

export interface BaselineAnswers {
  /** Checkpoint directory. */
  model: string;
  /** By example id. */
  answers: ReadonlyMap<string, Outcome>;
}

/**
 * Own latents against the baseline model, paired by example.
 *
 * @example
 * const answer = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = ["1", "2"].map((example) => ({ example, answer: 0, options: ["a", "b"], outcomes: { own: answer } }));
 * compareTextBaseline({ model: "text", answers: new Map([["1", answer], ["2", { ...answer, choice: 1 }]]) }, outcomes).difference; // 0.5
 */
export function compareTextBaseline(
  { model, answers }: BaselineAnswers,
  outcomes: readonly ExampleOutcomes[],
): TextBaselineResult {
  const both = [...outcomes]
    .sort((a, b) => (a.example < b.example ? -1 : 1))
    .flatMap((example) => {
      const [own, baseline] = [example.outcomes.own, answers.get(example.example)];
      return own && baseline ? [{ ...example, outcomes: { own, baseline } }] : [];
    });
  const n = both.length;
  const right = both.map(({ outcomes: { baseline }, answer }) => baseline.choice === answer);
  const interval = shareInterval(right, clustersOf(both), 0.05);
  const row = compare(both, "own", "baseline", { margin: 0.02, alpha: 0.05 });
  const reasons = { ...row.reasons, ...(interval.reason !== undefined && { accuracy: interval.reason }) };
  return {
    model,
    n,
    accuracy: n > 0 ? right.filter(Boolean).length / n : null,
    accuracyInterval: interval.value,
    answered: n > 0 ? both.filter(({ outcomes: { baseline } }) => baseline.choice !== null).length / n : null,
    latentRate: n > 0 ? both.filter(({ outcomes: { baseline } }) => baseline.blocks > 0).length / n : null,
    difference: row.difference,
    interval: row.interval,
    p: differenceP(row),
    equivalent: row.equivalent,
    equivalenceP: row.equivalenceP ?? null,
    margin: row.margin,
    ...(Object.keys(reasons).length > 0 && { reasons }),
  };
}

/**
 * The arm in one sentence for a paper; empty where nothing could be compared.
 *
 * @example
 * textBaselineSentence({ model: "text", n: 0, accuracy: null, difference: null }); // ""
 */
export function textBaselineSentence(baseline: TextBaselineResult): string {
  const { accuracy, accuracyInterval, difference, interval, p, equivalent, equivalenceP, n } = baseline;
  if (accuracy === null || difference === null || p === null || equivalenceP === null) return "";
  const test =
    difference !== 0 && p < 0.05
      ? `exact McNemar test, ${pEquals(p)}`
      : equivalent
        ? `equivalent within ±${100 * baseline.margin} points by two one-sided exact tests, ${pEquals(equivalenceP)}`
        : `exact McNemar test, ${pEquals(p)}; not shown to be equivalent within ±${100 * baseline.margin} points, ${pEquals(equivalenceP)}`;
  return (
    `The text baseline, trained on the same data without latents, answered ${shareWithin(accuracy, accuracyInterval)} ` +
    `of the same ${count(n)} examples correctly: own latents − text baseline ${pointsWithin(difference, interval)} (${test}).`
  );
}
