import { z } from "zod";

const path = z.string().min(1);
/** A regular expression that compiles. */
const pattern = z.string().refine(
  (text) => {
    try {
      new RegExp(text, "g");
      return true;
    } catch {
      return false;
    }
  },
  { error: "expected a regular expression" },
);
const replace = z.array(z.strictObject({ pattern, with: z.string() })).optional();

/** Images: the fields that hold them (bytes or relative paths), a path made of fields, base64, or a part of an image. */
const images = z.union([
  path,
  z.array(path).min(1),
  z.strictObject({ template: z.string() }),
  z.strictObject({
    /** Images as base64 text: one, or a list "['…', '…']". */
    base64: path,
    /** Field by which other records may name this one instead of repeating its image. */
    index: path.optional(),
    /** Paths of image files, for records without base64 text: one, or a list "['…', '…']". */
    path: path.optional(),
  }),
  z.strictObject({
    /** Boxes [x1, y1, x2, y2] in pixels of the first image of `of`. */
    crop: path,
    of: path,
    /** The box is enlarged about its center by this factor. */
    scale: z.number().positive().default(1),
  }),
]);

/** Helpers between pieces of reasoning: a list of steps, each with a text or an image. */
const steps = z.strictObject({ steps: path, text: path, image: path });

/** The right option of a record, or of one of its edits. */
const answer = z.union([
  path,
  z.strictObject({
    field: path,
    /** How the right option is specified: `index` counts from 0, `number` from 1; found out over the whole file if left out. */
    form: z.enum(["letter", "index", "number", "text"]).optional(),
    /** The first group of this, where it is found last, is the answer. */
    pattern: pattern.optional(),
  }),
]);

const options = z.union([
  path,
  /** One field each; empty ones are none. */
  z.strictObject({ fields: z.array(path).min(2) }),
  /** The same for every example. */
  z.strictObject({ values: z.array(z.string()).min(2) }),
  /** They are in the text of a field: "(A) red (B) blue", or "A. red" on lines of their own. */
  z.strictObject({ inText: path }),
  /** Open answers: this many options, the others drawn from the answers of other examples. */
  z.strictObject({ fromAnswers: z.number().int().min(2).max(26) }),
]);

/** Where the fields of an example are in records made elsewhere. */
export const mappingSchema = z.strictObject({
  description: z.string().optional(),
  /** Names of the files that hold records, with `*`; all that can be read if left out. */
  files: z.array(z.string()).optional(),
  /** Path of the list of records within a JSON file that is no list itself. */
  records: path.optional(),
  /** Directory that relative paths of images start from, itself relative to the dataset. */
  root: z.string().default("."),
  /** Taken from the beginning of image paths, where they lead nowhere with it. */
  strip: z.string().optional(),
  id: path.optional(),
  question: z.union([path, z.strictObject({ field: path, replace })]),
  /** Additional text of the question: "Hint: …" before it, as VLMEvalKit asks. */
  hint: path.optional(),
  images,
  /** Records without an image are left out and counted, or asked as they are (and counted). */
  withoutImages: z.enum(["leave-out", "ask"]).default("leave-out"),
  /**
   * What the benchmark's own loader does with transparency before any model sees the image: `drop`, as VLMEvalKit when it
   * writes base64 images to files. `family`: what the family's evaluation does (docs/families.md).
   */
  transparency: z.enum(["family", "drop"]).default("family"),
  /** Paths of this mapping that a file need not have; others that no record has are an error. */
  optional: z.array(path).default([]),
  options,
  answer: z.union([
    ...answer.options,
    /** Any plan that reaches the goal of this map (rows of −1 hole, 0 free, 1 start, 2 goal). */
    z.strictObject({ map: path }),
  ]),
  helpers: z.union([...images.options, steps]).optional(),
  /** What the images show, in words. */
  caption: path.optional(),
  /** What the helpers show, in words. */
  helperText: path.optional(),
  /** Edited versions of the images: a list of records (`of`), and where in each its kind, images and right option are. */
  edits: z.strictObject({ of: path, kind: path, images, answer }).optional(),
  /**
   * What an audit asks: options listed as "A. …" or "(A) …" and answered by letter, VLMEvalKit's whole prompt, or the
   * question unchanged.
   */
  ask: z.enum(["letters", "brackets", "vlmevalkit", "as-is"]).optional(),
  /** Options are listed in random order, because the file has the right one at places that can be guessed. */
  shuffle: z.boolean().default(false),
  /** Questions that count together: those with the same value, or this many in the order of a number from 1 on. */
  group: z.union([path, z.strictObject({ field: path, each: z.number().int().min(2) })]).optional(),
  /** The split that an audit reads where none is named. */
  split: z.string().optional(),
  attributes: z.record(z.string(), path).optional(),
});

/** A field mapping. */
export type Mapping = z.output<typeof mappingSchema>;
export type Steps = z.output<typeof steps>;
