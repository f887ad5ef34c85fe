/** Agreement of the exact and the lenient reader, and whether their difference changes the verdict. */

import { countOf, thoseOf } from "../../numeric/index.ts";
import { points, share } from "../../statistics/index.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { isRight } from "../record/outcomes.ts";
import type { Comparison, Disagreement, Readings, Verdict } from "../record/schema.ts";

/**
 * How often two readings of the same replies differ; null where there is no lenient one (journals of the first version).
 *
 * @example
 * const outcome = { text: "", choice: 0, lenient: 1, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] };
 * disagreementOf([outcome, { ...outcome, choice: 1 }]).conflict; // 0.5
 */
export function disagreementOf(outcomes: readonly Outcome[]): Disagreement | null {
  const n = outcomes.length;
  if (n === 0 || outcomes.some(({ lenient }) => lenient === undefined)) return null;
  const part = (of: (outcome: Outcome) => boolean): number => countOf(outcomes, of) / n;
  return {
    differ: part(({ choice, lenient }) => choice !== lenient),
    conflict: part(({ choice, lenient }) => choice !== null && lenient !== null && choice !== lenient),
    exactOnly: part(({ choice, lenient }) => choice !== null && lenient === null),
    lenientOnly: part(({ choice, lenient }) => choice === null && lenient !== null),
  };
}

/** Outcomes as the lenient reader has them; examples that are one object are one object again. */
function readLeniently(examples: readonly ExampleOutcomes[]): ExampleOutcomes[] {
  const known = new Map<ExampleOutcomes, ExampleOutcomes>();
  return examples.map((example) => {
    const found = known.get(example);
    if (found) return found;
    const made = {
      ...example,
      outcomes: Object.fromEntries(
        Object.entries(example.outcomes).map(([name, outcome]) => [
          name,
          { ...outcome, choice: outcome.lenient! },
        ]),
      ),
    };
    known.set(example, made);
    return made;
  });
}

const everyOutcome = (examples: readonly ExampleOutcomes[], is: (outcome: Outcome) => boolean): boolean =>
  examples.every(({ outcomes }) => Object.values(outcomes).every(is));

/** What one reading of the outcomes comes to. */
interface Reading {
  comparisons: readonly Comparison[];
  verdict: Verdict;
}

const accuracyOf = (examples: readonly ExampleOutcomes[], name: string): { right: number; n: number } => {
  const rows = thoseOf(examples, ({ outcomes }) => outcomes[name]);
  return {
    n: rows.length,
    right: countOf(rows, ({ outcomes, answer }) => isRight(outcomes[name]!, answer)),
  };
};

/** Interventions whose accuracy moves by more than the margin, and by two replies and more. */
function movedAccuracies(
  exact: readonly ExampleOutcomes[],
  lenient: readonly ExampleOutcomes[],
  names: readonly string[],
  margin: number,
): string[] {
  return names.flatMap((name) => {
    const [a, b] = [accuracyOf(exact, name), accuracyOf(lenient, name)];
    if (Math.abs(a.right - b.right) < 2 || Math.abs(a.right - b.right) <= margin * a.n) return [];
    return [`${name} ${share(a.right / a.n)} by the family's reader and ${share(b.right / b.n)} leniently`];
  });
}

/** Comparisons that change sides. */
function turnedComparisons(exact: Reading, lenient: Reading): string[] {
  return exact.comparisons.flatMap((row) => {
    const other = lenient.comparisons.find(
      (each) => each.intervention === row.intervention && each.reference === row.reference,
    );
    if (!other || (row.difference ?? 0) * (other.difference ?? 0) >= 0) return [];
    return [
      `${row.intervention} − ${row.reference} ${points(row.difference!)} against ${points(other.difference!)}`,
    ];
  });
}

/**
 * Compares the two readings of an audit. Warnings say where another accuracy, another side of a comparison or another
 * verdict comes of the lenient one: then it is the reading that decides, and replies should be looked at.
 *
 * @param margin - Differences of accuracy within it (and of a single reply) are not told.
 *
 * @example
 * const outcome = { text: "", choice: 0, lenient: 0, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] };
 * const examples = [{ example: "1", answer: 0, options: ["A", "B"], outcomes: { own: outcome } }];
 * compareReadings(examples, ["own"], 0.02, () => ({ comparisons: [], verdict: "inconclusive" })).verdicts.lenient; // "inconclusive"
 */
export function compareReadings(
  examples: readonly ExampleOutcomes[],
  names: readonly string[],
  margin: number,
  judged: (examples: readonly ExampleOutcomes[]) => Reading,
): Readings | null {
  if (!everyOutcome(examples, ({ lenient }) => lenient !== undefined)) return null;
  const exact = judged(examples);
  const same = everyOutcome(examples, ({ choice, lenient }) => choice === lenient);
  const leniently = same ? examples : readLeniently(examples);
  const lenient = same ? exact : judged(leniently);
  const moved = movedAccuracies(examples, leniently, names, margin);
  const turned = turnedComparisons(exact, lenient);
  const more = (all: readonly string[]): string => (all.length > 3 ? `, and ${all.length - 3} more` : "");
  const warnings = [
    ...(exact.verdict === lenient.verdict
      ? []
      : [
          `the verdict rests on how replies are read: ${exact.verdict} by the family's reader, ${lenient.verdict} leniently`,
        ]),
    ...(turned.length > 0
      ? [`comparisons change sides with the reader: ${turned.slice(0, 3).join("; ")}${more(turned)}`]
      : []),
    ...(moved.length > 0
      ? [`accuracies differ between the readers: ${moved.slice(0, 3).join("; ")}${more(moved)}`]
      : []),
  ];
  return {
    verdicts: { exact: exact.verdict, lenient: lenient.verdict },
    ...(warnings.length > 0 && { warnings }),
  };
}

/**
 * The warnings as one sentence of a paragraph; empty where there are none.
 *
 * @example
 * readingsSentence({ verdicts: { exact: "starved", lenient: "starved" } }); // ""
 */
export function readingsSentence(readings: Readings | undefined): string {
  const { warnings, reader } = readings ?? {};
  if (!warnings) return "";
  const by = reader === undefined ? "" : ` (${reader})`;
  return `Caution, replies were read in two ways: ${warnings.join(". ")}. The verdict is by the family's reader${by}.`;
}
