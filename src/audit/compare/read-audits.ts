/** Reads two audits to compare, and says what they do not have in common. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { differences, type Inputs, readJson } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { readOutcomes } from "../record/outcomes-journal.ts";
import { readAuditResult } from "../record/read-result.ts";
import { readQuestions } from "../tables/questions-file.ts";
import { type ComparedAudit, compareAudits } from "./compare-audits.ts";
import type { AuditComparison } from "./schema.ts";

/**
 * Names that tell two directories apart: the parts of their paths that differ.
 *
 * @example
 * namesApart("runs/x/audits/tetris/joint/0/eval", "runs/x/audits/tetris/precise/0/eval"); // ["joint", "precise"]
 */
export function namesApart(a: string, b: string): [string, string] {
  const [one, other] = [a, b].map((path) => resolve(path).split(/[\\/]/)) as [string[], string[]];
  while (one.length > 1 && other.length > 1 && one[0] === other[0]) {
    one.shift();
    other.shift();
  }
  while (one.length > 1 && other.length > 1 && one.at(-1) === other.at(-1)) {
    one.pop();
    other.pop();
  }
  const names = [one.join("/"), other.join("/")] as const;
  return names[0] === names[1] ? ["A", "B"] : [...names];
}

/**
 * What the requests of two audits differ in besides model and seed; nothing where one has no record.
 *
 * @example
 * await requestNotes("no-audit", "no-audit-either"); // []
 */
export async function requestNotes(a: string, b: string): Promise<string[]> {
  const read = async (directory: string) =>
    (await readJson(join(directory, "asked.json"), {
      expected: "the request of an audit",
      attempt: "removing this file: the comparison does without it",
    })) as { inputs?: Inputs; reader?: string } | null;
  const [one, other] = [await read(a), await read(b)];
  if (!one?.inputs || !other?.inputs) return [];
  const part = (inputs: Inputs, name: string): Inputs => ({ [name]: inputs[name] ?? {} }) as Inputs;
  const data = differences(part(one.inputs, "data"), part(other.inputs, "data"));
  return [
    ...data.map((each) => `the data differ: ${each}`),
    ...(one.reader !== other.reader
      ? [
          `answers were read by ${one.reader ?? "an older reader"} and by ${other.reader ?? "an older reader"}`,
        ]
      : []),
  ];
}

/**
 * Compares the audits in two directories (`compareAudits`).
 *
 * @experimental
 * @param names - What they are called; default: the parts of their paths that differ.
 *
 * Errors: "input" where one is no finished audit, is broken, or the two have nothing in common.
 *
 * @example
 * await compareAuditDirectories("no-audit", "no-audit-either").catch((error) => error.code); // "input"
 */
export async function compareAuditDirectories(
  a: string,
  b: string,
  { names = namesApart(a, b), margin }: { names?: readonly [string, string]; margin?: number } = {},
): Promise<AuditComparison> {
  const read = async (directory: string, name: string): Promise<ComparedAudit> => {
    if (!existsSync(join(directory, "audit.json")) && existsSync(join(directory, "results.json")))
      throw new LintelError("input", {
        where: directory,
        expected: "the directory of one audit",
        got: "that of a study",
        attempt: `one below ${join(directory, "audits")}, as \`lintel outcomes ${directory}\` names them`,
      });
    const result = await readAuditResult(directory);
    return { name, directory, result, outcomes: await readOutcomes(join(directory, "outcomes.jsonl")) };
  };
  const [one, other] = [await read(a, names[0]), await read(b, names[1])];
  const questions = new Map([...(await readQuestions(b)), ...(await readQuestions(a))]);
  const notes = await requestNotes(a, b);
  return compareAudits(one, other, { questions, notes, ...(margin !== undefined && { margin }) });
}
