/**
 * Checks before any verdict: are the answers readable, is the model above chance, and does a control remove content or
 * break the answer itself? All on the examples in which the model opened a latent block.
 */

import { countOf, thoseOf } from "../../numeric/index.ts";
import {
  binomialTest,
  clustersOf,
  count,
  mcnemar,
  pEquals,
  share,
  shareInterval,
  shareWithin,
} from "../../statistics/index.ts";
import { chanceOf, type ExampleOutcomes, isRight, type Outcome } from "../record/outcomes.ts";
import { balanceOf, optionsOnlyOf } from "./chance.ts";

/** What says nothing about the example at hand: latents that carry load must beat all of these. */
export const contentDummies = ["zeros", "noise", "noise-matched", "mean", "other-own"] as const;

/**
 * The content-free control with the highest accuracy; undefined where none was measured.
 *
 * @example
 * bestControl({ own: { accuracy: 0.9 }, zeros: { accuracy: 0.3 }, mean: { accuracy: 0.4 } }); // "mean"
 */
export function bestControl(
  interventions: Readonly<Record<string, { accuracy: number | null } | undefined>>,
): string | undefined {
  const of = (name: string): number => interventions[name]?.accuracy ?? -1;
  const best = contentDummies.reduce((best, name) => (of(name) > of(best) ? name : best));
  return of(best) < 0 ? undefined : best;
}

/** Of these, what a model can meet when it runs: made of its own latents. */
export const inDistribution: readonly string[] = ["noise-matched", "mean", "other-own"];

/** Below this share of readable answers nothing is concluded from accuracies. */
export const READABLE = 0.8;

/** A loss of readable answers up to this is no breakage, as a difference up to it is none. */
const MARGIN = 0.02;

/** Right answers are called unequally spread over the positions below this p-value: which occurs by chance in one of 1,000 splits. */
const UNBALANCED = 0.001;

/** Share that a reader gets who always names the most frequent position, where right answers are spread unequally. */
function alwaysOne(
  examples: readonly Pick<ExampleOutcomes, "answer" | "options" | "chance">[],
  chance: number,
): { rate: number; reader: string } | undefined {
  const balance = balanceOf(examples);
  if (balance.p === null || balance.p >= UNBALANCED) return undefined;
  const found = optionsOnlyOf(examples, balance);
  return found.rate > chance ? found : undefined;
}

/** Answers under one intervention. */
interface Condition {
  n: number;
  right: number;
  answered: number;
  /** Expected share of right answers of the best reader of the options alone, and of guessing among all of them. */
  chance: number;
  /** That reader, where it is one that always names one position. */
  reader?: string;
  guessing: number;
  /** P-values of "more" and of "fewer right answers, by two points, than by guessing"; null where images are shared. */
  aboveP: number | null;
  belowP: number | null;
  above: boolean;
  /** At a stricter level, because every control is tested. */
  below: boolean;
}

interface Levels {
  above: number;
  below: number;
}

function conditionOf(
  examples: readonly ExampleOutcomes[],
  name: string,
  levels: Levels,
): Condition | undefined {
  const rows = thoseOf(examples, ({ outcomes }) => outcomes[name]);
  const isRightIn = ({ outcomes, answer }: ExampleOutcomes): boolean => isRight(outcomes[name]!, answer);
  const n = rows.length;
  if (n === 0) return undefined;
  const right = countOf(rows, isRightIn);
  const answered = countOf(rows, ({ outcomes }) => outcomes[name]!.choice !== null);
  const expected = rows.reduce((sum, row) => sum + chanceOf(row), 0) / n;
  const always = alwaysOne(rows, expected);
  const chance = always?.rate ?? expected;
  const guessing = rows.reduce((sum, { options }) => sum + 1 / options.length, 0) / n;
  const common = { n, right, answered, chance, guessing, ...(always && { reader: always.reader }) };
  if (chance >= 1) return { ...common, aboveP: null, belowP: null, above: false, below: false };
  const clusters = clustersOf(rows);
  if (clusters === null) {
    // With options of several numbers the sum is less spread than the binomial of the mean chance: the tests are safe.
    const aboveP = binomialTest(right, n, chance, "greater").p;
    const belowP = guessing > MARGIN ? binomialTest(right, n, guessing - MARGIN, "less").p : 1;
    return { ...common, aboveP, belowP, above: aboveP < levels.above, below: belowP < levels.below };
  }
  const within = (level: number) => shareInterval(rows.map(isRightIn), clusters, 2 * level).value;
  const above = (within(levels.above)?.[0] ?? 0) > chance;
  return {
    ...common,
    aboveP: null,
    belowP: null,
    above,
    below: (within(levels.below)?.[1] ?? 1) < guessing - MARGIN,
  };
}

