import { z } from "zod";

const rate = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]);
const count = z.number().int().nonnegative();

const verdicts = ["informative", "redundant", "insufficient", "leaking"] as const;
const informVerdictSchema = z.enum(verdicts);
/** What a dataset's helpers are worth. */
export type InformVerdict = z.infer<typeof informVerdictSchema>;

const readerSchema = z.object({
  accuracy: rate,
  /** Wilson's, 95 %; null where it has no width. */
  interval: interval.nullable(),
  /** What a reader reaches that sees nothing but the answers of the dataset. */
  blind: rate,
});
export type ReaderResult = z.infer<typeof readerSchema>;

/** `inform.json`. Numbers that could not be computed are null; `reasons` say why. */
export const informSchema = z.object({
  lintel: z.string(),
  dataset: z.string(),
  task: z.string(),
  split: z.string(),
  seed: z.number().int(),
  folds: count,
  n: count,
  /** Examples of the split that have no helper, which were passed over. */
  withoutHelper: count,
  chance: rate,
  seconds: z.number(),
  redundancy: z.object({
    /** From which correlation on a helper counts as contained. */
    threshold: z.number(),
    measured: count,
    /** Share of examples all of whose helpers are contained. */
    contained: rate.nullable(),
    interval: interval.nullable(),
    /**
     * Share of examples whose helpers are contained as recolored, blurred or turned copies only, and of those that are
     * turned; null where enough are contained as they are, or a sample showed none.
     */
    transformed: z.object({ contained: rate, turned: rate }).nullable().optional(),
    mean: z.number().nullable(),
    /** 5 %, 25 %, 50 %, 75 %, 95 %. */
    quantiles: z.array(z.number()).nullable(),
    /** Numbers of examples with a correlation of −1 … −0.9, …, 0.9 … 1. */
    histogram: z.array(count).length(20),
    /** How often the place of a contained helper is pointed at without seeing it, and by chance. */
    pointed: rate.nullable(),
    pointedInterval: interval.nullable(),
    pointedByDonor: rate.nullable(),
  }),
  information: z.object({
    /** Cross-entropies of the answer in bits: of the options alone (uniform), without and with the helper. */
    options: z.number(),
    without: z.number(),
    with: z.number(),
    /** without − with. */
    bits: z.number(),
    /** Bootstrap over examples, 95 % and 90 %. */
    interval: interval.nullable(),
    interval90: interval.nullable(),
    /** Less than this counts as nothing. */
    margin: z.number(),
    /** Whether both readers gave the same probabilities, so that this many examples taught neither anything of the helper. */
    ignored: z.boolean().optional(),
  }),
  readers: z.object({
    text: readerSchema,
    image: readerSchema,
    helper: readerSchema,
    helperPlace: readerSchema,
    guess: readerSchema,
    guessPlace: readerSchema,
    helperOptions: readerSchema,
    without: readerSchema,
    with: readerSchema,
  }),
  verdict: informVerdictSchema,
  reasons: z.array(z.string()),
  examples: z.array(
    z.object({
      id: z.string(),
      /** Lowest correlation of its helpers; null for a helper of one color. */
      ncc: z.number().nullable(),
      /** Pointwise V-information of the helper in bits. */
      bits: z.number(),
      /** Probability of the right answer without and with the helper. */
      without: rate,
      with: rate,
    }),
  ),
});
/** What `lintel inform` found. */
export type InformResult = z.infer<typeof informSchema>;
