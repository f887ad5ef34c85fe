import { matrix } from "../../../numeric/index.ts";
import { jackknife } from "../../../statistics/index.ts";
import { adjustedRandIndex, clusterAgreement } from "../../measurements/index.ts";
import { answersInWords } from "../../record/answer-words.ts";
import { ownBlocks } from "../../record/latents-file.ts";
import type { SuiteContext } from "../analysis.ts";
import { attributeClasses, classNumbers } from "./shared/attributes.ts";
import { groupsOf } from "./shared/groups.ts";
import { meansOf } from "./spread.ts";

/**
 * Do own latents (means over slots) fall into clusters that are the right answers, or the attributes of the examples? The
 * adjusted Rand index of k-means clusters with each, its delete-one jackknife interval with the clusters held, and the
 * p-value of permuted labels; the same of oracles as yardstick. Examples that share images are left out, and permuted,
 * together.
 *
 * Source: docs/published-families.md §19.3 (10), "ARI of clusters with bootstrap". The jackknife is ours: a bootstrap sample pairs
 * examples with themselves, and such pairs always agree.
 *
 * @example
 * const latents = { examples: [], slots: 1, width: 1, own: new Float32Array(0), hasOwn: [], oracle: new Float32Array(0), hasOracle: [] };
 * clusters({ latents, session: { examples: [] }, outcomes: [], planner: { seed: 0 } }).own.answer.reason; // "0 examples; clusters need at least 25"
 */
export const clusters = (context: SuiteContext) => {
  const {
    latents,
    session,
    planner: { seed },
  } = context;
  const { width, slots, oracle, oracleCounts, hasOracle } = latents;
  const size = slots * width;
  const blocks = {
    own: ownBlocks(latents).map(([first]) => first),
    oracle: latents.examples.map((_, i) =>
      hasOracle[i] ? oracle.subarray(i * size, i * size + (oracleCounts?.[i] ?? slots) * width) : undefined,
    ),
  };
  const texts = new Map(session.examples.map(({ id, optionTexts }) => [id, optionTexts]));
  const answers = answersInWords(
    session.examples.map(({ id, options, answer }) => ({ example: id, options, answer })),
    (id) => texts.get(id),
  );
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
      const groups = groupsOf(
        context,
        rows.map((row) => there[row]!.index),
      );
      const { value, reason } = clusterAgreement(matrix(values, rows.length, width), labels, seed, groups);
      if (!value) return { ari: null, interval: null, reason };
      const { rows: kept, clusters: found, reasons: why = {}, ...numbers } = value;
      const pairs = kept.map((row, at) => ({ label: labels[row]!, cluster: found[at]! }));
      const index = (sample: readonly (typeof pairs)[number][]): number =>
        adjustedRandIndex(
          sample.map(({ cluster }) => cluster),
          sample.map(({ label }) => label),
        );
      const interval = jackknife(pairs, groups && kept.map((row) => groups[row]!), index);
      const reasons = { ...why, ...(interval.value === null && { interval: interval.reason }) };
      return {
        ...numbers,
        interval: interval.value && ([interval.value[0], Math.min(1, interval.value[1])] as const),
        ...(groups && { groups: new Set(kept.map((row) => groups[row]!)).size }),
        ...(Object.keys(reasons).length > 0 && { reasons }),
      };
    };
    const { classes, skipped } = attributeClasses(
      session.examples,
      there.map(({ index }) => index),
    );
    return {
      n: there.length,
      answer:
        answers.value === null
          ? { ari: null, interval: null, reason: answers.reason }
          : agreement((index) => answers.value.get(session.examples[index]!.id)),
      attributes: Object.fromEntries(
        [...classes].map(([key, values]) => [key, agreement((index) => values.get(index))]),
      ),
      ...(Object.keys(skipped).length > 0 && { skipped }),
    };
  };
  return { own: of("own"), oracle: of("oracle") };
};
