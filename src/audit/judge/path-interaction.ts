/** Content × path: whether a content counts for more on one path of the image than on another. */
import { clustersOf, type Interaction, interaction, type Measured } from "../../statistics/index.ts";
import { type ExampleOutcomes, isRight } from "../record/outcomes.ts";

/**
 * (first − second content) on one path, less the same on another, on the examples that have all four conditions.
 *
 * Source: docs/published-families.md §19.3 (1): "bypassed because the image is there?"; CVRR, arXiv 2609.06746.
 *
 * @example
 * pathInteraction([], ["own", "mean"], ["unseen", "visible"]).value; // null
 */
export function pathInteraction(
  examples: readonly ExampleOutcomes[],
  [first, second]: readonly [string, string],
  [path, than]: readonly [string, string],
  alpha = 0.05,
): Measured<Interaction> {
  const rows = examples.flatMap(({ outcomes, answer, images }) => {
    const four = [path, than].flatMap((of) => [outcomes[`${first}@${of}`], outcomes[`${second}@${of}`]]);
    if (four.some((outcome) => outcome === undefined)) return [];
    const [a, b, c, d] = four.map((outcome) => Number(isRight(outcome!, answer)));
    return [{ value: a! - b! - (c! - d!), images }];
  });
  return interaction(
    rows.map(({ value }) => value),
    clustersOf(rows),
    alpha,
  );
}
