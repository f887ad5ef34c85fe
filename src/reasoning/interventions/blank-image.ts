import { encodePng } from "../../formats/index.ts";
import { mapImages } from "./pictures.ts";
import { asOwn, type Intervention } from "./types.ts";

export const blankImage: Intervention = {
  description: "grey images of the same sizes in the prompt; the block is the model's own: the blind floor",
  source: "docs/published-families.md §15.8 (image controls)",
  lacking: "no image",
  whole: true,
  input: async ({ example }) => {
    const images = await mapImages(example, ({ width, height }) =>
      encodePng({ width, height, pixels: new Uint8Array(width * height * 3).fill(128) }),
    );
    return images && { example: { ...example, images }, from: "grey images" };
  },
  plan: () => asOwn,
};
