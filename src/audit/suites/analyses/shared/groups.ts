/** Examples that share their images, which folds, permutations and intervals keep together. */
import { mean } from "../../../../numeric/index.ts";
import { bootstrap, clustersOf, type Interval, type Measured } from "../../../../statistics/index.ts";
import { clusterOf } from "../../../record/outcomes.ts";
import type { SuiteContext } from "../../analysis.ts";

/**
 * The group of each of the examples `indices`: its group in the benchmark, else the digest of its images; null where all
 * are alone.
 *
 * @example
 * const session = { examples: [{ id: "1" }, { id: "2" }] };
 * groupsOf({ session, outcomes: ["1", "2"].map((example) => ({ example, images: "x" })) }, [0, 1]); // ["x", "x"]
 */
export function groupsOf(
  {
    outcomes,
    session: { examples },
  }: { outcomes: SuiteContext["outcomes"]; session: Pick<SuiteContext["session"], "examples"> },
  indices: readonly number[],
): string[] | null {
  const byId = new Map(outcomes.map((each) => [each.example, clusterOf(each)]));
  return clustersOf(indices.map((i) => ({ images: byId.get(examples[i]!.id) })));
}

/**
 * Bootstrap interval of a mean; groups are drawn as wholes.
 *
 * @example
 * meanInterval([0, 1, 1, 1], null, 0).value; // [0.25, 1]
 */
export function meanInterval(
  values: readonly number[],
  groups: readonly string[] | null,
  seed: number,
): Measured<Interval> {
  if (groups === null) return bootstrap(values, mean, { seed });
  const blocks = new Map<string, number[]>();
  for (const [i, value] of values.entries())
    blocks.set(groups[i]!, [...(blocks.get(groups[i]!) ?? []), value]);
  return bootstrap([...blocks.values()], (sample) => mean(sample.flat()), { seed });
}
