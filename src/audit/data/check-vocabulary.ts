/** Checks that a split has only words of the model's vocabulary, before anything runs. */

import { lightWithout } from "../../formats/index.ts";
import { unknownWords } from "../../qwen/index.ts";
import {
  checkCompatibility,
  ignoresWords,
  type NetworkConfig,
  type QuestionReader,
} from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { LintelError } from "../../util/index.ts";

/** What knows which words a model has. */
type Words = Pick<QuestionReader, "tokenizer" | "family" | "rules"> & { config: Pick<NetworkConfig, "raw"> };

/**
 * The examples in the words of the model: captions and helpers in words that have unknown ones are removed, with a warning.
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
  let kept = examples;
  for (const [field, what] of [
    ["caption", "captions"],
    ["helperText", "helpers in words"],
  ] as const) {
    const unknown = unknownWords(
      tokenizer,
      examples.flatMap((example) => example[field] ?? []),
    );
    if (unknown.length === 0) continue;
    // Helpers in words are asked for by few audits: that they do not apply is said there.
    if (field === "caption")
      onWarning?.(
        `${data}: ${what} have ${unknown.length} words that the vocabulary of ${name} lacks ` +
          `(${unknown.slice(0, 3).join(", ")}, …): interventions that show them do not apply`,
      );
    kept = kept.map((example) => lightWithout(example, field) as Example);
  }
  return kept;
}

/** Checks the text that the family adds around questions; the questions themselves are in the vocabulary. */
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
