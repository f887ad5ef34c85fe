/** What becomes of reasoning in words around the blocks. */
import type { Example } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";

/** "given": as the dataset has it, or not. "dropped": never. "required": a dataset without is refused. */
export type PlanPart = "given" | "dropped" | "required";

/**
 * Examples as a recipe with this plan learns them.
 *
 * Errors: code "dataset" where reasoning is required and an example has none.
 *
 * @example
 * planned([{ id: "a", reasoning: ["I turn it.", "It fits."] }], "dropped")[0].reasoning; // undefined
 */
export function planned(examples: readonly Example[], plan: PlanPart): readonly Example[] {
  switch (plan) {
    case "given":
      return examples;
    case "dropped":
      return examples.map(({ reasoning: _, ...rest }) => rest);
    case "required":
      for (const { id, reasoning } of examples) {
        ensure(reasoning, "dataset", () => ({
          where: `example ${id}`,
          expected: "reasoning in words, which this recipe has the model write before the block",
          got: "none",
          attempt: "generating the dataset with the parameter plan, as in --set plan=named",
        }));
      }
      return examples;
  }
}
