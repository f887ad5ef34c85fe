/** The answer of a continuation: text, chosen option, option probabilities. */

import { plannedOption } from "../families/index.ts";
import { largest } from "../numeric/index.ts";
import type { GridMap } from "../tasks/index.ts";
import type { NamedLogits } from "./engine/types.ts";
import type { LatentModel } from "./latent-model.ts";
import type { PrefixRow } from "./shared-prefix.ts";
import type { Continuation } from "./slot-plan.ts";

interface Answer {
  /** Everything the model wrote, special tokens included. */
  text: string;
  /** Index of the option that the text names; null where none could be read. */
  choice: number | null;
  /** Log-probability of each option's first token at the answer position, normalised over the options. */
  optionLogProbabilities: number[] | null;
}

/** First token of each option; null where an option has none or two options begin alike. */
export function optionTokens(
  model: Pick<LatentModel, "tokenizer">,
  options: readonly string[],
): number[] | null {
  const first = options.flatMap((option) => model.tokenizer.encode(option).slice(0, 1));
  return first.length < options.length || new Set(first).size < first.length ? null : first;
}

/** Log-softmax of the logits of the options' first tokens; null where two options begin alike or nothing is there. */
function optionScores(
  logits: NamedLogits | null,
  model: LatentModel,
  options: readonly string[],
): number[] | null {
  const first = logits && optionTokens(model, options);
  if (!first) return null;
  const scores = first.map((id) => logits[id]!);
  const top = largest(scores);
  const total = Math.log(scores.reduce((sum, s) => sum + Math.exp(s - top), 0)) + top;
  return scores.map((s) => s - total);
}

/**
 * Reads the answer of one example from what was written before the block and after it, by the family's reader. Where it is a plan over a `map`,
 * that is walked, and `answer` is the option that every plan to the goal belongs to.
 */
export function readContinuation(
  model: LatentModel,
  row: Pick<PrefixRow, "written" | "answerLogits" | "prompt" | "script">,
  continuation: Pick<Continuation, "ids" | "answerLogits" | "picked">,
  options: readonly string[],
  { map, answer, optionTexts }: { map?: GridMap; answer?: number; optionTexts?: readonly string[] } = {},
): Answer {
  // Image tokens that stand for picked features are nothing that the model wrote.
  const picked = new Set(continuation.picked);
  // Neither are the words of a prompt that was read again.
  const again = model.rules.apart ? (row.script?.length ?? 0) : 0;
  const ids = continuation.ids.filter((_, place) => place >= again && !picked.has(place));
  const text = model.tokenizer.decode([...row.written, ...ids]);
  // ILVR's evaluation looks for the answer in all that was decoded, the prompt included.
  const before = model.family.readsPrompt ? model.tokenizer.decode(row.prompt ?? []) : "";
  return {
    text,
    choice:
      map && answer !== undefined
        ? plannedOption(text, map, options, answer)
        : model.family.readAnswer(before + text, options, optionTexts),
    optionLogProbabilities: optionScores(continuation.answerLogits ?? row.answerLogits, model, options),
  };
}
