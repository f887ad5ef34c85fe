/** The output directory of an audit: journal of outcomes, result, tables, exports. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openJournal, requireUnchanged, sealPart } from "../../formats/index.ts";
import { ensure, unknownName } from "../../util/index.ts";
import { writeReadable } from "../readable/index.ts";
import { type ExportName, exportNames } from "./lm-eval-samples.ts";
import { type ExampleOutcomes, lightOutcomes } from "./outcomes.ts";
import { keptOutcomes } from "./outcomes-journal.ts";
import type { AuditResult } from "./schema.ts";

export interface OutputRequest {
  /** Directory of journal, latents and result; without it, nothing is written. */
  directory?: string;
  /** Further formats of the outcomes, next to `audit.json`. */
  exports?: readonly ExportName[];
  /** Path of the directory relative to its run, recorded in the result. */
  pathInRun?: string;
  /** Label of progress messages; default: "audit" and the split. */
  label?: string;
  /** Remove the lock of a process that may no longer run. */
  breakLock?: boolean;
}

/** Throws "usage" for unknown export formats, and for exports without an output directory. */
export function checkOutput({ exports = [], directory }: OutputRequest): void {
  for (const name of exports) {
    if (!exportNames.includes(name))
      throw unknownName("export format", name, exportNames, { where: "--export" });
  }
  ensure(exports.length === 0 || directory !== undefined, "usage", () => ({
    where: "--export",
    expected: "a directory to write to",
    got: "none",
    attempt: "--out DIR",
  }));
}

/** Outcomes of an audit; finished ones of an interrupted audit are read from the journal. */
export interface OutcomesJournal {
  known: ReadonlyMap<string, ExampleOutcomes>;
  append(record: ExampleOutcomes): Promise<void>;
  close(): Promise<void>;
}

/** Opens `outcomes.jsonl` of a directory; without a directory nothing is kept. */
export async function openOutcomes(
  directory: string | undefined,
  examples: readonly string[],
): Promise<OutcomesJournal> {
  if (directory === undefined)
    return { known: new Map(), append: () => Promise.resolve(), close: () => Promise.resolve() };
  const path = join(directory, "outcomes.jsonl");
  const keep = lightOutcomes();
  const journal = await openJournal<ExampleOutcomes>(path, { flush: "batch", checksRequired: true, keep });
  try {
    return {
      known: keptOutcomes(journal.records, { path, examples }),
      append: (record) => journal.append(record),
      close: () => journal.close(),
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/**
 * Refuses the directory of a finished audit in which a file was changed afterwards.
 *
 * Errors: "input" (`E_CHANGED_FILE`) naming the files.
 */
export async function checkFinishedAudit(directory: string): Promise<void> {
  if (existsSync(join(directory, RESULT)))
    await requireUnchanged(
      directory,
      `restoring them, or deleting ${RESULT}, which is made again from outcomes.jsonl`,
    );
}

const RESULT = "audit.json";

/** Writes tables, text, the manifest of all files and, last, `audit.json`. */
export async function writeResult(directory: string, result: AuditResult): Promise<void> {
  await writeReadable(directory, result);
  await sealPart(directory, { name: RESULT, document: result });
}
