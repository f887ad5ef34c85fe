/** Two audits of the same examples: paired differences, flips, slices, and whether latents carry more. */
import { mean } from "../../numeric/index.ts";
import {
  bootstrap,
  count,
  examplesNeeded,
  holm,
  mcnemarPower,
  observedDiscordance,
  pEquals,
  pointsWithin,
  share,
} from "../../statistics/index.ts";
import { ensure } from "../../util/index.ts";
import { compare, differenceP } from "../judge/comparison.ts";
import { contentDummies } from "../judge/guards.ts";
import { attributeParts } from "../judge/slices.ts";
import { chanceNote } from "../judge/verdict.ts";
import { type ExampleOutcomes, isRight, type Outcome } from "../record/outcomes.ts";
import type { AuditResult, Comparison } from "../record/schema.ts";
import type { Question } from "../tables/questions-file.ts";
import type { AuditComparison, ComparedPair } from "./schema.ts";

/** One of the two audits. */
export interface ComparedAudit {
  name: string;
  directory: string;
  result: AuditResult;
  outcomes: readonly ExampleOutcomes[];
}

interface Options {
  /** Questions by example, for slices. */
  questions?: ReadonlyMap<string, Question>;
  /** Of equivalence, in accuracy; 0.02 if left out. */
  margin?: number;
  alpha?: number;
  notes?: readonly string[];
}

/** An example with the outcomes of both audits. */
interface Both {
  a: ExampleOutcomes;
  b: ExampleOutcomes;
}

/**
 * Whether two examples of one id are one question, as far as outcomes say: the same options, right answer, and images,
 * where both name them.
 *
 * @example
 * const one = { example: "7", options: ["a", "b"], answer: 0, outcomes: {} };
 * isSameQuestion(one, { ...one, answer: 1 }); // false
 */
export const isSameQuestion = (one: ExampleOutcomes, other: ExampleOutcomes): boolean =>
  one.answer === other.answer &&
  one.options.join("\0") === other.options.join("\0") &&
  (one.images === undefined || other.images === undefined || one.images === other.images);

/** Examples of both audits by id, in its order. An example must be the same question in both. */
function sharedExamples(a: ComparedAudit, b: ComparedAudit): Both[] {
  const others = new Map(b.outcomes.map((each) => [each.example, each]));
  const both = a.outcomes.flatMap((each) => {
    const other = others.get(each.example);
    return other ? [{ a: each, b: other }] : [];
  });
  const where = `${a.directory} and ${b.directory}`;
  ensure(both.length > 0, "input", () => ({
    where,
    expected: "two audits of the same examples",
    got: `none in common (${a.result.split}: ${a.outcomes[0]?.example ?? "none"}, …; ${b.result.split}: ${b.outcomes[0]?.example ?? "none"}, …)`,
    attempt: "audits of the same dataset and split, with the same --limit and --skip",
  }));
  for (const { a: one, b: other } of both)
    ensure(
      one.answer === other.answer && one.options.join("\0") === other.options.join("\0"),
      "input",
      () => ({
        where: `${where}, example ${one.example}`,
        expected: "the same options and right answer in both",
        got: `${one.options.join(", ")} (${one.options[one.answer]}) and ${other.options.join(", ")} (${other.options[other.answer]})`,
        attempt: "audits of the same data, with the same --shuffle-options",
      }),
    );
  return both.sort((x, y) => (x.a.example < y.a.example ? -1 : 1));
}

/** That examples have other images in the other audit, where it is so: edited ones, or those of other data. */
function imageNotes(rows: readonly Both[]): string[] {
  const other = rows.filter(({ a, b }) => !isSameQuestion(a, b)).length;
  return other > 0
    ? [`${count(other)} of the ${count(rows.length)} shared examples have other images in the two audits`]
    : [];
}

/** The state of a difference B − A at level α. */
function stateOf(row: Comparison, p: number | null, alpha: number): ComparedPair["state"] {
  if (row.difference !== null && p !== null && p < alpha && row.difference !== 0)
    return row.difference > 0 ? "B is better" : "A is better";
  return row.equivalent ? "equivalent" : "undecided";
}

