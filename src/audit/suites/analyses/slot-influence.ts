import { continueFrom, type SlotPlan } from "../../../reasoning/index.ts";
import { random } from "../../../util/index.ts";
import type { SuiteContext } from "../analysis.ts";

/** Examples and slots that are looked at, at most: each slot is one more continuation of an example. */
const MOST = { examples: 64, slots: 8 };

/**
 * Slot × slot influence: how far slot i moves when slot j is replaced by its mean over the split and the block goes on from
 * there, in units of the root mean square distance of slot i from its mean. Above the diagonal it is 0: later slots cannot
 * move earlier ones.
 *
 * Source: docs/published-families.md §19.3 (7).
 */
export const slotInfluence = async ({ session, planner: { split, seed }, latents, signal }: SuiteContext) => {
  const { width } = latents;
  const center = split.ownMean[0];
  const none = (reason: string) => ({ slots: [], influence: null, n: 0, reason });
  if (!center) return none("no example of the split has own latents");
  const k = center.length / width;
  const slots = Array.from({ length: Math.min(k, MOST.slots) }, (_, i) =>
    Math.floor((i * k) / Math.min(k, MOST.slots)),
  );
  const spread = slots.map((slot) => {
    const deviation = split.ownDeviation[0]!.subarray(slot * width, (slot + 1) * width);
    return Math.hypot(...deviation);
  });
  const batches = random(seed, "slot-influence")
    .shuffled([...session.batches.keys()])
    .slice(0, Math.max(1, Math.ceil(MOST.examples / session.size)))
    .sort((a, b) => a - b);
  const sums = slots.map(() => slots.map(() => 0));
  let n = 0;
  for (const batch of batches) {
    signal?.throwIfAborted();
    const shared = await session.prefixOf(batch);
    const plans: SlotPlan[] = [
      { kind: "own" },
      ...slots.map(
        (slot): SlotPlan => ({
          kind: "own",
          put: [{ slot, vector: center.slice(slot * width, (slot + 1) * width) }],
        }),
      ),
    ];
    const found = await continueFrom(
      session.model,
      shared,
      shared.rows.map(() => plans),
      session.limits,
    );
    for (const [clean, ...replaced] of found) {
      const own = clean!.latents[0];
      // Blocks of another length have other slots.
      const all = [own, ...replaced.map((each) => each.latents[0])];
      if (!own || all.some((block) => block?.length !== center.length)) continue;
      n++;
      for (const [j, { latents: moved }] of replaced.entries())
        for (const [i, slot] of slots.entries()) {
          let square = 0;
          for (let d = slot * width; d < (slot + 1) * width; d++) square += (moved[0]![d]! - own[d]!) ** 2;
          sums[j]![i]! += Math.sqrt(square);
        }
    }
  }
  if (n === 0) return none("no block of the usual length");
  return {
    /** Counted from 1; rows of `influence` are replaced slots, columns the slots that move. */
    slots: slots.map((slot) => slot + 1),
    influence: sums.map((row) => row.map((sum, i) => (spread[i]! > 0 ? sum / n / spread[i]! : null))),
    n,
    ...(spread.includes(0) && { reason: "a slot that is the same in every example has no unit" }),
  };
};
