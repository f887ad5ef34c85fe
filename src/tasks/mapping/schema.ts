import { z } from "zod";

const path = z.string().min(1);
const replace = z.array(z.strictObject({ pattern: z.string(), with: z.string() })).optional();

/** Images: the fields that hold them (bytes or relative paths), a path made of fields, or a part of another image. */
const images = z.union([
  path,
  z.array(path).min(1),
  z.strictObject({ template: z.string() }),
  z.strictObject({
    /** Boxes [x1, y1, x2, y2] in pixels of the first image of `of`. */
    crop: path,
    of: path,
    /** The box is enlarged about its centre by this factor. */
    scale: z.number().positive().default(1),
  }),
]);

const options = z.union([
  path,
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
  answer: z.union([
    path,
    z.strictObject({
      field: path,
      /** How the right option is told; found out if left out. */
      form: z.enum(["letter", "index", "text"]).optional(),
      /** The first group of this, where it is found last, is the answer. */
      pattern: z.string().optional(),
    }),
  ]),
  helpers: images.optional(),
  attributes: z.record(z.string(), path).optional(),
});

/** A field mapping. */
export type Mapping = z.output<typeof mappingSchema>;
export type ImageSource = Mapping["images"];
