import type { Example } from "../../tasks/index.ts";
import { asOwn, type Intervention } from "./types.ts";

/** Index of the image that each option's label follows in the question; null unless every option has exactly one. */
function imagesOfOptions({ question, options, images }: Example): number[] | null {
  const labels = question
    .split("<image>")
    .slice(1)
    .map((text) => text.trim().split(/\s+/)[0]);
  const at = options.map((option) => labels.indexOf(option));
  const distinct = options.every((option) => labels.filter((label) => label === option).length === 1);
  return distinct && at.every((i) => i < images.length) ? at : null;
}

export const reshuffled: Intervention = {
  description:
    "the options' images in another order, every one moved; answers are counted by what the option shows",
  source: "FAMILIES.md §15.8 (options must be shuffled)",
  lacking: "the question does not show one image for each option",
  whole: true,
  input: async ({ example, random }) => {
    const at = imagesOfOptions(example);
    if (!at || at.length < 2) return null;
    // One random cycle moves every option.
    const cycle = random.shuffled(at.map((_, i) => i));
    const shows = at.map(() => 0);
    for (const [j, option] of cycle.entries()) shows[option] = cycle[(j + 1) % cycle.length]!;
    const images = [...example.images];
    for (const [i, old] of shows.entries()) images[at[i]!] = example.images[at[old]!]!;
    return {
      example: {
        ...example,
        images,
        answer: shows.indexOf(example.answer),
        counterfactuals: shows.map((old) => example.counterfactuals[old] ?? null),
      },
      from: `its options in the order ${shows.map((old) => example.options[old]).join(", ")}`,
      options: shows,
    };
  },
  plan: () => asOwn,
};
