/** Images as the family's evaluation shows them: transparency, formats. */
import { isAvif, isTransparent, onWhite } from "../../formats/index.ts";
import type { ImagePreprocessing } from "../../reasoning/index.ts";
import type { Example, ImageBytes, Skipped } from "../../tasks/index.ts";
import { LintelError } from "../../util/index.ts";
import type { ImageCount } from "../record/question-report.ts";

/** Examples as a family's evaluation shows them, and how many images that concerns. */
interface PreparedImages {
  examples: Example[];
  /** Those with a transparent image that does not decode. */
  skipped: Skipped[];
  transparent: ImageCount;
  approximate: ImageCount;
}

/**
 * The images of examples, one at a time: those of files are read as they are looked at.
 *
 * @example
 * [...imagesIn([{ images: [Uint8Array.of(1)], helpers: [Uint8Array.of(2)] }])].length; // 2
 */
export function* imagesIn(examples: readonly Pick<Example, "images" | "helpers">[]): Generator<ImageBytes> {
  for (const { images, helpers } of examples) {
    yield* images;
    yield* helpers;
  }
}

/**
 * Examples whose transparent images are laid on white where the family's evaluation does that; elsewhere images are as they
 * were, and decoding drops transparency.
 *
 * @example
 * (await prepareImages([{ images: [], helpers: [] }], "white")).transparent.images; // 0
 */
export async function prepareImages(
  examples: readonly Example[],
  transparency: ImagePreprocessing["transparency"],
): Promise<PreparedImages> {
  const out: Example[] = [];
  const skipped: Skipped[] = [];
  const transparent = { images: 0, examples: 0 };
  const approximate = { images: 0, examples: 0 };
  const note = (counted: typeof transparent, images: number): void => {
    counted.images += images;
    if (images > 0) counted.examples++;
  };
  for (const example of examples) {
    // Images in files are read anew whenever they are looked at: they are looked at once here, and kept only if changed.
    const { edits = [], regions = [] } = example;
    const images = [...example.images];
    const helpers = [...example.helpers];
    const ofEdits = edits.map((edit) => [...edit.images]);
    const uncovered = regions.map((region) => region.uncovered);
    const seen = [...images, ...helpers, ...ofEdits.flat(), ...uncovered.flatMap((each) => each ?? [])];
    const shown = new Map<ImageBytes, ImageBytes>();
    let seenThrough = 0;
    try {
      for (const image of new Set(seen)) {
        const through = await isTransparent(image);
        if (through) seenThrough++;
        shown.set(image, through && transparency === "white" ? await onWhite(image) : image);
      }
    } catch (error) {
      if (!(error instanceof LintelError) || error.code !== "dataset") throw error;
      skipped.push({ example: example.id, reason: `example ${example.id}: ${error.message}` });
      continue;
    }
    const of = (image: ImageBytes): ImageBytes => shown.get(image)!;
    note(transparent, seenThrough);
    note(approximate, [...shown.keys()].filter(isAvif).length);
    if (seen.every((image) => of(image) === image)) {
      out.push(example);
      continue;
    }
    out.push({
      ...example,
      images: images.map(of),
      helpers: helpers.map(of),
      ...(example.edits && {
        edits: edits.map((edit, i) => ({ ...edit, images: ofEdits[i]!.map(of) })),
      }),
      ...(example.regions && {
        regions: regions.map((region, i) => ({
          ...region,
          ...(uncovered[i] && { uncovered: of(uncovered[i]) }),
        })),
      }),
    });
  }
  return { examples: out, skipped, transparent, approximate };
}
