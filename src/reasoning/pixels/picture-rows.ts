/** Rows whose prompts can be read again with changed pictures. */
import { decodeImage, encodePng } from "../../formats/index.ts";
import { imageProcessor, imageResizer, type ProcessedImage, type ReplayRow } from "../../qwen/index.ts";
import type { Example, ImageBytes, Picture } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import { type LatentModel, promptOf } from "../latent-model.ts";
import { splitPrompt } from "../prompt-blocks.ts";
import type { PrefixRow } from "../shared-prefix.ts";
import type { PictureRow } from "./adversarial-images.ts";

/** A picture as an image that decodes to the same pixels. */
export const imageOf = ({ width, height, pixels }: Picture): ImageBytes =>
  encodePng({ width, height, pixels });

const equal = (a: ProcessedImage, b: ProcessedImage): boolean =>
  a.grid.join() === b.grid.join() && a.patches.every((x, i) => x === b.patches[i]);

/**
 * What makes picture rows of examples: their images at the size at which the model sees them, which are images that it reads
 * alike. null with the reason where there are none.
 */
export function pictureRows(model: LatentModel) {
  const { processor } = model;
  ensure(processor, "usage", () => ({
    where: "pictures of prompts",
    expected: "an image processor of this process",
    got: "the checkpoint's own, elsewhere",
  }));
  const [resized, process] = [imageResizer(processor), imageProcessor(processor)];
  return {
    config: processor,
    process,
    async of(
      example: Example,
      { written }: Pick<PrefixRow, "written">,
      row: ReplayRow,
    ): Promise<{ row: PictureRow; reason?: undefined } | { row: null; reason: string }> {
      if (example.images.length === 0) return { row: null, reason: "no image" };
      const pictures: Picture[] = [];
      for (const image of example.images) {
        const picture = await decodeImage(image, `example ${example.id}`, "dataset", { mayShrink: true });
        const seen = resized(picture);
        if (!equal(process(picture), process(seen)))
          return {
            row: null,
            reason: "images that are resized once more at the size at which they are seen",
          };
        pictures.push({ width: seen.width, height: seen.height, pixels: seen.pixels });
      }
      const prompt = await promptOf(model, example);
      const { ids } = splitPrompt(model.rules, prompt, model.network.config.tokens.image).prompt;
      return { row: { ids: [...ids, ...written], row, pictures } };
    },
  };
}
