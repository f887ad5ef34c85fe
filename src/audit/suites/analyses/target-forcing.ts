import { cosine, mean } from "../../../numeric/index.ts";
import { replay } from "../../../reasoning/index.ts";
import { bootstrap } from "../../../statistics/index.ts";
import type { SuiteContext } from "../analysis.ts";
import { nothingReplayed, replayable } from "./shared/replays.ts";

/**
 * Would better first latents make better later ones? The first half of the slots is forced to the oracle, the rest runs
 * free (each hidden state fed into the next slot), and the cosine of the free ones to their oracle is compared with that
 * of the model's own.
 *
 * Source: ReaLVR (target forcing); docs/published-families.md §15.5.
 */
export const targetForcing = async (context: SuiteContext) => {
  const { model } = context.session;
  const { width, slots } = context.latents;
  const forced = Math.ceil(slots / 2);
  const none = (reason: string) => ({ forced: null, own: null, gain: null, n: 0, reason });
  if (slots < 2) return none("one slot per block: nothing follows a forced one");
  if (model.head) return none("this family feeds a transformed state, which reading again does not give");
  const left: Record<string, number> = {};
  const [free, own]: [number[], number[]] = [[], []];
  for await (const { prefix, rows, index } of replayable(context, "target forcing", left)) {
    const oracles = index.map((i) => context.planner.split.oracle[i]?.[0]);
    const latents = rows.map(({ row }, i) => {
      const out = row.latents.slice(0, slots * width);
      const oracle = oracles[i];
      if (oracle) out.set(oracle.subarray(0, forced * width));
      return out;
    });
    const usable = rows.map(({ row }, i) => oracles[i] !== undefined && row.slots.length === slots);
    for (let t = forced; t < slots; t++) {
      const { hidden } = await replay(
        model,
        prefix,
        rows.map(({ row }, i) => {
          const count = Math.min(t, row.slots.length);
          return {
            ...row,
            ids: row.ids.slice(0, row.slots[t] ?? row.slots.at(-1)! + 1),
            slots: row.slots.slice(0, count),
            latents: latents[i]!.slice(0, count * width),
          };
        }),
      );
      for (const [i, states] of hidden.entries())
        if (usable[i]) latents[i]!.set(states.subarray(states.length - width), t * width);
    }
    for (const [i, { row }] of rows.entries()) {
      if (!usable[i]) {
        const reason = oracles[i] ? "another number of slots" : "no oracle";
        left[reason] = (left[reason] ?? 0) + 1;
        continue;
      }
      const rest = (z: Float32Array) => z.subarray(forced * width, slots * width);
      const [a, b] = [
        cosine(rest(latents[i]!), rest(oracles[i]!)),
        cosine(rest(row.latents), rest(oracles[i]!)),
      ];
      if (Number.isNaN(a + b))
        left["latents without direction"] = (left["latents without direction"] ?? 0) + 1;
      else {
        free.push(a);
        own.push(b);
      }
    }
  }
  if (free.length === 0) return nothingReplayed(left);
  const gains = free.map((value, i) => value - own[i]!);
  const interval = bootstrap(gains, mean, { seed: context.planner.seed });
  return {
    n: free.length,
    left,
    slotsForced: forced,
    forced: mean(free),
    own: mean(own),
    gain: mean(gains),
    interval: interval.value,
    ...(interval.reason !== undefined && { reason: interval.reason }),
  };
};
