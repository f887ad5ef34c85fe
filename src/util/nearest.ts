import { LintelError } from "./errors.ts";

/** Levenshtein distance: the fewest insertions, deletions and replacements that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * The candidates that a mistyped name may have meant: by Levenshtein distance without regard to case,
 * nearest first, ties in the given order; at most `count`. A candidate that shares nothing with the name
 * (distance as large as the longer of both) is left out.
 *
 * @example
 * nearest("tetirs", ["crop", "tetris", "crop-masked"]); // ["tetris", …]
 */
export function nearest(name: string, candidates: readonly string[], count = 3): string[] {
  const wanted = name.toLowerCase();
  return candidates
    .map((candidate) => ({ candidate, d: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, d }) => d < Math.max(name.length, candidate.length))
    .sort((x, y) => x.d - y.d)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/**
 * The error for an unknown `kind` of thing called `name`: code "usage", with the nearest of `candidates`
 * to try, or all of them where none is near.
 *
 * @example
 * unknownName("task", "tetirs", ["tetris", "crop"]).message; // 'task: expected one of tetris, crop, got "tetirs"; try "tetris"'
 */
export function unknownName(kind: string, name: string, candidates: readonly string[]): LintelError {
  const near = nearest(name, candidates);
  return new LintelError("usage", {
    where: kind,
    expected: `one of ${candidates.join(", ")}`,
    got: JSON.stringify(name),
    attempt: (near.length ? near : candidates).map((each) => JSON.stringify(each)).join(" or "),
  });
}
