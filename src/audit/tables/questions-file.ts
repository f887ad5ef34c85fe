/** `examples.jsonl` of an audit: the questions behind its outcomes, so that they are read without the dataset. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { linesOf, textOf, writeLinesAtomic } from "../../formats/index.ts";
import type { Attribute, Example } from "../../tasks/index.ts";
import { LintelError } from "../../util/index.ts";

/** What stands of an example beside its outcomes; images are in the dataset. */
export interface Question {
  example: string;
  question?: string;
  options?: string[];
  /** What the options say, where they are letters. */
  optionTexts?: string[];
  answer?: number;
  attributes?: Record<string, Attribute>;
  /** Numbers of input and helper images. */
  images?: number;
  helpers?: number;
}

/** Its name; audits of a version that wrote no such file have none. */
export const QUESTIONS_FILE = "examples.jsonl";

/** The question of an example. */
const questionOf = ({
  id,
  question,
  options,
  optionTexts,
  answer,
  attributes,
  images,
  helpers,
}: Pick<
  Example,
  "id" | "question" | "options" | "optionTexts" | "answer" | "attributes" | "images" | "helpers"
>): Question => ({
  example: id,
  question,
  options,
  ...(optionTexts && { optionTexts }),
  answer,
  attributes,
  images: images.length,
  helpers: helpers.length,
});

/**
 * The questions of examples, one by one.
 *
 * @example
 * [...questionsOf([{ id: "7", question: "Which?", options: ["A"], answer: 0, attributes: {}, images: [], helpers: [] }])][0].example; // "7"
 */
export function* questionsOf(examples: Iterable<Parameters<typeof questionOf>[0]>): Generator<Question> {
  for (const example of examples) yield questionOf(example);
}

/** Writes the file into the directory of an audit. */
export async function writeQuestions(
  directory: string,
  questions: Iterable<Question> | AsyncIterable<Question>,
): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    for await (const each of questions) yield JSON.stringify(each);
  }
  await writeLinesAtomic(join(directory, QUESTIONS_FILE), lines());
}

/**
 * The questions of an audit one by one; none where there are none.
 *
 * Errors: "input" naming a line that is not JSON.
 *
 * @example
 * for await (const each of streamQuestions("no-such-directory")) each.example; // nothing
 */
export async function* streamQuestions(directory: string): AsyncGenerator<Question> {
  const path = join(directory, QUESTIONS_FILE);
  if (!existsSync(path)) return;
  for await (const { number, text } of linesOf(textOf(path))) {
    let question: Question;
    try {
      question = JSON.parse(text) as Question;
    } catch (cause) {
      throw new LintelError("input", {
        where: `${path}:${number}`,
        expected: "one JSON record per line",
        got: (cause as Error).message,
        attempt: "the same audit again: it writes this file anew",
        cause,
      });
    }
    yield question;
  }
}

/**
 * The questions of an audit by example.
 *
 * Errors: as `streamQuestions`.
 *
 * @example
 * (await readQuestions("no-such-directory")).size; // 0
 */
export async function readQuestions(directory: string): Promise<Map<string, Question>> {
  const questions = new Map<string, Question>();
  for await (const each of streamQuestions(directory)) questions.set(each.example, each);
  return questions;
}
