import { asOwn, type Intervention } from "./types.ts";

export const otherImage: Intervention = {
  description: "the images of another example in the prompt; the block is the model's own: a blind floor",
  source: "docs/published-families.md §15.8 (image controls)",
  lacking: "no other example with as many images",
  whole: true,
  input: async ({ example, examples, random }) => {
    const others = examples.filter(
      ({ id, images }) => id !== example.id && images.length > 0 && images.length === example.images.length,
    );
    if (others.length === 0) return null;
    const other = random.pick(others);
    return { example: { ...example, images: other.images }, from: `images of example ${other.id}` };
  },
  plan: () => asOwn,
};
