/** The ids of the prompt, the same on both sides; none is one of Qwen's special tokens, which are the last. */
export const promptOf = (length, vocabulary) =>
  Array.from({ length }, (_, i) => 10 + ((i * 7919 + 13) % (vocabulary - 1000)));
