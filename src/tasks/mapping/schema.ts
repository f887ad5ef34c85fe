import { z } from "zod";

const path = z.string().min(1);
const replace = z.array(z.strictObject({ pattern: z.string(), with: z.string() })).optional();

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
  }),
  z.strictObject({
    /** Boxes [x1, y1, x2, y2] in pixels of the first image of `of`. */
    crop: path,
    of: path,
    /** The box is enlarged about its centre by this factor. */
    scale: z.number().positive().default(1),
  }),
]);

/** The right option of a record, or of one of its edits. */
const answer = z.union([
  path,
  z.strictObject({
    field: path,
    /** How the right option is told; found out if left out. */
    form: z.enum(["letter", "index", "text"]).optional(),
    /** The first group of this, where it is found last, is the answer. */
    pattern: z.string().optional(),
  }),
]);

const options = z.union([
  path,
  /** One field each; empty ones are none. */
  z.strictObject({ fields: z.array(path).min(2) }),
  /** The same for every example. */
  z.strictObject({ values: z.array(z.string()).min(2) }),
  /** They stand in the text of a field: "(A) red (B) blue", or "A. red" on lines of their own. */
  z.strictObject({ inText: path }),
  /** Open answers: so many options, the others drawn from the answers of other examples. */
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
  /** Taken from the beginning of image paths. */
  strip: z.string().optional(),
  id: path.optional(),
  question: z.union([path, z.strictObject({ field: path, replace })]),
  images,
  options,
  answer,
  helpers: images.optional(),
  /** What the images show, in words. */
  caption: path.optional(),
  /** Edited versions of the images: a list of records (`of`), and where in each its kind, images and right option are. */
  edits: z.strictObject({ of: path, kind: path, images, answer }).optional(),
  /** What an audit asks: options listed as "A. …" or "(A) …" and answered by letter, or the question as it stands. */
  ask: z.enum(["letters", "brackets", "as-is"]).optional(),
  /** Options are listed in random order, because the file has the right one at places that can be guessed. */
  shuffle: z.boolean().default(false),
  /** Questions that count together: those with the same value, or so many in the order of a number from 1 on. */
  group: z.union([path, z.strictObject({ field: path, each: z.number().int().min(2) })]).optional(),
  /** The split that an audit reads where none is named. */
  split: z.string().optional(),
  attributes: z.record(z.string(), path).optional(),
});

/** A field mapping. */
export type Mapping = z.output<typeof mappingSchema>;
export type ImageSource = Mapping["images"];
