/** What a model cannot read of a split, said before anything runs, by audits and dry runs alike. */

import { unknownWords } from "../../qwen/index.ts";
import { checkCompatibility, ignoresWords, type QuestionReader } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { LintelError } from "../../util/index.ts";

/** What knows which words a model has. */
type Words = Pick<QuestionReader, "tokenizer" | "family" | "rules" | "config">;

/**
 * The examples as the model can be asked them: captions with words that it does not have are left out, which is told.
 *
 * Errors: "dataset" for questions and options with such words, for images of another rendering than it was trained on,
 * and for a family whose prompt has words that the vocabulary lacks.
 */
export function checkVocabulary(
  model: Words,
  examples: readonly Example[],
  {
    name,
    split,
    onWarning,
  }: { name: string; split: string; onWarning?: ((text: string) => void) | undefined },
): readonly Example[] {
  const { tokenizer, config } = model;
  const data = `split ${split}`;
  checkCompatibility({ model: name, tokenizer, config: config.raw, data }, examples);
  if (ignoresWords(config.raw)) return examples;
  checkPrompt(model, examples, name);
  const captions = examples.flatMap(({ caption }) => (caption === undefined ? [] : [caption]));
  const unknown = unknownWords(tokenizer, captions);
  if (unknown.length === 0) return examples;
  onWarning?.(
    `${data}: captions have ${unknown.length} words that the vocabulary of ${name} lacks ` +
      `(${unknown.slice(0, 3).join(", ")}, …): interventions that show them do not apply`,
  );
  return examples.map(({ caption: _, ...rest }) => rest);
}

/** QuestionReport are of the vocabulary by now: what is unknown in a prompt is what the family writes around them. */
function checkPrompt(model: Words, examples: readonly Example[], name: string): void {
  const { tokenizer, family } = model;
  const written = [family.system ?? "", family.generationPrompt ?? "", family.tail?.(model.rules) ?? ""];
  const around = examples
    .slice(0, 1)
    .flatMap((example) =>
      family.content(example).flatMap((part) => (part.type === "text" ? [part.text ?? ""] : [])),
    );
  const unknown = unknownWords(tokenizer, [...written, ...around]);
  if (unknown.length === 0) return;
  throw new LintelError("dataset", {
    where: `prompts of the family ${family.name}`,
    id: "E_VOCABULARY",
    expected: `words of the vocabulary of ${name} (${tokenizer.size} tokens)`,
    got: `${unknown.length} that it does not have: ${unknown.slice(0, 5).join(", ")}`,
    attempt: "the family that the checkpoint was trained in (without --family: what its config.json says)",
  });
}
