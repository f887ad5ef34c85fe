/** Two audits on the examples that both have, with the paired comparison of every intervention. */

import {
  type Comparison,
  compare,
  differenceP,
  isRight,
  isSameQuestion,
  namesApart,
  outcomesOfBoth,
  ownConclusion,
  type Question,
} from "../audit/index.ts";
import { inOrder } from "../report/index.ts";
import { holm } from "../statistics/index.ts";
import { base64 } from "./base64.ts";
import { type JournalIndex, outcomesAt } from "./journal-index.ts";
import type { CompareContent, RowsContent } from "./types.ts";

/** A and B on some examples. */
type Compared = { accuracy: [number, number]; comparison: Comparison };

/** Examples that are compared at most. */
const MOST = 20_000;

/** What two audits are called in a sentence: what their names differ in, unless that is a number. */
function namesOf(a: string, b: string): [string, string] {
  const short = namesApart(a, b);
  return short.some((name) => /^\d/.test(name)) ? [a, b] : short;
}

/**
 * Compares B with A: an intervention's accuracy under B minus that under A, on the same examples, as an audit compares two
 * interventions of its own. Examples count as the same by id and images. `attributes` are those of the rows of A: own latents
 * are compared value by value as well.
 */
export async function compareAudits(
  [pathA, indexA]: [string, JournalIndex],
  [pathB, indexB]: [string, JournalIndex],
  {
    margin,
    names: called,
    notes = [],
    questions,
  }: {
    margin: number;
    names: [string, string];
    /** What the two were asked for and differ in, as sentences. */
    notes?: readonly string[];
    /** Questions of A and B by example, as far as they are recorded. */
    questions?: readonly [ReadonlyMap<string, Question>, ReadonlyMap<string, Question>];
  },
  attributes: RowsContent["attributes"] = {},
): Promise<CompareContent> {
  const placesA = new Map(indexA.rows.ids.map((id, row) => [id, row]));
  const shared = indexB.rows.ids.flatMap((id, row) =>
    placesA.has(id) ? [{ a: placesA.get(id)!, b: row }] : [],
  );
  const used = shared.slice(0, MOST);
  const otherTexts = (id: string): boolean => {
    const [one, other] = (questions ?? []).map((of) => of.get(id)?.question);
    return one !== undefined && other !== undefined && one !== other;
  };
  const [allA, allB] = await Promise.all([
    outcomesAt(pathA, indexA, 0, indexA.rows.n),
    outcomesAt(pathB, indexB, 0, indexB.rows.n),
  ]);
  const same = used.filter(({ a, b }) => isSameQuestion(allA[a]!, allB[b]!) && !otherTexts(allA[a]!.example));
  const rows = same.map(({ a, b }) => ({ a: allA[a]!, b: allB[b]! }));
  const without = ({ rows: mine }: JournalIndex, { rows: theirs }: JournalIndex): string[] =>
    inOrder(mine.interventions.filter((name) => !theirs.interventions.includes(name)));
  const apart = used.length - same.length;
  const names = inOrder(indexA.rows.interventions.filter((name) => indexB.rows.interventions.includes(name)));
  const comparisons: CompareContent["comparisons"] = {};
  const accuracy: CompareContent["accuracy"] = {};
  const compared = (name: string, examples: typeof rows): Compared | null => {
    const pairs = outcomesOfBoth(examples, name);
    if (pairs.length === 0) return null;
    const found = compare(pairs, "b", "a", { margin, alpha: 0.05 });
    const share = (of: "a" | "b"): number =>
      pairs.filter(({ outcomes, answer }) => isRight(outcomes[of]!, answer)).length / pairs.length;
    // Each intervention answers a question of its own: there is nothing to correct for.
    const comparison = { ...found, holmP: differenceP(found), intervention: "B", reference: "A" };
    return { accuracy: [share("a"), share("b")], comparison };
  };
  for (const name of names) {
    const found = compared(name, rows);
    if (found) [accuracy[name], comparisons[name]] = [found.accuracy, found.comparison];
  }
  const slices = Object.entries(attributes).flatMap(([attribute, { values, codes }]) => {
    const of = Buffer.from(codes, "base64");
    const parts = values.flatMap((value, code): [string, Compared][] => {
      const found = compared(
        "own",
        rows.filter((_, i) => of[same[i]!.a] === code),
      );
      return found ? [[value, found]] : [];
    });
    const adjusted = holm(parts.map(([, { comparison }]) => differenceP(comparison)));
    const table = parts
      .map(([value, found], i): [string, Compared] => [
        value,
        { ...found, comparison: { ...found.comparison, holmP: adjusted[i]! } },
      ])
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
    // With hardly more examples than values, an attribute is a name.
    return parts.length > 1 && parts.length <= same.length / 2
      ? [[attribute, Object.fromEntries(table)] as const]
      : [];
  });
  const [n, m] = [indexA.rows.n, indexB.rows.n];
  const missing: string[] = [];
  const [nameA, nameB] = namesOf(...called);
  if (same.length < Math.max(n, m))
    missing.push(`Both audits have ${same.length} examples in common; one has ${n}, the other ${m}.`);
  if (apart > 0)
    missing.push(
      `${apart} examples have the same id in both, but another question, other images, options or another right answer: these are left out.`,
    );
  if (same.length > 0 && same.every(({ a, b }) => (allA[a]!.images ?? allB[b]!.images) === undefined))
    missing.push(
      "Neither audit records its images: examples are taken for the same by what else is known of them.",
    );
  missing.push(...notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`));
  if (shared.length > MOST) missing.push(`Only the first ${MOST} of them are compared here.`);
  const turned = rows.map(({ a, b }) => ({ a: b, b: a }));
  return {
    n: same.length,
    missing,
    conclusions: {
      ba: ownConclusion(rows, nameA, nameB, { margin }),
      ab: ownConclusion(turned, nameB, nameA, { margin }),
    },
    interventions: names,
    alone: [without(indexA, indexB), without(indexB, indexA)],
    comparisons,
    accuracy,
    slices: Object.fromEntries(slices),
    rowsA: base64(Int32Array.from(same, ({ a }) => a)),
    rowsB: base64(Int32Array.from(same, ({ b }) => b)),
  };
}
