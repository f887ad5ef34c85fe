/** Rows of another program as outcomes of examples, checked as a whole. */
import { carefulChoice, readerNamed } from "../../families/index.ts";
import { interventionOf } from "../../reasoning/index.ts";
import { LintelError } from "../../util/index.ts";
import { assumedOptions } from "../record/answer-words.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import type { Question } from "../tables/questions-file.ts";
import type { LocatedRow, Row } from "./row.ts";

export interface CollectOptions {
  /** Reads the option from replies of rows without `choice`; "vlmevalkit" if left out. */
  reader?: string | undefined;
  /** Names of interventions that Lintel does not know. */
  custom?: readonly string[] | undefined;
  /** Accuracy of guessing, of rows without options. */
  chance?: number | undefined;
  /** Examples may lack an intervention; they are counted as ones that it does not apply to. */
  allowMissing?: boolean | undefined;
}

export interface Collected {
  outcomes: ExampleOutcomes[];
  questions: Question[];
  /** Names in the order of the file, with the reason why some do not apply to every example. */
  interventions: { name: string; lacking?: string }[];
  /** Reader of replies, where some were read. */
  reader?: string;
  /** Rows say only whether replies are right: options and their order are made up. */
  assumed?: true;
}

const fail = (where: string, expected: string, got: string, attempt?: string): LintelError =>
  new LintelError("input", { where, expected, got, attempt });

/** The kind of a row: what it says of its reply. */
const kindOf = ({ correct, choice, text }: Row): "correct" | "choice" | "text" | null =>
  correct !== undefined ? "correct" : choice !== undefined ? "choice" : text !== undefined ? "text" : null;

/** Fields of an example, which all its rows must agree on. */
const shared = [
  "options",
  "answer",
  "chance",
  "group",
  "images",
  "question",
  "attributes",
  "oracle",
] as const;

/** Rows of one example. */
interface Gathered {
  id: string;
  rows: Map<string, LocatedRow>;
  fields: Partial<Row>;
  where: string;
}

/**
 * Refuses names of interventions that every object has: outcomes are kept by name, and such a one would be lost.
 *
 * @example
 * checkKey("zeros", "rows.jsonl:1"); // undefined
 */
export function checkKey(name: string, where: string): void {
  if (name in {})
    throw fail(
      where,
      "a name that is no property of every JavaScript object",
      JSON.stringify(name),
      "--rename, or another name in the file",
    );
}

function checkName(name: string, where: string, custom: readonly string[]): void {
  checkKey(name, where);
  if (custom.includes(name)) return;
  try {
    interventionOf(name);
  } catch (cause) {
    if (!(cause instanceof LintelError)) throw cause;
    throw fail(
      where,
      "an intervention of `lintel interventions`",
      JSON.stringify(name),
      `${cause.parts.attempt ? `${cause.parts.attempt}, ` : ""}--rename ${name}=NAME, or --custom ${name} for one of yours`,
    );
  }
}

/** Rows by example, in the order of the file. */
function gather(rows: Iterable<LocatedRow>, custom: readonly string[]): Map<string, Gathered> {
  const examples = new Map<string, Gathered>();
  let first: { type: string; where: string } | undefined;
  const known = new Set<string>();
  for (const located of rows) {
    const { row, where } = located;
    const type = typeof row.example;
    first ??= { type, where };
    if (type !== first.type)
      throw fail(
        where,
        `ids of one type, as the ${first.type} in ${first.where}`,
        `the ${type} ${JSON.stringify(row.example)}`,
      );
    if (!known.has(row.intervention)) checkName(row.intervention, where, custom);
    known.add(row.intervention);
    const id = String(row.example);
    const gathered = examples.get(id) ?? { id, rows: new Map<string, LocatedRow>(), fields: {}, where };
    examples.set(id, gathered);
    const before = gathered.rows.get(row.intervention);
    if (before)
      throw fail(
        where,
        "one row for each example and intervention",
        `a second one of example ${id} under ${row.intervention}; the first is in ${before.where}`,
      );
    gathered.rows.set(row.intervention, located);
    for (const key of shared) {
      if (row[key] === undefined) continue;
      const was = gathered.fields[key];
      if (was === undefined) Object.assign(gathered.fields, { [key]: row[key] });
      else if (JSON.stringify(was) !== JSON.stringify(row[key]))
        throw fail(
          where,
          `${key} of example ${id} equal in all its rows`,
          `${JSON.stringify(row[key])?.slice(0, 80)}, before ${JSON.stringify(was)?.slice(0, 80)}`,
        );
    }
  }
  return examples;
}

/** Position of an option that is given by position or text. */
function place(given: number | string, options: readonly string[], what: string, where: string): number {
  const index = typeof given === "number" ? given : options.indexOf(given);
  if (options[index] === undefined)
    throw fail(
      where,
      `${what} among the options (${options.join(", ")}; positions count from 0)`,
      JSON.stringify(given),
    );
  return index;
}

/** Options that rows without any stand for: right answers go round, so that no position is the right one more often. */
function assumed(chance: number, nth: number): { options: string[]; answer: number; wrong: number } {
  const n = Math.max(2, Math.round(1 / chance));
  const answer = nth % n;
  return { options: assumedOptions(n), answer, wrong: (answer + 1) % n };
}

