/** `examples.jsonl` of an audit: the questions behind its outcomes, so that they are read without the dataset. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { linesOf, textOf, writeFileAtomic } from "../../formats/index.ts";
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

const NAME = "examples.jsonl";

/**
 * The question of an example.
 *
 * @example
 * questionOf({ id: "7", question: "Which?", options: ["A"], answer: 0, attributes: {}, images: [], helpers: [] }).example; // "7"
 */
export const questionOf = ({
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

/** Writes the file into the directory of an audit. */
export const writeQuestions = (directory: string, questions: readonly Question[]): Promise<void> =>
  writeFileAtomic(join(directory, NAME), questions.map((each) => `${JSON.stringify(each)}\n`).join(""));

/**
 * The questions of an audit by example; none where the audit is of a version that wrote no such file.
 *
 * Errors: "input" naming a line that is not JSON.
 *
 * @example
 * (await readQuestions("no-such-directory")).size; // 0
 */
export async function readQuestions(directory: string): Promise<Map<string, Question>> {
  const path = join(directory, NAME);
  const questions = new Map<string, Question>();
  if (!existsSync(path)) return questions;
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
    questions.set(question.example, question);
  }
  return questions;
}
