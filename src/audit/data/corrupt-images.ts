/** Blacks out the source region of helpers in the input images, so that only latents can provide it. */
import { decodeImage, encodePng, isTransparent } from "../../formats/index.ts";
import type { Example, Skipped } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";

/**
 * Examples with their regions black in the prompt's images; helpers stay as they are. Those without regions are passed
 * over and counted.
 *
 * Errors: "dataset" where no example has one.
 *
 * Source: LanteRn's `corrupt_image`; arXiv 2605.18445 (masked input); docs/published-families.md §15.1.
 *
 * @example
 * const failed = await corruptImages([{ id: "1", images: [] }], "demo").catch((error) => error);
 * failed.code; // "dataset": it says nowhere what a helper was cut out of
 */
export async function corruptImages(
  examples: readonly Example[],
  where: string,
): Promise<{ examples: Example[]; skipped: Skipped[] }> {
  const out: Example[] = [];
  const skipped: Skipped[] = [];
  for (const example of examples) {
    const { regions = [], images, id } = example;
    if (regions.length === 0) {
      skipped.push({ example: id, reason: "no region to paint black" });
      continue;
    }
    // Families show such images in different colours, which is decided when the model is known.
    if ((await Promise.all(images.map(isTransparent))).includes(true)) {
      skipped.push({
        example: id,
        reason: "an image with transparency, which cannot be painted black in parts",
      });
      continue;
    }
    const painted = [...images];
    for (const [at, image] of images.entries()) {
      const boxes = regions.filter((region) => region.image === at);
      if (boxes.length === 0) continue;
      const picture = await decodeImage(image, `example ${id}`);
      const { width, height } = picture;
      const pixels = picture.pixels.slice();
      for (const { box } of boxes) {
        const [left, top] = [Math.max(0, Math.floor(box[0])), Math.max(0, Math.floor(box[1]))];
        const [right, bottom] = [Math.min(width, Math.ceil(box[2])), Math.min(height, Math.ceil(box[3]))];
        for (let y = top; y < bottom; y++) {
          if (right > left) pixels.fill(0, (y * width + left) * 3, (y * width + right) * 3);
        }
      }
      painted[at] = encodePng({ width, height, pixels });
    }
    // Latents keep being made of what is covered in the prompt.
    const covered = regions.map((region) => ({ ...region, uncovered: images[region.image]! }));
    out.push({ ...example, images: painted, regions: covered });
  }
  ensure(out.length > 0, "dataset", () => ({
    where,
    expected: "examples that say where their helpers were cut out of the input",
    got: "none",
    attempt: "a field mapping with a crop, as viscot-mc; of generated data the task crop-masked",
  }));
  return { examples: out, skipped };
}
