import { matrix } from "../../../numeric/index.ts";
import { bootstrap } from "../../../statistics/index.ts";
import { adjustedRandIndex, clusterAgreement } from "../../measurements/index.ts";
import { ownBlocks } from "../../record/latents-file.ts";
import type { SuiteContext } from "../analysis.ts";
import { attributeClasses, classNumbers } from "./shared/attributes.ts";
import { meansOf } from "./spread.ts";

/**
 * Do own latents (means over slots) fall into clusters that are the right answers, or the attributes of the examples? The
 * adjusted Rand index of k-means clusters with each, its bootstrap interval over examples with the clusters held, and the
 * p-value of permuted labels; the same of oracles as yardstick.
 *
 * Source: docs/published-families.md §19.3 (10), "ARI of clusters with bootstrap".
 *
 * @example
 * const latents = { examples: [], slots: 1, width: 1, own: new Float32Array(0), hasOwn: [], oracle: new Float32Array(0), hasOracle: [] };
 * clusters({ latents, session: { examples: [] }, planner: { seed: 0 } }).own.answer.reason; // "0 examples; clusters need at least 25"
 */
export const clusters = ({ latents, session, planner: { seed } }: SuiteContext) => {
  const { width, slots, oracle, oracleCounts, hasOracle } = latents;
  const size = slots * width;
  const blocks = {
    own: ownBlocks(latents).map(([first]) => first),
    oracle: latents.examples.map((_, i) =>
      hasOracle[i] ? oracle.subarray(i * size, i * size + (oracleCounts?.[i] ?? slots) * width) : undefined,
    ),
  };
  const of = (kind: keyof typeof blocks) => {
    const there = blocks[kind].flatMap((block, index) =>
      block && block.length > 0 && block.every(Number.isFinite) ? [{ block, index }] : [],
    );
    const z = meansOf(
      there.map(({ block }) => block),
      width,
    );
    const agreement = (labelOf: (index: number) => string | undefined) => {
      const rows = there.flatMap(({ index }, row) => (labelOf(index) === undefined ? [] : [row]));
      const labels = classNumbers(rows.map((row) => labelOf(there[row]!.index)!));
      const values = new Float64Array(rows.length * width);
      for (const [at, row] of rows.entries())
        values.set(z.values.subarray(row * width, (row + 1) * width), at * width);
      const { value, reason } = clusterAgreement(matrix(values, rows.length, width), labels, seed);
      if (!value) return { ari: null, interval: null, reason };
      const { rows: kept, clusters: found, ...numbers } = value;
      const pairs = kept.map((row, at) => ({ label: labels[row]!, cluster: found[at]! }));
      const index = (sample: readonly (typeof pairs)[number][]): number =>
        adjustedRandIndex(
          sample.map(({ cluster }) => cluster),
          sample.map(({ label }) => label),
        );
      const interval = bootstrap(pairs, index, { seed });
      return {
        ...numbers,
        interval: interval.value,
        ...(interval.reason !== undefined && { reason: interval.reason }),
      };
    };
    const { classes, skipped } = attributeClasses(
      session.examples,
      there.map(({ index }) => index),
    );
    return {
      n: there.length,
      answer: agreement((index) => {
        const { options, answer } = session.examples[index]!;
        return options[answer];
      }),
      attributes: Object.fromEntries(
        [...classes].map(([key, values]) => [key, agreement((index) => values.get(index))]),
      ),
      ...(Object.keys(skipped).length > 0 && { skipped }),
    };
  };
  return { own: of("own"), oracle: of("oracle") };
};
