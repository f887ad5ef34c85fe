/** The journal of an audit as outcomes to judge: read line by line, and copied so. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { linesOf, readJson, sealed, textOf, writeLinesAtomic } from "../../formats/index.ts";
import { interventionOf } from "../../reasoning/index.ts";
import { LintelError } from "../../util/index.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import { streamOutcomes } from "../record/outcomes-journal.ts";
import { outcomesInColumns, type SplitOutcomes } from "../record/split-outcomes.ts";
import { QUESTIONS_FILE, type Question, streamQuestions, writeQuestions } from "../tables/questions-file.ts";
import { type Collected, checkKey } from "./collect.ts";

/** Outcomes to judge: in memory, or in columns beside the file that they are copied from. */
export interface ToJudge extends Omit<Collected, "outcomes" | "questions"> {
  outcomes(split: string): readonly ExampleOutcomes[] | SplitOutcomes;
  ids: readonly string[];
  /** Outcomes of the examples of slices. */
  sliced: readonly ExampleOutcomes[];
  /** Mean over the examples of what guessing gets. */
  chance: number;
  /** What the options of an example say, where they are letters. */
  optionTexts(example: string): readonly string[] | undefined;
  /** Attributes of an example. */
  attributes(example: string): NonNullable<Question["attributes"]>;
  /** Writes journal and questions into a directory. */
  write(directory: string): Promise<void>;
}

/** Whether the first line of a file is of an audit's journal, which has all outcomes of an example in one line. */
export async function isJournal(path: string): Promise<boolean> {
  if (!/\.jsonl$/.test(path)) return false;
  try {
    for await (const { text } of linesOf(textOf(path))) return typeof JSON.parse(text)?.outcomes === "object";
  } catch {
    // Missing or broken: the reader of rows says what is wrong with it.
  }
  return false;
}

/** Writes records as a journal, one after the other. */
async function writeJournal(
  directory: string,
  records: Iterable<ExampleOutcomes> | AsyncIterable<ExampleOutcomes>,
): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    for await (const record of records) yield JSON.stringify(sealed(record));
  }
  await writeLinesAtomic(join(directory, "outcomes.jsonl"), lines());
}

/** Why an intervention may lack; of one that a file of the audit defines, which is not at hand, nothing is known. */
function lackingOf(name: string): { lacking?: string } {
  try {
    const { lacking } = interventionOf(name);
    return lacking === undefined ? {} : { lacking };
  } catch (cause) {
    if (!(cause instanceof LintelError)) throw cause;
    return {};
  }
}

/**
 * The outcomes of a journal.
 *
 * @param latents - Whether latents are measured: examples keep their ids and options then.
 * @param wanted - Ids of examples whose outcomes are kept as they are.
 *
 * Errors: "input" naming a line that is broken or was changed.
 */
export async function readJournal(
  path: string,
  { latents, wanted }: { latents: boolean; wanted: ReadonlySet<string> },
): Promise<ToJudge> {
  const sliced: ExampleOutcomes[] = [];
  let columns = outcomesInColumns({ whole: latents });
  for await (const record of streamOutcomes(path)) {
    if (wanted.has(record.example)) sliced.push(record);
    if (columns.add(record)) continue;
    sliced.length = 0;
    columns = outcomesInColumns({ whole: latents, unordered: true });
    break;
  }
  if (columns.ids.length === 0)
    for await (const record of streamOutcomes(path)) {
      if (wanted.has(record.example)) sliced.push(record);
      columns.add(record);
    }
  const { ids, names } = columns;
  for (const name of names) checkKey(name, path);
  const beside = dirname(path);
  const record = await readJson(join(beside, "asked.json"), {
    expected: "the request of an audit",
    attempt: "a copy of outcomes.jsonl alone",
  });
  const { reader } = (record ?? {}) as { reader?: string };
  const texts = new Map<string, readonly string[]>();
  if (latents)
    for await (const { example, optionTexts } of streamQuestions(beside))
      if (optionTexts) texts.set(example, optionTexts);
  return {
    outcomes: columns.split,
    ids,
    sliced,
    chance: columns.chance / ids.length,
    interventions: [...names].map((name) => ({ name, ...lackingOf(name) })),
    ...(reader !== undefined && { reader }),
    // Journals of judged rows that had no options.
    ...(columns.assumed && { assumed: true }),
    optionTexts: (example) => texts.get(example),
    attributes: () => ({}),
    async write(directory) {
      await writeJournal(directory, streamOutcomes(path));
      if (existsSync(join(beside, QUESTIONS_FILE))) await writeQuestions(directory, streamQuestions(beside));
    },
  };
}

/** Outcomes that were collected from rows, in memory. */
export function collectedToJudge(
  { outcomes, questions, ...rest }: Collected,
  wanted: ReadonlySet<string>,
): ToJudge {
  const byId = new Map(questions.map((each) => [each.example, each]));
  return {
    ...rest,
    outcomes: () => outcomes,
    ids: outcomes.map(({ example }) => example),
    sliced: outcomes.filter(({ example }) => wanted.has(example)),
    chance:
      outcomes.reduce((sum, { chance, options }) => sum + (chance ?? 1 / options.length), 0) /
      outcomes.length,
    optionTexts: (example) => byId.get(example)?.optionTexts,
    attributes: (example) => byId.get(example)?.attributes ?? {},
    async write(directory) {
      await writeJournal(directory, outcomes);
      if (questions.length > 0) await writeQuestions(directory, questions);
    },
  };
}
