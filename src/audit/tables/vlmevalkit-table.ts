/** Prediction tables of VLMEvalKit: one for each intervention of an audit. */
import { join } from "node:path";
import { csvLine, writeFileAtomic } from "../../formats/index.ts";
import { isRight } from "../record/outcomes.ts";
import { examplesOf, type FoundAudit } from "./find-audits.ts";

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/**
 * Writes `INTERVENTION.tsv` into a directory: index, id, question, A, B, …, answer, prediction and hit, as VLMEvalKit's own
 * result files have them. Answers the names of the files.
 *
 * Errors: "output".
 */
export async function writeVlmevalkit(found: FoundAudit, directory: string): Promise<string[]> {
  const tables = new Map<string, unknown[][]>();
  let most = 0;
  let index = 0;
  for await (const { outcomes, question } of examplesOf([found])) {
    const { example, options, answer } = outcomes;
    most = Math.max(most, options.length);
    const texts = question?.optionTexts ?? options;
    for (const [name, outcome] of Object.entries(outcomes.outcomes)) {
      const table = tables.get(name) ?? [];
      tables.set(name, table);
      table.push([
        [index, example, question?.question?.replaceAll("<image>", "").trim() ?? ""],
        texts,
        [LETTERS[answer], outcome.text, Number(isRight(outcome, answer))],
      ]);
    }
    index++;
  }
  const files: string[] = [];
  for (const [name, rows] of tables) {
    const letters = LETTERS.slice(0, most);
    const lines = (rows as [unknown[], string[], unknown[]][]).map(([head, texts, tail]) =>
      csvLine([...head, ...letters.map((_, i) => texts[i] ?? ""), ...tail], "\t"),
    );
    const file = `${name.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/_+$/, "")}.tsv`;
    const columns = ["index", "id", "question", ...letters, "answer", "prediction", "hit"];
    await writeFileAtomic(join(directory, file), [csvLine(columns, "\t"), ...lines].join(""));
    files.push(file);
  }
  return files;
}