/**
 * Collects rows.
 *
 * Errors: "input" naming file and line for a second row of an example and intervention, unknown interventions, ids of two
 * types, rows that disagree on their example, options that do not exist, rows that say nothing of the reply, and examples
 * that lack an intervention; naming the file where there is no row of `own`.
 *
 * @example
 * const row = { example: "1", intervention: "own", options: ["a", "b"], answer: "b", choice: 1 };
 * collect([{ row, where: "rows.jsonl:1" }], "rows.jsonl", {}).outcomes[0].answer; // 1
 */
export function collect(
  rows: Iterable<LocatedRow>,
  file: string,
  { reader: readerName = "vlmevalkit", custom = [], chance, allowMissing = false }: CollectOptions,
): Collected {
  const examples = [...gather(rows, custom).values()];
  if (examples.length === 0) throw fail(file, "rows of outcomes", "none");
  const names = [...new Set(examples.flatMap((each) => [...each.rows.keys()]))];
  if (!names.includes("own"))
    throw fail(
      file,
      "rows of the intervention own, the reference, which the others are compared with",
      `rows of ${names.join(", ")}`,
      `--rename ${names[0]}=own if ${names[0]} is that`,
    );
  const readAnswer = readerNamed(readerName);
  const lacking = new Map<string, string>();
  let kind: { is: string; where: string } | undefined;
  let [read, madeUp] = [false, false];
  const outcomes = examples.map(({ id, rows: byName, fields, where }, nth): ExampleOutcomes => {
    const missing = names.filter((name) => !byName.has(name));
    if (missing.length > 0 && !allowMissing)
      throw fail(
        where,
        `rows of example ${id} under every intervention of the file`,
        `none under ${missing.join(", ")}`,
        'a row with "notApplied": "reason", or --allow-missing',
      );
    for (const name of missing) lacking.set(name, lacking.get(name) ?? "a row in the file");
    const { options, answer, chance: stated = chance } = fields;
    const right =
      options && answer !== undefined
        ? { options, answer: place(answer, options, "the right answer", where), wrong: 0 }
        : null;
    const results: Record<string, Outcome> = {};
    let used = right;
    for (const [name, { row, where: at }] of byName) {
      if (row.notApplied !== undefined) {
        lacking.set(name, row.notApplied);
        continue;
      }
      const is = kindOf(row);
      if (is === null)
        throw fail(at, "whether the reply is right: `correct`, `choice` or `text`", `none of them`);
      kind ??= { is, where: at };
      if ((kind.is === "correct") !== (is === "correct"))
        throw fail(
          at,
          `\`${kind.is}\`, as in ${kind.where}: all rows say in one way what the reply is`,
          `\`${is}\``,
        );
      if (is === "correct" && !right) {
        if (stated === undefined)
          throw fail(
            at,
            "`options` and `answer`, or the accuracy of guessing",
            "only `correct`",
            "--chance 0.25, or `chance` in the rows",
          );
        used = assumed(stated, nth);
        madeUp = true;
      }
      if (!used)
        throw fail(
          at,
          `\`options\` and \`answer\` of example ${id}`,
          `\`${is}\` without them`,
          "both in one of its rows, or `correct` in every row",
        );
      const choice = (): number | null => {
        if (is === "correct") return row.correct ? used!.answer : (used!.answer + 1) % used!.options.length;
        if (is === "choice")
          return row.choice === null ? null : place(row.choice!, used!.options, "a choice", at);
        read = true;
        return readAnswer(row.text!, used!.options);
      };
      const lenient =
        row.lenient === undefined || row.lenient === null
          ? row.lenient
          : place(row.lenient, used.options, "a lenient choice", at);
      const { blocks = 1, optionLogProbabilities: logs = null } = row;
      if (logs && logs.length !== used.options.length)
        throw fail(at, `${used.options.length} log-probabilities, one for each option`, String(logs.length));
      results[name] = {
        text: row.text ?? "",
        choice: choice(),
        optionLogProbabilities: logs,
        ...(lenient !== undefined
          ? { lenient }
          : is === "text" && { lenient: carefulChoice(row.text!, used.options) }),
        blocks,
        steps: row.steps ?? blocks,
        ...(row.lengths && { lengths: row.lengths }),
        endings: (row.endings ?? []) as Outcome["endings"],
        ...(row.target !== undefined && { target: place(row.target, used.options, "the target", at) }),
        ...(row.same && { same: row.same }),
        ...(row.finish && { finish: row.finish }),
        ...(row.dose && { dose: row.dose as unknown as Outcome["dose"] }),
      } as Outcome;
    }
    const { oracle, group, images } = fields;
    return {
      example: id,
      answer: used?.answer ?? 0,
      options: used?.options ?? ["", ""],
      ...(stated !== undefined && { chance: stated }),
      ...(group !== undefined && { group: String(group) }),
      ...(images !== undefined && { images: String(images) }),
      ...(oracle !== undefined && { oracle: oracle as ExampleOutcomes["oracle"] }),
      outcomes: results,
    } as ExampleOutcomes;
  });
  const questions = examples.flatMap(({ id, fields: { question, options, attributes } }, i): Question[] =>
    question === undefined && attributes === undefined
      ? []
      : [
          {
            example: id,
            ...(question !== undefined && { question }),
            ...(options && { options, answer: outcomes[i]!.answer }),
            ...(attributes && { attributes }),
          },
        ],
  );
  return {
    outcomes,
    questions,
    interventions: names.map((name) => ({ name, ...(lacking.has(name) && { lacking: lacking.get(name)! }) })),
    ...(read && { reader: readerName }),
    ...(madeUp && { assumed: true as const }),
  };
}