/** Examples in which one condition alone does something (answers readably, or rightly), as counts. */
function alone(
  examples: readonly ExampleOutcomes[],
  one: string,
  other: string,
  does: (outcome: Outcome, answer: number) => boolean,
): { first: number; second: number; n: number } {
  const counts = { first: 0, second: 0, n: 0 };
  for (const { outcomes, answer } of examples) {
    if (outcomes[one] === undefined || outcomes[other] === undefined) continue;
    const [a, b] = [does(outcomes[one], answer), does(outcomes[other], answer)];
    counts.n++;
    if (a && !b) counts.first++;
    if (!a && b) counts.second++;
  }
  return counts;
}

export interface Guards {
  /** Required share of readable answers. */
  readable: number;
  own: Condition | undefined;
  oracle: Condition | undefined;
  /** Why own answers, or the oracle's, cannot be judged; undefined where they can. */
  unreadable: Partial<Record<"own" | "oracle", string>>;
  /** Dummies that break the answer instead of taking content away, and how that shows. */
  broken: Record<string, string>;
  /** Content dummies that the verdict rests on, and those of them that are in distribution. */
  basis: string[];
  inDistribution: string[];
}

const unreadableText = (name: string, { answered, n }: Condition, least: number): string =>
  `of the answers under ${name} latents only ${share(answered / n)} can be read (${count(answered)} of ${count(n)}; ` +
  `at least ${share(least)} are needed)`;

/**
 * How answers under one condition cannot be read that can be under another: more than two points of them, by the exact
 * McNemar test at `level`, and more than half of the accuracy that it lacks. undefined where it is not so: a difference
 * between the two is one of content then.
 *
 * @example
 * losesAnswers([], "skip", "own", 0.05); // undefined
 */
export function losesAnswers(
  examples: readonly ExampleOutcomes[],
  name: string,
  than: string,
  level: number,
): string | undefined {
  const reads = alone(examples, than, name, ({ choice }) => choice !== null);
  const { n } = reads;
  const lost = (reads.first - reads.second) / n;
  if (!(lost > MARGIN)) return undefined;
  const rights = alone(examples, than, name, isRight);
  const { p } = mcnemar(reads.first, reads.second);
  if (!(p < level) || lost <= (rights.first - rights.second) / n / 2) return undefined;
  const readable = (of: string): string => {
    const both = thoseOf(examples, ({ outcomes }) => outcomes[name] && outcomes[than]);
    return share(countOf(both, ({ outcomes }) => outcomes[of]!.choice !== null) / n);
  };
  return `${name} leaves ${readable(name)} of the answers readable, ${than} ${readable(than)} (exact McNemar ${pEquals(p)})`;
}

