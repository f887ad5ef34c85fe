import type { SuiteContext } from "../analysis.ts";
import { nothingReplayed, replayed } from "./shared/replays.ts";

interface Slot {
  gradient: number;
  perDeviation: number;
  gradientTimesLatent: number;
  magnitude: number;
  attentionTimesGradient: number;
  n: number;
}

/** Means over examples; null where a sum is not finite. */
type SlotMeans = Record<Exclude<keyof Slot, "n">, number | null>;

const nothing = (): Slot => ({
  gradient: 0,
  perDeviation: 0,
  gradientTimesLatent: 0,
  magnitude: 0,
  attentionTimesGradient: 0,
  n: 0,
});

/**
 * What the log-odds of the model's own answer owe to each slot, means over examples: norm of the gradient; the same in
 * units of the deviation of own latents (by how much the log-odds change when a slot moves by one deviation in the
 * worst direction); gradient × latent, with its sign and without; attention × gradient at the answer's position, summed
 * over layers and heads.
 */
export const attribution = async (context: SuiteContext) => {
  const { width } = context.latents;
  const left: Record<string, number> = {};
  const slots: Slot[] = [];
  let [n, logOdds] = [0, 0];
  for await (const { found, at, row, batch } of replayed(context, "gradients", left, { gradient: true })) {
    n++;
    logOdds += found.logOdds[at]!;
    const gradient = found.gradient![at]!;
    const { deviation } = batch.rows[at]!;
    for (const [i, place] of row.slots.entries()) {
      // Slots of all blocks that have the same number are counted together.
      slots[i % context.latents.slots] ??= nothing();
      const slot = slots[i % context.latents.slots]!;
      let [squares, scaled, product] = [0, 0, 0];
      for (let j = i * width; j < (i + 1) * width; j++) {
        squares += gradient[j]! ** 2;
        scaled += (gradient[j]! * deviation[j]!) ** 2;
        product += gradient[j]! * row.latents[j]!;
      }
      slot.n++;
      slot.gradient += Math.sqrt(squares);
      slot.perDeviation += Math.sqrt(scaled);
      slot.gradientTimesLatent += product;
      slot.magnitude += Math.abs(product);
      for (const layer of found.attribution![at]!) {
        slot.attentionTimesGradient += layer[batch.prefix.length + place]!;
      }
    }
  }
  if (n === 0) return nothingReplayed(left);
  const mean = ({ n: count, ...sums }: Slot): SlotMeans =>
    Object.fromEntries(
      Object.entries(sums).map(([key, sum]) => [key, Number.isFinite(sum / count) ? sum / count : null]),
    ) as SlotMeans;
  return { n, left, logOdds: logOdds / n, slots: slots.map((slot) => ({ ...mean(slot), n: slot.n })) };
};
