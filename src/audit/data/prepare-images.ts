/** How questions are asked: what became of their images, and what of the records is not in them. */
import { z } from "zod";
import { isAvif, isTransparent, onWhite } from "../../formats/index.ts";
import { type ImagePreprocessing, type LatentModel, preprocessingText } from "../../reasoning/index.ts";
import type { Example, ImageBytes, Skipped } from "../../tasks/index.ts";
import { LintelError } from "../../util/index.ts";

const bounds = z.object({ minPixels: z.number(), maxPixels: z.number() });
const counted = z.object({ images: z.number(), examples: z.number() });

export const questionsSchema = z.object({
  /** Bounds of images in pixels, whose they are, and what becomes of transparency (docs/families.md). */
  pictures: z.object({
    bounds,
    /** The resize of qwen_vl_utils before the image processor's own. */
    first: bounds.extend({ factor: z.number() }).optional(),
    from: z.enum(["family", "checkpoint", "options"]),
    checkpoint: bounds,
    source: z.string(),
    transparency: z.enum(["white", "drop"]),
  }),
  /** Images that are seen through somewhere, and the examples that have some. */
  transparent: counted.optional(),
  /** AVIF images, whose pixels are not exactly Pillow's. */
  approximate: counted.optional(),
  /** Fields of the records with values that the mapping does not use. */
  unused: z.array(z.string()).optional(),
  /** What was unusual, and in how many examples. */
  notes: z.array(z.object({ note: z.string(), examples: z.number() })).optional(),
  /** How the file tells its right options, where the mapping does not say it. */
  answerForm: z.enum(["text", "letter", "index", "number"]).optional(),
});

export type Questions = z.infer<typeof questionsSchema>;

/** What reading by a mapping found out. */
export type MappedReading = Pick<Questions, "unused" | "notes" | "answerForm">;

/** Examples as a family's evaluation shows them, and how many images that concerns. */
export interface Prepared {
  examples: Example[];
  /** Those with a transparent image that does not decode. */
  skipped: Skipped[];
  transparent: z.infer<typeof counted>;
  approximate: z.infer<typeof counted>;
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
 * (await prepared([{ images: [], helpers: [] }], "white")).transparent.images; // 0
 */
export async function prepared(
  examples: readonly Example[],
  transparency: ImagePreprocessing["transparency"],
): Promise<Prepared> {
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

/**
 * The record of how questions were asked; counts of nothing are left out.
 *
 * @example
 * const none = { images: 0, examples: 0 };
 * questionsOf({ pictures: {} }, { transparent: none, approximate: none }, { unused: ["hint"] }).unused; // ["hint"]
 */
export function questionsOf(
  { pictures }: Pick<LatentModel, "pictures">,
  { transparent, approximate }: Pick<Prepared, "transparent" | "approximate">,
  { unused = [], notes = [], answerForm }: MappedReading = {},
): Questions {
  return {
    pictures,
    ...(transparent.images > 0 && { transparent }),
    ...(approximate.images > 0 && { approximate }),
    ...(unused.length > 0 && { unused }),
    ...(notes.length > 0 && { notes }),
    ...(answerForm && { answerForm }),
  };
}

/**
 * What a user should know of how questions were asked, one sentence each.
 *
 * @example
 * const pictures = { transparency: "white" };
 * questionWarnings({ pictures, unused: ["hint"] }); // ["the mapping does not use hint of the records"]
 */
export function questionWarnings({
  pictures,
  transparent,
  approximate,
  unused = [],
  notes = [],
}: Questions): string[] {
  const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
  const where = ({ images, examples }: { images: number; examples: number }): string =>
    `${plural(images, "image")} in ${plural(examples, "example")}`;
  const shown = pictures.transparency === "white" ? "laid on white" : "shown in the colours that are stored";
  return [
    ...(transparent
      ? [`transparency in ${where(transparent)}: ${shown}, as the family's evaluation does`]
      : []),
    ...(approximate
      ? [
          `AVIF in ${where(approximate)}: colours differ from Pillow's where they are stored at half resolution`,
        ]
      : []),
    ...notes.map(({ note, examples }) => `in ${plural(examples, "example")}: ${note}`),
    ...(unused.length > 0 ? [`the mapping does not use ${unused.join(", ")} of the records`] : []),
  ];
}

/**
 * The record as lines for the terminal.
 *
 * @example
 * const bounds = { minPixels: 144, maxPixels: 144 };
 * const pictures = { bounds, checkpoint: bounds, from: "checkpoint", source: "as asked for", transparency: "drop" };
 * questionLines({ pictures }).length; // 1
 */
export const questionLines = (questions: Questions): string[] => [
  preprocessingText(questions.pictures),
  ...(questions.answerForm ? [`right options are told by ${questions.answerForm}, as all records show`] : []),
  ...questionWarnings(questions),
];
