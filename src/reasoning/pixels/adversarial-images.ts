/** Images within a few levels of a pixel's 255 of the prompt's: against the model's answer, and with random signs. */
import { type ProcessedImage, type ProcessorConfig, pixelGradient } from "../../qwen/index.ts";
import type { Picture } from "../../tasks/index.ts";
import type { Random } from "../../util/index.ts";
import { type ImageRow, imageGradients, type PixelNetwork, readWithImages } from "./image-gradient.ts";

/** A row, and its images at the size at which they are split into patches. */
export interface PictureRow extends Omit<ImageRow, "images"> {
  pictures: readonly Picture[];
}

/**
 * Steps of one level each: min(ε + 4, ⌈1.25 ε⌉), ε in levels (Kurakin et al., arXiv 1607.02533, section 2.2).
 *
 * @example
 * attackSteps(4); // 5
 * attackSteps(16); // 20
 */
export const attackSteps = (levels: number): number => Math.min(levels + 4, Math.ceil(1.25 * levels));

/** `x` moved by `step`, kept within `levels` of `from` and within a byte. */
const within = (x: number, step: number, from: number, levels: number): number =>
  Math.max(0, from - levels, Math.min(255, from + levels, x + step));

/**
 * The picture with every value moved by exactly `levels`, up or down at random; down where up would leave the range of a byte,
 * up where down would. The largest move is that of an adversarial picture, no move is smaller.
 *
 * @example
 * const picture = { width: 1, height: 1, pixels: Uint8Array.of(0, 255, 2) };
 * randomSigns(picture, 4, random(0, "signs")).pixels; // Uint8Array [4, 251, 6]
 */
export function randomSigns(picture: Picture, levels: number, random: Random): Picture {
  return {
    ...picture,
    pixels: Uint8Array.from(picture.pixels, (x) => {
      const up = random.uniform() < 0.5;
      return x + levels > 255 || (!up && x - levels >= 0) ? x - levels : x + levels;
    }),
  };
}

/** What the perturbation of pictures is: largest move and root mean square, in levels. */
export function sizeOf(
  from: readonly Picture[],
  to: readonly Picture[],
): { largest: number; rootMeanSquare: number } {
  let [most, squares, count] = [0, 0, 0];
  for (const [i, { pixels }] of from.entries())
    for (const [j, x] of pixels.entries()) {
      const move = Math.abs(to[i]!.pixels[j]! - x);
      most = Math.max(most, move);
      squares += move ** 2;
      count++;
    }
  return { largest: most, rootMeanSquare: Math.sqrt(squares / count) };
}

/**
 * Pictures of each row within `levels` of its own in every value, at which the log-odds of the chosen option are lowest: steps
 * of one level against the sign of the gradient by the pixels, projected onto the bounds, the best of them (the basic iterative
 * method, arXiv 1607.02533; projected gradient, arXiv 1706.06083). All values are whole, so that the pictures are images as they
 * are. Values without a gradient stay.
 *
 * @param follow - Whether latents are made anew of each image, or stay as the rows have them.
 */
export async function adversarialPictures(
  network: PixelNetwork,
  rows: readonly PictureRow[],
  { config, process }: { config: ProcessorConfig; process(picture: Picture): ProcessedImage },
  levels: number,
  follow = true,
): Promise<{ pictures: Picture[]; logOdds: number }[]> {
  const rowsOf = (pictures: readonly (readonly Picture[])[]): ImageRow[] =>
    rows.map(({ ids, row }, i) => ({ ids, row, images: pictures[i]!.map(process) }));
  let now: Picture[][] = rows.map(({ pictures }) => [...pictures]);
  const best = now.map((pictures) => ({ pictures, logOdds: Number.POSITIVE_INFINITY }));
  const judge = (found: readonly { logOdds: number }[]): void => {
    for (const [i, { logOdds }] of found.entries())
      if (logOdds < best[i]!.logOdds) best[i] = { pictures: now[i]!, logOdds };
  };
  for (let step = 0; step < attackSteps(levels); step++) {
    const images = rowsOf(now);
    const found = await imageGradients(network, images, follow);
    judge(found);
    now = now.map((pictures, i) =>
      pictures.map((picture, p) => {
        const by = pixelGradient(found[i]!.patches[p]!, images[i]!.images[p]!.grid, config);
        const from = rows[i]!.pictures[p]!.pixels;
        return {
          ...picture,
          pixels: picture.pixels.map((x, j) => within(x, -Math.sign(by[j]!), from[j]!, levels)),
        };
      }),
    );
  }
  judge(await readWithImages(network, rowsOf(now), follow));
  return best;
}
