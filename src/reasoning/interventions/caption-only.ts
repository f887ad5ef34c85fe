import { asOwn, type Intervention } from "./types.ts";

export const captionOnly: Intervention = {
  description:
    "no image: what the images show, in words, stands in their place; the block is the model's own",
  source: "docs/published-families.md §15.8 (image controls)",
  lacking: "no image, or no description of its images in words",
  whole: true,
  input: async ({ example }) => {
    const { question, images, caption } = example;
    if (images.length === 0 || !caption) return null;
    // One description of all of them: it stands where the first image stood.
    const [before = "", ...after] = question.split("<image>");
    return {
      example: { ...example, question: `${before}${caption}${after.join("")}`, images: [] },
      from: "its description in words",
    };
  },
  plan: () => asOwn,
};
