/** The verdict as a paragraph for a paper: interventions, n, difference with interval, test, correction, margin. */

import { interventionRecord } from "../../reasoning/index.ts";
import {
  count,
  gapWithin,
  pEquals,
  points,
  pointsWithin,
  share,
  shareWithin,
} from "../../statistics/index.ts";
import { differenceP } from "../judge/comparison.ts";
import { readingsSentence } from "../judge/reader-agreement.ts";
import { textBaselineSentence } from "../judge/text-baseline.ts";
import { contentDummies, verdictLabel } from "../judge/verdict.ts";
import type { AuditResult, Comparison } from "../record/schema.ts";

/** Contents of the slots under a content-free control, as a noun phrase. */
const content = (name: (typeof contentDummies)[number]): string => interventionRecord(name)?.phrase ?? name;

const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;

/** A comparison with the sign turned: own less the dummy. */
function gain({ difference, interval }: Comparison): string {
  return pointsWithin(-difference!, interval && [-interval[1], -interval[0]]);
}

/** How much of the way to the oracle own latents close, as a sentence; empty where there is no way. */
const closes = ({ gap }: AuditResult): string =>
  gap
    ? ` They closed ${gapWithin(gap.closed, gap.interval)} of the way from the best replacement that stays in distribution (${gap.dummy}) to the oracle.`
    : "";

/** What was left out of the verdict, as a sentence. */
const brokenText = ({ broken = {} }: AuditResult): string =>
  Object.keys(broken).length > 0
    ? `Left out, because they break the answer instead of taking content away: ${Object.values(broken).join("; ")}. `
    : "";

const testName = ({ clusters }: Comparison): string =>
  clusters === undefined
    ? "exact McNemar test"
    : `exact McNemar test and score test over ${count(clusters)} clusters of equal images, the larger p-value`;

const by = <T>(rows: readonly T[], key: (row: T) => number): T | undefined =>
  rows.reduce<T | undefined>(
    (most, row) => (most === undefined || key(row) > key(most) ? row : most),
    undefined,
  );

function loadBearing(dummies: readonly Comparison[], audit: AuditResult): string {
  const least = by(dummies, (row) => differenceP(row) ?? 1)!;
  return (
    `Own latents were more accurate than each of the ${dummies.length} replacements; the least certain gain, over ` +
    `${least.intervention}, is ${gain(least)} (${testName(least)}, ${pEquals(differenceP(least)!)}; n = ${count(least.n)}). ` +
    "All tests had to succeed at two-sided α = 0.05 (intersection–union), so that the verdict as a whole is false at most " +
    `5 % of the time without further correction.${closes(audit)}`
  ).replace(/\.$/, "");
}

function starved(dummies: readonly Comparison[], gap: NonNullable<AuditResult["gap"]>): string {
  const least = by(dummies, (row) => differenceP(row) ?? 1)!;
  return (
    `Oracle latents were more accurate than each of the ${dummies.length} replacements; the least certain gain, over ` +
    `${least.intervention}, is ${gain(least)} (${testName(least)}, ${pEquals(differenceP(least)!)}; n = ${count(least.n)}). ` +
    `Own latents closed ${gapWithin(gap.closed, gap.interval)} of the way from the best replacement that stays in ` +
    `distribution (${gap.dummy}) to the oracle; that they close at most ${share(gap.share)} is shown by a one-sided test ` +
    `of the paired contrast without assumptions on its distribution (Gaffke’s, α = 0.05, ${pEquals(gap.p)}; n = ` +
    `${count(gap.n)}). All tests had to succeed (intersection–union), so that the verdict as a whole is false at most 5 % ` +
    "of the time without further correction"
  );
}

function bypassed(rows: readonly Comparison[]): string {
  const least = by(rows, ({ equivalenceP }) => equivalenceP ?? 1)!;
  return (
    `Each replacement${rows.some(({ intervention }) => intervention === "oracle") ? ", and the oracle," : ""} was ` +
    `equivalent to own latents within a margin of ${points(least.margin).replace("+", "±")}: the least certain, ` +
    `${least.intervention}, differs by ${pointsWithin(least.difference!, least.interval)} (two one-sided exact tests at ` +
    `α = 0.05, ${pEquals(least.equivalenceP!)}; n = ${count(least.n)}). All tests had to succeed (intersection–union), so ` +
    "that the verdict as a whole is false at most 5 % of the time without further correction"
  );
}

