/** The journal of outcomes: each example of the audit at most once. */
import { existsSync } from "node:fs";
import { type Line, linesOf, textOf, unsealed } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import type { ExampleOutcomes } from "./outcomes.ts";

/**
 * Outcomes of a directory by example, as they were written there.
 *
 * Errors: "input" naming the line whose example is there twice, or is none of this audit's.
 *
 * @example
 * const record = { example: "1", answer: 0, options: ["a", "b"], outcomes: {} };
 * keptOutcomes([record], { path: "outcomes.jsonl", examples: ["1"] }).get("1"); // { example: "1", … }
 */
export function keptOutcomes(
  records: readonly ExampleOutcomes[],
  { path, examples }: { path: string; examples: Iterable<string> },
): Map<string, ExampleOutcomes> {
  const asked = new Set(examples);
  const kept = new Map<string, ExampleOutcomes>();
  for (const [i, record] of records.entries()) {
    const refuse = (got: string): LintelError =>
      new LintelError("input", {
        where: `${path}:${i + 1}`,
        expected: "the outcomes of one example as they were measured",
        got,
        attempt: "deleting this line: its example is answered again",
      });
    if (kept.has(record.example)) throw refuse(`example ${record.example} occurs twice`);
    if (!asked.has(record.example)) throw refuse(`example ${record.example}, which is none of this audit's`);
    kept.set(record.example, record);
  }
  return kept;
}

type Check = readonly [what: string, expected: string, holds: (value: unknown) => boolean];
const isNumber = (value: unknown): boolean => typeof value === "number";
const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const absentOr = (holds: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || holds(value);
const nullOr = (holds: (value: unknown) => boolean) => (value: unknown) => value === null || holds(value);

/** Of a line, and of each of its outcomes: what everything that reads a journal counts on. */
const ofLine: readonly Check[] = [
  ["example", "an id as text", isText],
  ["answer", "the place of the right option", Number.isInteger],
  [
    "options",
    "a list of options",
    (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  ],
  [
    "chance",
    "a number above 0 and at most 1",
    absentOr((value) => isNumber(value) && (value as number) > 0 && (value as number) <= 1),
  ],
  ["images", "a digest as text", absentOr(isText)],
  ["group", "a name as text", absentOr(isText)],
  ["outcomes", "outcomes by intervention", isObject],
];
const ofOutcome: readonly Check[] = [
  ["choice", "the place of an option, or null", nullOr(Number.isInteger)],
  ["lenient", "the place of an option, or null", absentOr(nullOr(Number.isInteger))],
  ["target", "the place of an option", absentOr(Number.isInteger)],
  ["text", "text", absentOr(isText)],
  ["blocks", "a number of blocks", absentOr(isNumber)],
  [
    "optionLogProbabilities",
    "numbers, one for each option, or null",
    absentOr(nullOr((value) => Array.isArray(value) && value.every(nullOr(isNumber)))),
  ],
  [
    "dose",
    "distances by name",
    absentOr(
      (value) =>
        isObject(value) &&
        ["norm", "distance", "cosine", "mahalanobis"].every((key) => nullOr(isNumber)(value[key])),
    ),
  ],
];

/** Throws "input" naming the field that is not as it should be. */
function checkedOutcomes(record: Record<string, unknown>, where: string): ExampleOutcomes {
  const check = (value: unknown, checks: readonly Check[], of: string): void => {
    const fields = isObject(value) ? value : {};
    const wrong = checks.find(([what, , holds]) => !holds(fields[what]));
    if (!wrong) return;
    const [what, expected] = wrong;
    throw new LintelError("input", {
      where: `${where}, ${what}${of}`,
      expected,
      got: JSON.stringify(fields[what])?.slice(0, 60) ?? "nothing",
      attempt: "the journal as an audit wrote it",
    });
  };
  check(record, ofLine, "");
  for (const [name, outcome] of Object.entries(record.outcomes as object))
    check(outcome, ofOutcome, ` of ${JSON.stringify(name)}`);
  return record as unknown as ExampleOutcomes;
}

/**
 * The outcomes that an audit left behind, one by one: a journal larger than memory is read as well. None where there is no
 * file; a last line that is cut off, the trace of a crash, is left out.
 *
 * Errors: "input" naming a line that is not JSON, was changed after it was written, or is not of this form.
 *
 * @example
 * for await (const each of streamOutcomes("no-such-file.jsonl")) each.example; // nothing
 */
export async function* streamOutcomes(path: string): AsyncGenerator<ExampleOutcomes> {
  if (!existsSync(path)) return;
  const parsed = ({ text, number }: Line): ExampleOutcomes => {
    const where = `${path}:${number}`;
    return checkedOutcomes(unsealed(JSON.parse(text), where) as Record<string, unknown>, where);
  };
  let failed: { line: Line; cause: SyntaxError } | null = null;
  for await (const line of linesOf(textOf(path))) {
    if (failed)
      throw new LintelError("input", {
        where: `${path}:${failed.line.number}`,
        expected: "one JSON record per line",
        got: failed.cause.message,
        attempt: "restoring the file, or deleting this line if the record can be spared",
        cause: failed.cause,
      });
    try {
      yield parsed(line);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      failed = { line, cause };
    }
  }
}

/**
 * All outcomes that an audit left behind, for reports and findings; none where there is no file.
 *
 * Errors: as `streamOutcomes`.
 *
 * @example
 * await readOutcomes("no-such-file.jsonl"); // []
 */
export async function readOutcomes(path: string): Promise<ExampleOutcomes[]> {
  const all: ExampleOutcomes[] = [];
  for await (const each of streamOutcomes(path)) all.push(each);
  return all;
}
