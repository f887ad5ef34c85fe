/** The output directory of an audit: journal of outcomes, result, tables, exports. */
import { join } from "node:path";
import { openJournal, writeJson } from "../../formats/index.ts";
import { ensure, unknownName } from "../../util/index.ts";
import { writeReadable } from "../readable/index.ts";
import { type ExportName, exportNames } from "./lm-eval-samples.ts";
import type { ExampleOutcomes } from "./outcomes.ts";
import { keptOutcomes, type SealedOutcomes, sealed } from "./outcomes-journal.ts";
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
  const journal = await openJournal<SealedOutcomes>(path, { flush: "batch" });
  try {
    return {
      known: keptOutcomes(journal.records, { path, examples }),
      append: (record) => journal.append(sealed(record)),
      close: () => journal.close(),
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** Writes tables, text and, last, `audit.json`. */
export async function writeResult(directory: string, result: AuditResult): Promise<void> {
  await writeReadable(directory, result);
  await writeJson(join(directory, "audit.json"), result);
}