/** How a dummy breaks answers; undefined where it does not. `top`: the better of own and oracle. */
function breakage(
  examples: readonly ExampleOutcomes[],
  name: string,
  found: Condition,
  top: { name: string } | undefined,
  level: number,
): string | undefined {
  const lost = top && losesAnswers(examples, name, top.name, level);
  if (lost !== undefined) return lost;
  // What is made of a model's own latents and misleads it is content at work, not breakage.
  if (!found.below || inDistribution.includes(name)) return undefined;
  const { first, second } = alone(examples, "own", name, isRight);
  if (first > second && mcnemar(first, second).p < level)
    return (
      `${name} is right less often than by guessing (${share(found.right / found.n)}, chance ${share(found.chance)}` +
      `${found.belowP === null ? "" : `, exact binomial ${pEquals(found.belowP)}`})`
    );
  return undefined;
}

/**
 * The guards of a verdict.
 *
 * A dummy breaks the answer where it is right less often than guessing, by more than two points, and than own latents
 * (exact binomial and McNemar tests; not tested for controls made of own latents), or loses readable answers against the better of own and oracle: more than two points, by the exact
 * McNemar test, and more than half of the accuracy it lacks. Both tests run at α over the number of content-free controls.
 *
 * @param examples - Those in which the model opened a latent block.
 * @param least - Share of answers under own latents, and under the oracle, that have to be readable.
 *
 * Source: docs/science.md "Statistics", the two guards.
 *
 * @example
 * guardsOf([]).basis; // [] : nothing was run
 */
export function guardsOf(examples: readonly ExampleOutcomes[], least = READABLE, alpha = 0.05): Guards {
  const level = alpha / contentDummies.length;
  const of = (name: string) => conditionOf(examples, name, { above: alpha, below: level });
  const [own, oracle] = [of("own"), of("oracle")];
  const unreadable: Guards["unreadable"] = {};
  for (const [name, found] of Object.entries({ own, oracle }) as ["own" | "oracle", Condition | undefined][])
    if (found && found.answered < least * found.n) unreadable[name] = unreadableText(name, found, least);
  const tops = [
    { name: "own", found: own },
    { name: "oracle", found: unreadable.oracle === undefined ? oracle : undefined },
  ].filter((each): each is { name: string; found: Condition } => each.found !== undefined);
  const top = tops.sort((a, b) => b.found.right / b.found.n - a.found.right / a.found.n)[0];
  const there = contentDummies.flatMap((name) => {
    const found = of(name);
    return found ? [{ name, how: breakage(examples, name, found, top, level) }] : [];
  });
  const basis = there.filter(({ how }) => how === undefined).map(({ name }) => name);
  return {
    readable: least,
    own,
    oracle,
    unreadable,
    broken: Object.fromEntries(there.flatMap(({ name, how }) => (how === undefined ? [] : [[name, how]]))),
    basis,
    inDistribution: basis.filter((name) => inDistribution.includes(name)),
  };
}

/**
 * Own accuracy beside chance, for verdicts of models that are not shown to be above it.
 *
 * @example
 * chanceText({ n: 4, right: 1, chance: 0.25, guessing: 0.25 }); // "own latents are right in 25.0 % and not shown to beat chance (25.0 %)"
 */
export const chanceText = ({
  n,
  right,
  chance,
  guessing,
  reader,
}: Pick<Condition, "n" | "right" | "chance" | "guessing" | "reader">): string =>
  `own latents are right in ${shareWithin(right / n, null)} and not shown to beat ` +
  (reader !== undefined
    ? `a reader of the options alone (${reader}, ${share(chance)})`
    : `${chance > guessing + 1e-9 ? "a reader of the options alone" : "chance"} (${share(chance)})`);

/**
 * Own accuracy below guessing, for models of which nothing can be said before that is explained.
 *
 * @example
 * belowText({ n: 400, right: 0, guessing: 0.25 }); // "own latents are right less often than by guessing (0.0 %, chance 25.0 %): …"
 */
export const belowText = ({ n, right, guessing }: Pick<Condition, "n" | "right" | "guessing">): string =>
  `own latents are right less often than by guessing (${share(right / n)}, chance ${share(guessing)}): ` +
  "are answers and right options read as they are meant?";
