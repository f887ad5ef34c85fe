import { textPlaces } from "../numeric/index.ts";
import { LintelError, type Random } from "../util/index.ts";
import type { Share } from "./types.ts";

/**
 * FNV-1a of a text, 32 bits, with a last mix so that low bits depend on all of it.
 *
 * @example
 * bucket("some content", 8); // equal on every machine, in 0 … 7
 */
export function bucket(content: string, buckets: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < content.length; i++) h = Math.imul(h ^ content.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) % buckets;
}

/**
 * Positions for the right answer among `options`: every block of this many examples has each position once, in
 * random order. So answers are balanced to within one block at any count, not just on average.
 */
export function balancedPositions(r: Random, options: number): () => number {
  let block: number[] = [];
  return () => {
    if (block.length === 0) block = r.shuffled(Array.from({ length: options }, (_, i) => i));
    return block.pop()!;
  };
}

/** What four options are called. */
export const letters = ["a", "b", "c", "d"];

/**
 * Options in their order: the right one at `answer`, the wrong ones around it as they come.
 *
 * @example
 * withAnswer(["x", "y"], "right", 1); // ["x", "right", "y"]
 */
export const withAnswer = <T>(wrong: readonly T[], right: T, answer: number): T[] => [
  ...wrong.slice(0, answer),
  right,
  ...wrong.slice(answer),
];

/**
 * The name of an example: its split, and its number in it.
 *
 * @example
 * exampleId("held-out", 12); // "held-out-000012"
 */
export const exampleId = (split: string, number: number): string =>
  `${split}-${String(number).padStart(6, "0")}`;

/** So many draws in a row without anything new mean that (nearly) everything has been drawn. */
const patience = 10_000;

/**
 * Draws until `count` acceptable things with distinct keys have come, one by one. `key` returns null for a draw
 * that is not acceptable. Throws `LintelError` "usage" when nothing new comes any more.
 */
export function* distinct<T>(
  where: string,
  count: number,
  draw: () => T,
  key: (drawn: T) => string | null,
): Generator<T> {
  const seen = textPlaces();
  for (let failures = 0; seen.size < count; ) {
    const drawn = draw();
    const content = key(drawn);
    if (content === null || !seen.add(content)) {
      if (++failures < patience) continue;
      throw new LintelError("usage", {
        where,
        expected: `${count} distinct examples`,
        got: `no more than about ${seen.size}`,
        attempt: "a smaller number, or parameters that leave more room",
      });
    }
    failures = 0;
    yield drawn;
  }
}

/**
 * Whether the example of this number belongs to a share of the work; all do where there is none.
 *
 * @example
 * [0, 1, 2, 3].filter((number) => within({ index: 1, of: 2 }, number)); // [1, 3]
 */
export const within = (share: Share | undefined, number: number): boolean =>
  share === undefined || number % share.of === share.index;
