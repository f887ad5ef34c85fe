/** The contents of the slots while a model is trained. */
import { z } from "zod";
import { constant, curveSchema } from "./schedule.ts";

export const slotsSchema = z.discriminatedUnion("kind", [
  /** Oracle latents: teacher forcing. */
  z.strictObject({ kind: z.literal("oracle") }),
  z.strictObject({
    kind: z.literal("own"),
    /**
     * The fraction of slots that hold the model's own latents, each drawn independently (scheduled sampling, arXiv 1506.03099);
     * the others hold oracle latents.
     */
    share: curveSchema,
    /** Whether the gradient flows back through the fed latents (Coconut). */
    gradient: z.boolean(),
    /**
     * "each" fills slot after slot as decoding does, with one more pass over the sequence for each; "one" fills all slots from
     * one pass over oracles (arXiv 1906.07651): two passes whatever the number of slots.
     */
    passes: z.enum(["one", "each"]),
  }),
]);

export type Slots = z.infer<typeof slotsSchema>;

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
export function roundsOf(slots: Slots, most: number): number {
  if (slots.kind === "oracle") return 0;
  return slots.passes === "one" ? Math.min(1, most) : most;
}
