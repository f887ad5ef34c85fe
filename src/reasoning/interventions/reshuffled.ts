import { optionImages } from "../../tasks/index.ts";
import { asOwn, type Intervention } from "./types.ts";

export const reshuffled: Intervention = {
  description:
    "the options' images in another order, every one moved; answers are counted by what the option shows",
  source: "docs/published-families.md §15.8 (options must be shuffled)",
  lacking: "the question does not show one image for each option",
  whole: true,
  input: async ({ example, random }) => {
    const at = optionImages(example);
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