/** Examples with the outcomes of one intervention in both audits, as interventions "a" and "b" of one. */
export function outcomesOfBoth(rows: readonly Both[], name: string): ExampleOutcomes[] {
  return rows.flatMap(({ a, b }) => {
    const [from, to] = [a.outcomes[name], b.outcomes[name]];
    if (!from || !to) return [];
    // Whatever stands in the slots of two models, it is nothing that they have in common by construction.
    const apart = ({ same: _, ...outcome }: Outcome): Outcome => outcome;
    const images = a.group === undefined ? a.images : `group ${a.group}`;
    const { images: __, ...rest } = a;
    return [{ ...rest, ...(images !== undefined && { images }), outcomes: { a: apart(from), b: apart(to) } }];
  });
}

/** The comparison of one intervention on some examples. */
function pairOf(rows: readonly Both[], name: string, margin: number, alpha: number): ComparedPair {
  const merged = outcomesOfBoth(rows, name);
  const row = compare(merged, "b", "a", { margin, alpha });
  const {
    difference,
    interval,
    mcnemarP,
    equivalent,
    equivalenceP,
    n,
    agreement,
    clusters,
    clusteredP,
    reasons,
  } = row;
  const right = (side: "a" | "b"): number =>
    merged.filter(({ outcomes, answer }) => isRight(outcomes[side]!, answer)).length;
  const { kl: _, totalVariation: __, ...why } = reasons ?? {};
  return {
    a: n > 0 ? right("a") / n : null,
    b: n > 0 ? right("b") / n : null,
    difference,
    interval,
    mcnemarP,
    holmP: null,
    equivalent,
    ...(equivalenceP !== undefined && { equivalenceP }),
    margin,
    n,
    lost: row.rightToWrong,
    gained: row.wrongToRight,
    ...(agreement !== undefined && { agreement }),
    ...(clusters !== undefined && { clusters, clusteredP: clusteredP ?? null }),
    state: stateOf(row, differenceP(row), alpha),
    ...(Object.keys(why).length > 0 && { reasons: why }),
  };
}

/** Corrects the p-values of pairs that answer one question together, and their states with them. */
function corrected(pairs: readonly [string, ComparedPair][], alpha: number): Record<string, ComparedPair> {
  const adjusted = holm(pairs.map(([, pair]) => differenceP(pair)));
  return Object.fromEntries(
    pairs.map(([name, pair], i) => {
      const holmP = adjusted[i]!;
      const shown = holmP !== null && holmP < alpha;
      const state =
        pair.state.endsWith("better") && !shown ? (pair.equivalent ? "equivalent" : "undecided") : pair.state;
      return [name, { ...pair, holmP, state }];
    }),
  );
}

/** How much more B loses under a control than A, example by example. */
function relianceOf(
  rows: readonly Both[],
  control: string,
  alpha: number,
): AuditComparison["reliance"][string] | null {
  const gains = rows.flatMap(({ a, b }) => {
    const gain = ({ outcomes, answer }: ExampleOutcomes): number | null =>
      outcomes.own && outcomes[control]
        ? Number(isRight(outcomes.own, answer)) - Number(isRight(outcomes[control], answer))
        : null;
    const [one, other] = [gain(a), gain(b)];
    return one === null || other === null ? [] : [{ a: one, b: other }];
  });
  if (gains.length === 0) return null;
  const difference = (sample: readonly { a: number; b: number }[]): number =>
    mean(sample.map(({ a, b }) => b - a));
  const { value, reason } = bootstrap(gains, difference, { seed: 0, alpha });
  return {
    a: mean(gains.map(({ a }) => a)),
    b: mean(gains.map(({ b }) => b)),
    difference: difference(gains),
    interval: value,
    n: gains.length,
    ...(reason !== undefined && { reason }),
  };
}

/** Which is better under own latents, in one sentence. */
function conclusionOf(pair: ComparedPair | undefined, a: string, b: string, alpha: number): string {
  if (!pair || pair.difference === null || pair.a === null || pair.b === null)
    return `${a} and ${b} have no two examples in common under own latents: nothing can be compared`;
  const p = differenceP(pair);
  const facts =
    `${b} answers ${share(pair.b)} of the shared examples correctly and ${a} ${share(pair.a)}: ` +
    `${b} − ${a} ${pointsWithin(pair.difference, pair.interval)}`;
  const flips = `${count(pair.gained)} gained, ${count(pair.lost)} lost, n = ${count(pair.n)}`;
  const test =
    p === null
      ? ""
      : `${pair.clusters === undefined ? "exact McNemar" : "McNemar over clusters of images"} ${pEquals(p)}; `;
  const margin = `±${100 * pair.margin} points`;
  if (pair.state === "equivalent")
    return `Equivalent within ${margin}: ${facts} (two one-sided tests ${pEquals(pair.equivalenceP ?? 1)}; ${flips})`;
  if (pair.state !== "undecided")
    return `${pair.state === "B is better" ? b : a} is better: ${facts} (${test}${flips})`;
  const rates = observedDiscordance(pair.gained, pair.lost, pair.n);
  const needed =
    pair.gained === pair.lost ? null : examplesNeeded([(n: number) => mcnemarPower(n, rates, alpha)], 0.8);
  const further =
    needed === null
      ? ""
      : `; if the true difference is the observed one, ${count(needed)} examples show it at 80 % power`;
  return `Undecided: ${facts} (${test}${flips}), nor is equivalence within ${margin} shown${further}`;
}

