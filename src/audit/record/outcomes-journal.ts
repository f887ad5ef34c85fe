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

/**
 * The outcomes that an audit left behind, one by one: a journal larger than memory is read as well. None where there is no
 * file; a last line that is cut off, the trace of a crash, is left out.
 *
 * Errors: "input" naming a line that is not JSON, or was changed after it was written.
 *
 * @example
 * for await (const each of streamOutcomes("no-such-file.jsonl")) each.example; // nothing
 */
export async function* streamOutcomes(path: string): AsyncGenerator<ExampleOutcomes> {
  if (!existsSync(path)) return;
  const parsed = ({ text, number }: Line): ExampleOutcomes =>
    unsealed(JSON.parse(text), `${path}:${number}`) as ExampleOutcomes;
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
