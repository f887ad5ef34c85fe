/** What becomes of reasoning in words around the blocks. */
import type { ResponsePart } from "../../families/index.ts";
import type { Example } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";

/**
 * "given": as the dataset has it, or not. "dropped": never. "required": a dataset without is refused. "bare": only
 * what the dataset says before each block, without the family's tags: answers stay as near to latents as without words.
 */
export type RationalePolicy = "given" | "dropped" | "required" | "bare";

/**
 * A response without reasoning, with what is said before each block put there.
 *
 * Errors: code "usage" where the family's blocks do not begin with a marker of their own.
 *
 * @example
 * const block = [{ text: "<start>" }, { latents: 1 }, { text: "<end>" }, { text: "a" }];
 * withBareRationale(block, ["I turn it.", "It fits."])[0]; // { text: "I turn it." }
 */
export function withBareRationale(
  parts: readonly ResponsePart[],
  reasoning: readonly string[],
): ResponsePart[] {
  let block = 0;
  return parts.flatMap((part, i) => {
    if (!("latents" in (parts[i + 1] ?? {}))) return [part];
    ensure("text" in part, "usage", () => ({
      where: "a plan in bare words",
      expected: "a family whose blocks begin with a start marker",
      got: "one in which they do not",
    }));
    return [{ text: reasoning[block++]! }, part];
  });
}

/**
 * Examples as a recipe with this plan learns them.
 *
 * Errors: code "dataset" where reasoning is required and an example has none.
 *
 * @example
 * applyRationalePolicy([{ id: "a", reasoning: ["I turn it.", "It fits."] }], "dropped")[0].reasoning; // undefined
 */
export function applyRationalePolicy(
  examples: readonly Example[],
  plan: RationalePolicy,
): readonly Example[] {
  switch (plan) {
    case "given":
      return examples;
    case "dropped":
      return examples.map(({ reasoning: _, ...rest }) => rest);
    case "bare":
    case "required":
      for (const { id, reasoning } of examples) {
        ensure(reasoning, "dataset", () => ({
          where: `example ${id}`,
          expected: "reasoning in words, which this recipe has the model write before the block",
          got: "none",
          attempt:
            "generating the dataset with words: --set plan=brief (or named), or a recipe that has none, such as joint",
        }));
      }
      return examples;
  }
}