/**
 * Which of A and B is better under own latents on some examples, in one sentence without a full stop.
 *
 * @example
 * const own = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const each = { example: "1", answer: 0, options: ["a", "b"], outcomes: { own } };
 * ownConclusion([{ a: each, b: each }], "base", "rl"); // "base and rl have no two examples in common under own latents: nothing can be compared"
 */
export const ownConclusion = (
  rows: readonly Both[],
  a: string,
  b: string,
  { margin = 0.02, alpha = 0.05 }: Pick<Options, "margin" | "alpha"> = {},
): string => conclusionOf(pairOf(rows, "own", margin, alpha), a, b, alpha);

/**
 * Compares two audits of the same examples. Differences are B − A, paired by example, with exact McNemar p-values and
 * mid-p score intervals (cluster-robust where examples share images), and a test of equivalence.
 *
 * @experimental
 * @throws LintelError "input" where they have no example in common, or one with other options or another answer.
 *
 * @example
 * const own = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = ["1", "2", "3"].map((example) => ({ example, answer: 0, options: ["a", "b"], outcomes: { own } }));
 * const audit = (name) => ({ name, directory: name, outcomes, result: summarize(outcomes, null, { split: "eval" }) });
 * compareAudits(audit("base"), audit("rl")).interventions.own.difference; // 0
 */
export function compareAudits(
  a: ComparedAudit,
  b: ComparedAudit,
  { questions = new Map(), margin = 0.02, alpha = 0.05, notes = [] }: Options = {},
): AuditComparison {
  const rows = sharedExamples(a, b);
  const names = Object.keys(a.result.interventions).filter((name) =>
    Object.hasOwn(b.result.interventions, name),
  );
  const own = pairOf(rows, "own", margin, alpha);
  const others = names
    .filter((name) => name !== "own")
    .map((name) => [name, pairOf(rows, name, margin, alpha)] as [string, ComparedPair]);
  const reliance = contentDummies.flatMap((control) => {
    const found = relianceOf(rows, control, alpha);
    return found ? [[control, found] as const] : [];
  });
  const known = rows.map(({ a: { example } }) => ({ attributes: questions.get(example)?.attributes ?? {} }));
  const slices = [...attributeParts(known)].map(([attribute, parts]) => {
    const pairs = [...parts].map(
      ([value, part]) =>
        [
          value,
          pairOf(
            part.map((i) => rows[i]!),
            "own",
            margin,
            alpha,
          ),
        ] as [string, ComparedPair],
    );
    return [attribute, corrected(pairs, alpha)] as const;
  });
  const flipped = (from: "a" | "b", to: "a" | "b"): string[] =>
    rows.flatMap((row) => {
      const [before, after] = [row[from].outcomes.own, row[to].outcomes.own];
      const { answer, example } = row.a;
      return before && after && isRight(after, answer) && !isRight(before, answer) ? [example] : [];
    });
  const side = ({ name, directory, outcomes, result }: ComparedAudit): AuditComparison["a"] => ({
    name,
    directory,
    n: outcomes.length,
    verdict: result.verdict,
    ...(result.atChance && { atChance: true, chanceNote: chanceNote(result)! }),
    ...(result.verdictReason !== undefined && { verdictReason: result.verdictReason }),
    geometry: result.geometry,
  });
  return {
    a: side(a),
    b: side(b),
    split: a.result.split,
    shared: rows.length,
    onlyA: a.outcomes.length - rows.length,
    onlyB: b.outcomes.length - rows.length,
    notes: [...notes, ...imageNotes(rows)],
    interventions: { own, ...corrected(others, alpha) },
    reliance: Object.fromEntries(reliance),
    slices: Object.fromEntries(slices),
    flips: { gained: flipped("a", "b"), lost: flipped("b", "a") },
    conclusion: conclusionOf(own, a.name, b.name, alpha),
  };
}
