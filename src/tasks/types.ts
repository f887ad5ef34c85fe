/** A decoded picture: 8-bit RGB, row-major, interleaved, `pixels.length === width * height * 3`. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** An image as it lies in a dataset: the bytes of a PNG (or any format `sharp` decodes). */
export type ImageBytes = Uint8Array;

export type Attribute = string | number | boolean;

/** One question. */
export interface Example {
  /** Unique within its dataset. */
  id: string;
  /** The user's turn; every "<image>" stands for the next of `images`, in order. */
  question: string;
  images: ImageBytes[];
  /** What the model must write for each option: "a", "b", … or words. */
  options: string[];
  /** Index into `options` of the right one. */
  answer: number;
  /** Helper images, one per latent step (block). Empty for a dataset without helpers. */
  helpers: ImageBytes[];
  /** For each option the helpers that would make it right; null for the right one and where none exists. */
  counterfactuals: (ImageBytes[] | null)[];
  /** Known facts about the example, for probes and slices. */
  attributes: Record<string, Attribute>;
}

/** Examples of one split of a dataset. */
export interface Split {
  /** "train" | "eval" | "held-out" | … */
  name: string;
  /** Name of the task that made it, or of the dataset it was read from. */
  task: string;
  examples: Example[];
}