/**
 * One paragraph of plain text. Percentages stand with 95 % intervals; single rows of the table carry Holm's correction,
 * and the verdict needs none, because all its tests must succeed at once.
 *
 * @example
 * const geometry = { own: {}, oracle: {}, ownOracle: {} };
 * const own = { accuracy: 0.5, interval: [0.4, 0.6], answered: 1, latentRate: 1, n: 100 };
 * paragraph({ split: "eval", n: 100, chance: 0.25, interventions: { own }, comparisons: [], geometry, verdict: "inconclusive" });
 */
export function paragraph(audit: AuditResult): string {
  const { n, split, chance, interventions, comparisons, verdict } = audit;
  const rows = comparisons.filter(({ reference, difference }) => reference === "own" && difference !== null);
  // Those that break the answer take no part in the verdict.
  const basis = contentDummies.filter((name) => audit.broken?.[name] === undefined);
  const over = (reference: string): Comparison[] =>
    basis.flatMap((name) =>
      comparisons.filter(
        (row) => row.reference === reference && row.intervention === name && row.difference !== null,
      ),
    );
  const dummies = over("own");
  const oracle = rows.find(({ intervention }) => intervention === "oracle");
  const { own } = interventions;
  const replaced =
    dummies.length === 0
      ? rows.length === 0
        ? "No content of the latent block was replaced."
        : "No content-free control was run for the verdict."
      : `The vectors of the latent block were replaced by ${list(contentDummies.filter((name) => interventions[name]).map(content))}, ` +
        "with the text before the block and the decoding after it held fixed.";
  const accuracies = [
    ["own latents", own],
    ["oracle latents", interventions.oracle],
  ] as const;
  const known = accuracies.flatMap(([name, row]) =>
    row && row.accuracy !== null
      ? [
          `${shareWithin(row.accuracy, row.interval)} with ${name}` +
            (row.answered === null ? "" : ` (${share(row.answered)} of the answers readable)`),
        ]
      : [],
  );
  const opened = own?.latentRate ?? null;
  const { optionsOnly } = audit;
  const alone =
    optionsOnly && optionsOnly.rate > chance + 1e-9
      ? `, a reader of the options alone gets ${share(optionsOnly.rate)}`
      : "";
  const facts =
    `On ${count(n)} examples of the split “${split}” (chance ${share(chance)}${alone}; latent block opened in ` +
    `${opened === null ? "an unknown share" : share(opened)}) the model answered ${list(known) || "nothing that could be scored"} ` +
    "correctly.";
  // Where some examples opened no block the verdict's tests are on the others: its own sentence has their figures.
  const whole = opened === 1 && dummies.length === basis.length;
  const claim = !whole
    ? (audit.verdictReason ?? "")
    : verdict === "load-bearing"
      ? loadBearing(dummies, audit)
      : verdict === "starved" && audit.gap
        ? starved(over("oracle"), audit.gap)
        : verdict === "bypassed"
          ? bypassed([...dummies, ...(oracle ? [oracle] : [])])
          : (audit.verdictReason ?? "");
  const caution =
    verdict === "inconclusive"
      ? " A difference that is not significant is no evidence that there is none."
      : "";
  const broken = whole && verdict !== "inconclusive" ? brokenText(audit) : "";
  const capital = claim.charAt(0).toUpperCase() + claim.slice(1);
  const baseline = audit.textBaseline ? ` ${textBaselineSentence(audit.textBaseline)}` : "";
  const readings = readingsSentence(audit.readings);
  return `${facts} ${replaced} ${capital}${capital ? "." : ""} ${broken}Verdict: ${verdictLabel(audit)}.${caution}${baseline}${readings && ` ${readings}`}`.trimEnd();
}
