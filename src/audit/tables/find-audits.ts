/** The audits in a directory: it is one itself, or the run of a study that holds some. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { LintelError } from "../../util/index.ts";
import { streamOutcomes } from "../record/outcomes-journal.ts";
import type { FoundExample } from "./outcome-rows.ts";
import { readQuestions } from "./questions-file.ts";

export interface FoundAudit {
  /** Path below `audits/` of the run; of a single audit, the name of its directory. */
  name: string;
  directory: string;
}

const JOURNAL = "outcomes.jsonl";

/**
 * The audits of a run in the order of their paths, or the one that the directory is itself.
 *
 * Errors: "input" where it is neither.
 *
 * @example
 * await findAudits("no-such-directory").catch((error) => error.code); // "input"
 */
export async function findAudits(directory: string): Promise<FoundAudit[]> {
  if (existsSync(join(directory, JOURNAL))) return [{ name: basename(resolve(directory)), directory }];
  const root = join(directory, "audits");
  const paths = existsSync(root) ? readdirSync(root, { recursive: true, encoding: "utf8" }) : [];
  const found = paths
    .filter((path) => basename(path) === JOURNAL)
    .map((path) => join(path, ".."))
    .sort()
    .map((path) => ({ name: path.replaceAll("\\", "/"), directory: join(root, path) }));
  if (found.length > 0) return found;
  throw new LintelError("input", {
    where: directory,
    expected: "the directory of an audit, or of a study with audits",
    got: existsSync(directory) ? `neither: no ${JOURNAL} there` : "no such directory",
    attempt: "the directory that --out of `lintel audit`, `lintel judge` or `lintel study` named",
  });
}

/** The examples of audits, one by one, each with its question where the audit recorded it. */
export async function* examplesOf(audits: readonly FoundAudit[]): AsyncGenerator<FoundExample> {
  for (const { name, directory } of audits) {
    const questions = await readQuestions(directory);
    for await (const outcomes of streamOutcomes(join(directory, JOURNAL))) {
      const question = questions.get(outcomes.example);
      yield { audit: name, outcomes, ...(question && { question }) };
    }
  }
}
