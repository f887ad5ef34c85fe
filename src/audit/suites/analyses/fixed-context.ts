import { mean } from "../../../numeric/index.ts";
import { replay } from "../../../reasoning/index.ts";
import { bootstrap } from "../../../statistics/index.ts";
import type { SuiteContext } from "../analysis.ts";
import { nothingReplayed, type ReplayedBatch, replayable } from "./shared/replays.ts";

/** log π(chosen) among the options. */
function logChoice(scores: Float32Array, chosen: number): number {
  const top = Math.max(...scores);
  return scores[chosen]! - top - Math.log(scores.reduce((sum, s) => sum + Math.exp(s - top), 0));
}

/** How many latents the answer attends to most are replaced together: 1, 2, 4 … and all. */
function counts(slots: number): number[] {
  const out: number[] = [];
  for (let k = 1; k < slots; k *= 2) out.push(k);
  return [...out, slots];
}

type Row = ReplayedBatch["rows"][number]["row"];

/** A row with the given places among its latents replaced by the split's mean in that slot. */
function without(row: Row, places: readonly number[], means: readonly Float32Array[], width: number): Row {
  const latents = row.latents.slice();
  const k = means[0]!.length / width;
  for (const place of places) {
    const block = means[Math.min(Math.floor(place / k), means.length - 1)]!;
    const from = (place % k) * width;
    latents.set(block.subarray(from, from + width), place * width);
  }
  return { ...row, latents };
}

/**
 * What the model's own answer loses when one latent is replaced by the split's mean in its slot and everything written
 * stays: u = log π(answer | own) − log π(answer | replaced), slot by slot, and π(answer) with the most attended latents
 * replaced together. Nothing is generated anew, so it is cheap and varies little.
 *
 * Source: ReaLVR G.1; docs/published-families.md §15.5. Replacing by the mean is our choice: the paper's is not in the sources we reached.
 */
export const fixedContext = async (context: SuiteContext) => {
  const { session, planner, latents } = context;
  const { width, slots } = latents;
  const means = planner.split.ownMean;
  const left: Record<string, number> = {};
  const bySlot: number[][] = Array.from({ length: slots }, () => []);
  const steps = counts(slots);
  const kept: number[][] = steps.map(() => []);
  const clean: number[] = [];
  for await (const { prefix, rows } of replayable(context, "fixed context", left)) {
    const ask = async (of: readonly Row[]): Promise<number[]> => {
      const { scores } = await replay(session.model, prefix, of);
      return of.map((row, i) => logChoice(scores[i]!, row.chosen));
    };
    const own = rows.map(({ row }) => row);
    const first = await replay(session.model, prefix, own);
    const before = own.map((row, i) => logChoice(first.scores[i]!, row.chosen));
    clean.push(...before.map(Math.exp));
    for (let t = 0; t < slots; t++) {
      const after = await ask(own.map((row) => without(row, t < row.slots.length ? [t] : [], means, width)));
      for (const [i, value] of after.entries())
        if (t < own[i]!.slots.length) bySlot[t]!.push(before[i]! - value);
    }
    const order = own.map((row, i) => {
      const mass = row.slots.map((place) =>
        first.attention[i]!.reduce((sum, layer) => sum + layer[prefix.length + place]!, 0),
      );
      return mass.map((_, at) => at).sort((a, b) => mass[b]! - mass[a]!);
    });
    for (const [s, k] of steps.entries()) {
      const after = await ask(own.map((row, i) => without(row, order[i]!.slice(0, k), means, width)));
      kept[s]!.push(...after.map(Math.exp));
    }
  }
  if (clean.length === 0) return nothingReplayed(left);
  return {
    n: clean.length,
    left,
    slots: bySlot.map((values) => ({
      loss: values.length > 0 ? mean(values) : null,
      interval: values.length > 1 ? bootstrap(values, mean, { seed: planner.seed }).value : null,
      n: values.length,
    })),
    probability: mean(clean),
    withoutMostAttended: steps.map((k, s) => ({ replaced: k, probability: mean(kept[s]!) })),
  };
};
