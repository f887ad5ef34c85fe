import { asOwn, type Intervention } from "./types.ts";

export const dropImage: Intervention = {
  description:
    "the prompt is read with its images, whose keys and values are then dropped: text before the block, latents and answer are made without them",
  source: "CVRR (visual cache dropped before decoding)",
  lacking: "no image",
  whole: true,
  input: async ({ example }) =>
    example.images.length > 0
      ? { example, from: "its images, dropped once they were read", dropImages: true }
      : null,
  plan: () => asOwn,
};
