/** The journal of outcomes. Each line has a digest, so that edited lines are detected. */
import { createHash } from "node:crypto";
import { readJournal } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import type { ExampleOutcomes } from "./outcomes.ts";

/** A line of `outcomes.jsonl`: an example's outcomes and, last, a digest of all that stands before it. */
export type SealedOutcomes = ExampleOutcomes & { check?: string };

const digest = (record: ExampleOutcomes): string =>
  createHash("sha256").update(JSON.stringify(record)).digest("hex").slice(0, 16);

/**
 * Outcomes with their digest.
 *
 * @example
 * sealed({ example: "1", answer: 0, options: ["a", "b"], outcomes: {} }).check?.length; // 16
 */
export const sealed = (record: ExampleOutcomes): SealedOutcomes => ({ ...record, check: digest(record) });

/**
 * Outcomes of a directory by example, as they were written there.
 *
 * Errors: "input" naming the line that was changed, that is there twice, or that is of no example of this audit.
 *
 * @example
 * const record = { example: "1", answer: 0, options: ["a", "b"], outcomes: {} };
 * keptOutcomes([sealed(record)], { path: "outcomes.jsonl", examples: ["1"] }).get("1"); // { example: "1", … }
 */
export function keptOutcomes(
  records: readonly SealedOutcomes[],
  { path, examples }: { path: string; examples: Iterable<string> },
): Map<string, ExampleOutcomes> {
  const asked = new Set(examples);
  const kept = new Map<string, ExampleOutcomes>();
  for (const [i, line] of records.entries()) {
    const refuse = (got: string): LintelError =>
      new LintelError("input", {
        where: `${path}:${i + 1}`,
        expected: "the outcomes of one example as they were measured",
        got,
        attempt: "deleting this line: its example is answered again",
      });
    if (typeof line !== "object" || line === null) throw refuse(JSON.stringify(line));
    const { check, ...record } = line;
    if (check === undefined) throw refuse("outcomes without the check that is written behind them");
    if (check !== digest(record)) throw refuse("outcomes that were changed afterwards");
    if (kept.has(record.example)) throw refuse(`example ${record.example} occurs twice`);
    if (!asked.has(record.example)) throw refuse(`example ${record.example}, which is none of this audit's`);
    kept.set(record.example, record);
  }
  return kept;
}

/**
 * The outcomes that an audit left behind, for reports and findings; none where there is no file.
 *
 * Errors: "input" naming a line that was changed after it was written.
 *
 * @example
 * await readOutcomes("no-such-file.jsonl"); // []
 */
export async function readOutcomes(path: string): Promise<ExampleOutcomes[]> {
  const records = await readJournal<SealedOutcomes>(path);
  return records.map(({ check, ...record }, i) => {
    if (check === undefined || check === digest(record)) return record;
    throw new LintelError("input", {
      where: `${path}:${i + 1}`,
      expected: "the outcomes of one example as they were measured",
      id: "E_CHANGED_FILE",
      got: "outcomes that were changed afterwards",
      attempt: "deleting this line and running the audit again",
    });
  });
}
