/** How questions were presented to the model: image bounds, transparency, unused fields of the records. */
import { z } from "zod";
import { type LatentModel, preprocessingText } from "../../reasoning/index.ts";

const bounds = z.object({ minPixels: z.number(), maxPixels: z.number() });
const counted = z.object({ images: z.number(), examples: z.number() });

/** A number of images and of the examples that contain them. */
export type ImageCount = z.infer<typeof counted>;

export const questionReportSchema = z.object({
  /** Bounds of images in pixels, whose they are, and what becomes of transparency (docs/families.md). */
  pictures: z.object({
    bounds: bounds.optional(),
    /** The resize of qwen_vl_utils before the image processor's own. */
    first: bounds
      .extend({ factor: z.number(), sides: z.tuple([z.number(), z.number()]).readonly().optional() })
      .optional(),
    /** "processor": the checkpoint's own image processor decides, within no bounds. */
    from: z.enum(["family", "checkpoint", "options", "processor"]),
    checkpoint: bounds.optional(),
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

export type QuestionReport = z.infer<typeof questionReportSchema>;

/** What reading by a mapping found out. */
export type MappedReading = Pick<QuestionReport, "unused" | "notes" | "answerForm">;

/**
 * The record of how questions were asked; counts of nothing are left out.
 *
 * @example
 * const none = { images: 0, examples: 0 };
 * questionReport({ pictures: {} }, { transparent: none, approximate: none }, { unused: ["hint"] }).unused; // ["hint"]
 */
export function questionReport(
  { pictures }: Pick<LatentModel, "pictures">,
  { transparent, approximate }: { transparent: ImageCount; approximate: ImageCount },
  { unused = [], notes = [], answerForm }: MappedReading = {},
): QuestionReport {
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
}: QuestionReport): string[] {
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
export const questionLines = (questions: QuestionReport): string[] => [
  preprocessingText(questions.pictures),
  ...(questions.answerForm ? [`right options are given as ${questions.answerForm} in all records`] : []),
  ...questionWarnings(questions),
];
