/** What the tokens of prefix and continuation are. */

/** Token groups that the answer position can attend to. "text" is generated text before and after the block. */
export const places = ["slots", "markers", "image", "question", "text"] as const;
export type Place = (typeof places)[number];

/** The part that each position of prefix and continuation belongs to; null for padding. */
export function placesOf(
  length: number,
  { first, end, images }: { first: number; end: number; images: readonly number[] },
  { ids, slots }: { ids: readonly number[]; slots: readonly number[] },
  { startId, endId }: { startId: number | null; endId: number | null },
): (Place | null)[] {
  const image = new Set(images);
  const slot = new Set(slots);
  const before = Array.from({ length }, (_, p): Place | null =>
    p < first ? null : image.has(p) ? "image" : p < end ? "question" : "text",
  );
  const own = ids.map(
    (id, i): Place => (slot.has(i) ? "slots" : id === startId || id === endId ? "markers" : "text"),
  );
  return [...before, ...own];
}
