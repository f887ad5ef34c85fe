/** Bottlenecks: which image tokens the text may attend to while a model is trained. */
import { z } from "zod";
import type { Random } from "../../util/index.ts";
import type { Sequence } from "../sequences.ts";

export const viewSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("whole") }),
  /**
   * Image tokens are hidden from text, each with the probability `share` (1: a bottleneck; less: dropout of image tokens).
   * "answer" hides them after the first block, "question" after the first image, markers and slots excepted (LIVR's mask).
   * Latents always attend to everything, and nothing is hidden at inference.
   */
  z.strictObject({
    kind: z.literal("hidden-image"),
    from: z.enum(["answer", "question"]),
    share: z.number().min(0).max(1),
  }),
]);

export type View = z.infer<typeof viewSchema>;

export const wholeView: View = { kind: "whole" };

/**
 * Pairs of (query position, position of an image token) that a view hides. Slots, and the positions before them, attend
 * to everything.
 */
export function hiddenKeys(
  { ids, beforeSlot }: Pick<Sequence, "ids" | "beforeSlot">,
  view: View,
  image: number,
  draws?: { random: Random },
): [number, number][] {
  if (view.kind === "whole" || beforeSlot.length === 0) return [];
  const spared = new Set([...beforeSlot].flatMap((position) => [position, position + 1]));
  const images = [...ids.keys()].filter((i) => ids[i] === image);
  // The first block ends where the next slot does not follow directly.
  let last = beforeSlot[0]! + 1;
  while (beforeSlot.includes(last)) last++;
  const first = view.from === "answer" ? last + 1 : (images[0] ?? ids.length);
  const pairs: [number, number][] = [];
  for (const key of images) {
    if (view.share < 1 && draws && draws.random.uniform() >= view.share) continue;
    // The last id is a target only: no position of the graph.
    for (let q = Math.max(first, key + 1); q < ids.length - 1; q++) {
      if (ids[q] !== image && !spared.has(q)) pairs.push([q, key]);
    }
  }
  return pairs;
}
