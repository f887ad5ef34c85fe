/**
 * Prediction tables of VLMEvalKit (`MODEL_DATASET.xlsx` or `.tsv`): index, question, A, B, …, answer, prediction, and `hit`
 * where it was scored. One file is one intervention.
 */
import { parseRow } from "../row.ts";
import { interventionOfFile, type OutcomeFormat } from "./format.ts";

const LETTERS = [..."ABCDEFGHIJ"];
const filled = (value: unknown): boolean => value !== null && value !== undefined && value !== "";

export const vlmevalkit: OutcomeFormat = {
  title: "prediction tables of VLMEvalKit (tsv, xlsx), one file for each intervention",
  fits: (record) => "index" in record && "prediction" in record,
  rows(records, file, options) {
    const intervention = interventionOfFile(file, options);
    const scored = options.metric === undefined ? records.every(({ record }) => filled(record.hit)) : true;
    return records.map(({ record, where }) => {
      const letters = LETTERS.filter((letter) => filled(record[letter]));
      const { index, answer, prediction, question, category, split, hit } = record;
      const score = options.metric === undefined ? hit : record[options.metric];
      const attributes = Object.fromEntries(
        Object.entries({ category, split }).filter(([, value]) => filled(value)),
      );
      return parseRow(
        {
          example: index,
          intervention,
          ...(letters.length > 0 && { options: letters, ...(filled(answer) && { answer: String(answer) }) }),
          ...(scored ? { correct: typeof score === "boolean" ? score : Number(score) } : {}),
          text: String(prediction ?? ""),
          ...(filled(question) && { question: String(question) }),
          ...(Object.keys(attributes).length > 0 && { attributes }),
        },
        where,
      );
    });
  },
};
