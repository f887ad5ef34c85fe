/** The text that the model writes before latent blocks. */
import { z } from "zod";
import type { ResponsePart } from "../../families/index.ts";
import type { Example } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";

/**
 * "given": as the dataset has it. "dropped": none. "required": a dataset without rationales is refused. "bare": only the text
 * that the dataset has for each block, without the family's tags, so that answers stay close to the latents. "state": what the
 * last helper shows, in words, in place of what the dataset has; for recipes without latents.
 */
export const rationaleSchema = z.enum(["given", "dropped", "required", "bare", "state"]);

export type RationalePolicy = z.infer<typeof rationaleSchema>;

/**
 * A response without rationale, with the text of each block inserted before it.
 *
 * Errors: code "usage" where the family's blocks have no start marker.
 */
export function withBareRationale(
  response: readonly ResponsePart[],
  reasoning: readonly string[],
): ResponsePart[] {
  let block = 0;
  return response.flatMap((part, i) => {
    if (!("latents" in (response[i + 1] ?? {}))) return [part];
    ensure("text" in part, "usage", () => ({
      where: "bare rationales",
      expected: "a family whose blocks have a start marker",
      got: "one without",
    }));
    return [{ text: reasoning[block++]! }, part];
  });
}

/**
 * Examples as a recipe with this policy uses them.
 *
 * Errors: code "dataset" where a rationale is required, or a state, and an example has none.
 *
 * @example
 * applyRationalePolicy([{ id: "a", reasoning: ["I turn it.", "It fits."] }], "dropped")[0].reasoning; // undefined
 */
export function applyRationalePolicy(
  examples: readonly Example[],
  policy: RationalePolicy,
): readonly Example[] {
  if (policy === "given") return examples;
  if (policy === "dropped") return examples.map(({ reasoning: _, ...rest }) => rest);
  if (policy === "state") return examples.map(withState);
  for (const { id, reasoning } of examples) {
    ensure(reasoning, "dataset", () => ({
      where: `example ${id}`,
      expected: "a rationale, which this recipe trains the model to write before the block",
      got: "none",
      attempt:
        "generating the dataset with --set plan=brief (or named), or a recipe without rationales, such as joint",
    }));
  }
  return examples;
}

/** An example whose reasoning is what the last helper shows. */
function withState(example: Example): Example {
  const { id, helperText } = example;
  ensure(helperText !== undefined, "dataset", () => ({
    where: `example ${id}`,
    expected: "its helper in words, which this recipe trains the model to write",
    got: "none",
    attempt: "a dataset of lintel generate, or one whose mapping names a column with helperText",
  }));
  return { ...example, reasoning: [helperText] };
}
