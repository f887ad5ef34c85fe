/** What stands in the slots while a model learns. */
import { type Curve, constant } from "./schedule.ts";

export type Slots =
  /** Oracle latents: teacher forcing. */
  | { kind: "oracle" }
  /**
   * What the model itself would feed, in a `share` of the slots (each drawn by itself; scheduled sampling, arXiv
   * 1506.03099), oracles in the others. `gradient`: it flows back through what was fed (Coconut), or takes it for given.
   * `passes`: "each" fills slot after slot as decoding does, one more pass over the sequence each; "one" fills all from
   * one pass over oracles (arXiv 1906.07651): two passes whatever the number of slots.
   */
  | { kind: "own"; share: Curve; gradient: boolean; passes: "one" | "each" };

export const oracleSlots: Slots = { kind: "oracle" };

/**
 * Slots that hold own latents throughout, filled as decoding fills them.
 *
 * @example
 * ownSlots({ gradient: true }).share; // { kind: "constant", value: 1 }
 */
export const ownSlots = ({ gradient }: { gradient: boolean }): Extract<Slots, { kind: "own" }> => ({
  kind: "own",
  share: constant(1),
  gradient,
  passes: "each",
});

/**
 * Passes over the sequence that fill slots, for examples of up to `most` slots.
 *
 * @example
 * roundsOf(ownSlots({ gradient: false }), 4); // 4
 */
export const roundsOf = (slots: Slots, most: number): number =>
  slots.kind === "oracle" ? 0 : slots.passes === "one" ? Math.min(1, most) : most;
