import { asOwn, type Intervention } from "./types.ts";

export const imageTwice: Intervention = {
  description:
    "every image of the prompt twice, one after the other: more visual tokens, nothing more to be seen; the block is the model's own",
  source: "LIVR (image twice)",
  lacking: "no image",
  whole: true,
  input: async ({ example }) => {
    const { question, images } = example;
    if (images.length === 0) return null;
    return {
      example: {
        ...example,
        question: question.replaceAll("<image>", "<image> <image>"),
        images: images.flatMap((image) => [image, image]),
      },
      from: "its images, each twice",
    };
  },
  plan: () => asOwn,
};
