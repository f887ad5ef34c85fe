/** The ids of the prompt, the same on both sides; none is one of Qwen's special tokens, which are the last. */
export const promptOf = (length: number, vocabulary: number): number[] =>
  Array.from({ length }, (_, i) => 10 + ((i * 7919 + 13) % (vocabulary - 1000)));

/** The ids of a prompt with an image of `side` × `side` patches before its words. */
export function withImage(
  ids: readonly number[],
  side: number,
  { mergeSize }: { mergeSize: number },
  tokens: { image: number; visionStart: number; visionEnd: number },
): number[] {
  const image = Array<number>(side ** 2 / mergeSize ** 2).fill(tokens.image);
  return [tokens.visionStart, ...image, tokens.visionEnd, ...ids];
}
