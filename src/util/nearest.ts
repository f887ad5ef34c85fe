/** Suggestions for mistyped names. */
import { type ErrorCode, LintelError } from "./errors.ts";

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
 * The candidate with the smallest edit distance to `name`, ignoring case; the first among equals. Candidates whose
 * distance is `limit` times the longer of both names, or more, do not count.
 *
 * @example
 * nearest("tetirs", ["crop", "tetris", "crop-masked"]); // "tetris"
 */
export function nearest(name: string, candidates: readonly string[], limit = 1): string | undefined {
  let best: { candidate: string; d: number } | undefined;
  for (const candidate of candidates) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < limit * Math.max(name.length, candidate.length) && d < (best?.d ?? Infinity))
      best = { candidate, d };
  }
  return best?.candidate;
}

/** A suggestion differs from the name in less than this share of its letters. */
const SIMILAR = 0.5;
/** More names than this are not listed in a message. */
const LISTED = 12;

interface UnknownNameOptions {
  /** The file or the task that contains the name. */
  where?: string | undefined;
  /** Shown in parentheses, such as the page that lists the names. */
  note?: string;
  /** false: all candidates are listed instead, for names so short that similar ones mean other things. */
  suggest?: boolean;
  code?: ErrorCode;
  cause?: unknown;
}

/**
 * The error for an unknown `kind` of thing called `name`. It suggests the most similar candidate, or lists them all
 * where none is similar and they are few.
 *
 * @example
 * unknownName("task", "tetirs", ["tetris", "crop"]).message; // 'Unknown task "tetirs". Did you mean "tetris"?'
 */
export function unknownName(
  kind: string,
  name: string,
  candidates: readonly string[],
  { where, note, suggest = true, code = "usage", cause }: UnknownNameOptions = {},
): LintelError {
  const near = suggest ? nearest(name, candidates, SIMILAR) : undefined;
  const got = JSON.stringify(name);
  const choices = candidates.join(", ");
  const advice = near
    ? ` Did you mean ${JSON.stringify(near)}?`
    : candidates.length <= LISTED || !note
      ? ` Choose one of: ${choices}.`
      : "";
  return new LintelError(code, {
    id: "E_UNKNOWN_NAME",
    where: where ? `${where}, ${kind}` : kind,
    expected: `one of ${choices}`,
    got,
    attempt: near && JSON.stringify(near),
    message: `${where ? `${where}: unknown` : "Unknown"} ${kind} ${got}.${advice}${note ? ` (${note})` : ""}`,
    cause,
  });
}
