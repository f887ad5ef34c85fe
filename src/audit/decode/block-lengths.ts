/** Blocks of variable length: packing into arrays, and replacements with the length of the example's own blocks. */
import type { BlockRules } from "../../families/index.ts";
import { asLongAs, type ResolvedIntervention, type SlotPlan } from "../../reasoning/index.ts";

/** Whether blocks of these rules may have other lengths than K. */
export const isVariable = (rules: BlockRules): boolean =>
  rules.allowSampledEnd ||
  !rules.bounded ||
  rules.stop !== null ||
  rules.static !== null ||
  rules.placeholders;

/** Interventions whose blocks are as long as what they put in: oracles, and own blocks that are cut on purpose. */
const OWN_LENGTH = new Set(["oracle", "oracle-budget", "counterfactual", "other-oracle", "truncate"]);

/**
 * A plan with as many vectors in every block as the example's own block has: the first ones, the last again where there
 * are too few (docs/published-families.md §15.1, donor swap). Replacements are then matched by count where the model decides the count.
 */
export function asLongAsOwn(
  plan: SlotPlan,
  { base }: Pick<ResolvedIntervention, "base">,
  own: readonly Float32Array[],
  width: number,
): SlotPlan {
  if (plan.kind !== "fixed" || OWN_LENGTH.has(base.replace(/@.*/, ""))) return plan;
  const blocks = own.map((mine, b) => {
    const there = plan.blocks[Math.min(b, plan.blocks.length - 1)]!;
    if (there.length === mine.length) return there;
    // Of a donor's empty block nothing can be had: another of its blocks stands in.
    const given = there.length > 0 ? there : (plan.blocks.find((block) => block.length > 0) ?? there);
    return asLongAs(given, mine.length, width);
  });
  // Blocks without latents leave nothing to replace.
  return blocks.some((block) => block.length > 0) ? { ...plan, blocks } : plan;
}

/** Latents [n, slots, D] with how many slots of each row count. */
interface Packed {
  data: Float32Array;
  has: Uint8Array;
  /** Only where a row has other than `slots`. */
  counts?: Int32Array;
}

/** Blocks [k·D] row by row, null for none; longer ones than `slots` are cut, what is missing is 0. A block may be empty. */
export function pack(
  blocks: readonly (Float32Array | null | undefined)[],
  slots: number,
  width: number,
): Packed {
  const size = slots * width;
  const data = new Float32Array(blocks.length * size).fill(Number.NaN);
  const has = new Uint8Array(blocks.length);
  const counts = new Int32Array(blocks.length);
  for (const [i, block] of blocks.entries()) {
    if (!block) continue;
    data.fill(0, i * size, (i + 1) * size);
    data.set(block.subarray(0, size), i * size);
    has[i] = 1;
    counts[i] = Math.min(block.length / width, slots);
  }
  const equal = counts.every((count, i) => has[i] === 0 || count === slots);
  return { data, has, ...(!equal && { counts }) };
}
