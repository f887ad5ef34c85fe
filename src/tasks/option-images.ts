import type { Example } from "./types.ts";

/**
 * Index of the image that each option's label follows in the question ("… <image> a <image> b"); null unless every
 * option has exactly one.
 *
 * @example
 * optionImages({ question: "<image> is <image> a or <image> b", options: ["a", "b"], images: [0, 1, 2] }); // [1, 2]
 */
export function optionImages({
  question,
  options,
  images,
}: Pick<Example, "question" | "options"> & { images: readonly unknown[] }): number[] | null {
  const labels = question
    .split("<image>")
    .slice(1)
    .map((text) => text.trim().split(/\s+/)[0]);
  const at = options.map((option) => labels.indexOf(option));
  const distinct = options.every((option) => labels.filter((label) => label === option).length === 1);
  return distinct && at.every((i) => i < images.length) ? at : null;
}
