import { encodePng } from "../../formats/index.ts";
import { mapImages } from "./pictures.ts";
import { asOwn, type Intervention } from "./types.ts";

export const noisyImage: Intervention = {
  description: "Gaussian noise on every pixel of the prompt's images; the block is the model's own",
  source: "arXiv 2602.22766 (image → latents)",
  parameters: {
    s: { description: "deviation of the noise, 1 the range of a pixel", example: 0.1, min: 0, max: 1 },
  },
  lacking: "no image",
  whole: true,
  input: async ({ example, random }, values) => {
    const images = await mapImages(example, ({ width, height, pixels }) =>
      encodePng({
        width,
        height,
        pixels: Uint8Array.from(pixels, (x) =>
          Math.max(0, Math.min(255, Math.round(x + 255 * (values.s as number) * random.normal()))),
        ),
      }),
    );
    return images && { example: { ...example, images }, from: `its images with noise of ${values.s}` };
  },
  plan: () => asOwn,
};
