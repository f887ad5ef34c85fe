/**
 * The result of an audit of one model on one split: `audit.json`, and the `audits` entries of `results.json`. Numbers that could not be
 * computed are null with a reason, never 0.
 */
import { z } from "zod";
import { budgetSchema } from "./budget-schema.ts";
import { loopSchema } from "./loop.ts";
import { questionReportSchema } from "./question-report.ts";

/** Of a whole. */
const share = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]);
/** Keys of numbers that are null → why. */
const reasons = z.record(z.string(), z.string()).optional();

/** Of one intervention: shares of its replies. */
const disagreementSchema = z.object({
  /** Replies that the two readers read otherwise: the sum of the following three. */
  differ: z.number(),
  /** Both name an option, and not the same. */
  conflict: z.number(),
  /** Only the family's own reader names one; only the lenient one does. */
  exactOnly: z.number(),
  lenientOnly: z.number(),
});

const readingsSchema = z.object({
  /** The family's reader, by its name in docs/families.md, and the benchmark that it was chosen for. */
  reader: z.string().optional(),
  benchmark: z.string().optional(),
  /** The verdict by either; the audit's own is `exact`. */
  verdicts: z.object({ exact: z.string(), lenient: z.string() }),
  /** In sentences: where the difference could change the verdict. */
  warnings: z.array(z.string()).optional(),
});

/** Means over the examples in which it could be computed. */
const doseSchema = z.object({
  /** L2 norm of a slot. */
  norm: z.number().nullable(),
  /** L2 distance and cosine to the example's own latent in the slot. */
  distance: z.number().nullable(),
  cosine: z.number().nullable(),
  /** Mahalanobis distance to the own latents of the split (shrunk covariance). */
  mahalanobis: z.number().nullable(),
  /** Examples behind the numbers: those that have all of them. */
  n: z.number(),
  reasons,
});

/** Shares of right and of readable answers; `interval` as for `accuracy` (mid-p, for clusters), `wilson` as papers have it. */
const scoreSchema = z.object({
  accuracy: share.nullable(),
  interval: interval.nullable(),
  wilson: interval.nullable(),
  answered: share.nullable(),
  reason: z.string().optional(),
});

/** Attribute → value → intervention → scores. */
const slicesSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        n: z.number(),
        accuracy: share,
        wilson: interval.nullable(),
        lenient: z.number().optional(),
      }),
    ),
  ),
);

const interventionSchema = z.object({
  accuracy: share.nullable(),
  interval: interval.nullable(),
  /** Share of examples with a parsable answer. */
  answered: share.nullable(),
  /** Share of examples in which the model opened a latent block. */
  latentRate: share.nullable(),
  /** Examples behind the numbers (counterfactual: those that have one). */
  n: z.number(),
  /** Only where several examples share their images: how many different ones there are; the interval allows for it. */
  clusters: z.number().optional(),
  /** Only `counterfactual`: share of examples that move to the option the block stands for. */
  following: z.number().nullable().optional(),
  followingInterval: interval.nullable().optional(),
  /** Exact one-sided binomial test of following against chance. */
  followingP: z.number().nullable().optional(),
  /** That chance: how often a reader of the options alone would seem to follow. */
  followingChance: z.number().optional(),
  /** Wilson's interval of `accuracy`, which papers print; it allows for no clusters. */
  wilson: interval.nullable().optional(),
  /** The same answers by lenient scoring: a letter or an option's text anywhere (docs/benchmarks.md). */
  lenient: scoreSchema.optional(),
  /** Shares of replies that the family's own reader and the lenient one read otherwise. */
  disagreement: disagreementSchema.optional(),
  /** Only where examples count in groups: the share of groups of which all are right, exactly and leniently scored. */
  groups: scoreSchema.extend({ n: z.number(), lenient: scoreSchema.optional() }).optional(),
  /** Share of answers that ended at the maximum number of new tokens. */
  truncated: z.number().nullable().optional(),
  /** How far what stood in the slots was from own latents: means over examples. */
  dose: doseSchema.optional(),
  reasons,
});

export const comparisonSchema = z.object({
  intervention: z.string(),
  reference: z.string(),
  /** accuracy(intervention) − accuracy(reference), paired by example. */
  difference: z.number().nullable(),
  interval: interval.nullable(),
  mcnemarP: z.number().nullable(),
  holmP: z.number().nullable(),
  /** Two one-sided tests against ±margin. */
  equivalent: z.boolean().nullable(),
  /** The larger of the two one-sided p-values. */
  equivalenceP: z.number().nullable().optional(),
  margin: z.number(),
  n: z.number(),
  /** Right under the reference and wrong under the intervention, and the reverse. */
  rightToWrong: z.number(),
  wrongToRight: z.number(),
  /** Only where in every example the same vectors stand in the slots under both: nothing is tested, and p-values are null. */
  identical: z.literal(true).optional(),
  /** Only where several examples share their images: how many different ones there are, … */
  clusters: z.number().optional(),
  /** … by how much the variance of the difference grows for it, … */
  designEffect: z.number().nullable().optional(),
  /** … and the score test's p-value that allows for it. Interval and equivalence allow for it too. */
  clusteredP: z.number().nullable().optional(),
  /** Share of examples with the same answer under both. */
  agreement: z.number().nullable().optional(),
  /** Mean Kullback–Leibler divergence (nats) and total variation of the option distributions. */
  kl: z.number().nullable().optional(),
  totalVariation: z.number().nullable().optional(),
  reasons,
});

/** By name of a slice: its examples in the audit, those that the audit does not have, and the same numbers as of all. */
const namedSlicesSchema = z.record(
  z.string(),
  z.object({
    n: z.number(),
    missing: z.number(),
    interventions: z.record(z.string(), z.object({ n: z.number(), accuracy: share })),
    comparisons: z.array(comparisonSchema),
  }),
);

const cloudSchema = z.object({
  pairwiseCosine: z.number().nullable(),
  effectiveRank: z.number().nullable(),
  participationRatio: z.number().nullable().optional(),
  /** Mean pairwise cosine after subtracting the common mean. */
  centeredPairwiseCosine: z.number().nullable().optional(),
  n: z.number().optional(),
  reasons,
});

const geometryFields = {
  own: cloudSchema,
  oracle: cloudSchema,
  ownOracle: z.object({
    cosine: z.number().nullable(),
    mse: z.number().nullable(),
    r1: z.number().nullable(),
    r5: z.number().nullable(),
    r10: z.number().nullable(),
    mrr: z.number().nullable(),
    meanRank: z.number().nullable().optional(),
    usp: z.number().nullable(),
    cka: z.number().nullable().optional(),
    /** Share of oracle variance explained by own latents. */
    r2: z.number().nullable().optional(),
    /** Number of different oracles in the retrieval gallery. */
    gallery: z.number(),
    /** Examples that searched it: those whose oracle is in it. */
    queries: z.number().optional(),
    /** Examples with both an own and an oracle latent. */
    n: z.number().optional(),
    reasons,
  }),
};

/** Cosines of many pairs: mean, and 5th and 95th percentile over the pairs. */
const referenceSchema = z.object({
  cosine: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  pairs: z.number(),
  reason: z.string().optional(),
});

/** Of the mean latent over slots; slot by slot in `slots` where there is more than one. */
export const geometrySchema = z.object({
  ...geometryFields,
  /** What a cosine to the oracle is read beside, by name (docs/results.md). */
  references: z.record(z.string(), referenceSchema).optional(),
  slots: z.array(z.object(geometryFields)).optional(),
});

export const verdictSchema = z.enum(["load-bearing", "starved", "bypassed", "inconclusive", "no-latents"]);

/** How much of the way from the best in-distribution dummy to the oracle own latents close. */
const gapSchema = z.object({
  closed: z.number(),
  /** 95 %; an end that is not bounded is null. */
  interval: z.tuple([z.number().nullable(), z.number().nullable()]),
  dummy: z.string(),
  /** One-sided p-value of "at most `share` of the way", which is what "starved" says. */
  share: z.number(),
  p: z.number(),
  n: z.number(),
});

/** A model trained on the same data without latents, on the same examples; `difference` is own latents minus text baseline. */
const textBaselineSchema = z.object({
  model: z.string(),
  n: z.number(),
  accuracy: share.nullable(),
  accuracyInterval: interval.nullable(),
  answered: share.nullable(),
  /** Share of examples in which it opened a latent block: 0 for a model without latents. */
  latentRate: share.nullable(),
  difference: z.number().nullable(),
  interval: interval.nullable(),
  /** Of no difference: exact McNemar's. */
  p: z.number().nullable(),
  equivalent: z.boolean().nullable(),
  equivalenceP: z.number().nullable(),
  margin: z.number(),
  reasons,
});

/** One suite: what it ran, and its results by name; each says itself what could not be computed and why. */
const suiteSchema = z.object({
  title: z.string(),
  source: z.string(),
  interventions: z.array(z.string()),
  /** What follows, in the suite's own words (docs/interventions.md), or "inconclusive"; and the figures it rests on. */
  conclusion: z.string().optional(),
  /** The conclusion in words. */
  meaning: z.string().optional(),
  conclusionReason: z.string().optional(),
  results: z.record(z.string(), z.record(z.string(), z.unknown())),
});

export const auditSchema = z.object({
  split: z.string(),
  /** The dataset the split belongs to, where it is not the cell's own task (a model tested on another task). */
  task: z.string().optional(),
  n: z.number(),
  /** One over the number of options, mean over examples. */
  chance: z.number(),
  /**
   * Share that the best reader of the options alone gets, who sees neither question nor input: by what they give away (of
   * four shapes the odd one is out), or by always naming the position that is right most often, where that is shown to be
   * right more often than others. Never below `chance`; a model that is no better has used neither.
   */
  optionsOnly: z.object({ rate: z.number(), reader: z.string() }).optional(),
  /** How often each option, by its position, is the right one, and the χ² test that this is as even as it can be. */
  balance: z
    .object({
      counts: z.array(z.number()),
      p: z.number().nullable(),
      reason: z.string().optional(),
      /**
       * Share of examples whose right position is that of the example before (by id), and what it would be in random
       * order. Far from each other they help a reader who sees several questions at once; a model that is asked one by one
       * sees none of it.
       */
      repeats: z.object({ share: z.number(), expected: z.number() }).optional(),
    })
    .optional(),
  interventions: z.record(z.string(), interventionSchema),
  comparisons: z.array(comparisonSchema),
  geometry: geometrySchema,
  verdict: verdictSchema,
  /** Own latents are not shown to be right more often than guessing; the verdict is called "…, at chance" or "…, below chance" then. */
  atChance: z.literal(true).optional(),
  /** Content dummies that the verdict does not rest on, because they break the answer: how that shows. */
  broken: z.record(z.string(), z.string()).optional(),
  /** Only where the oracle beats every content-free control. */
  gap: gapSchema.optional(),
  /**
   * Where the options have helpers of their own: which option a block looks like, and whether the answer is that one, as
   * counts of examples; by intervention.
   */
  lookAlike: z
    .record(
      z.string(),
      z.object({
        n: z.number(),
        rightFollowed: z.number(),
        rightNot: z.number(),
        wrongFollowed: z.number(),
        wrongNot: z.number(),
        /** 95 % intervals of the shares of right latents, and of answers that follow. */
        rightInterval: interval.nullable(),
        followedInterval: interval.nullable(),
        /** Mean difference of the cosines to the nearest option and to the next. */
        margin: z.number(),
        /** By the plain cosine of whole blocks, as WM-VLM publishes it; φ is between finding the right option and answering it. */
        flat: z
          .object({
            n: z.number(),
            found: z.number(),
            followed: z.number(),
            margin: z.number(),
            rightIfFound: z.number().nullable(),
            rightIfMissed: z.number().nullable(),
            phi: z.number().nullable(),
          })
          .optional(),
      }),
    )
    .optional(),
  /** One sentence: why this verdict; for "inconclusive", how many more examples would decide it. */
  verdictReason: z.string().optional(),
  /**
   * Only "inconclusive": fresh examples that would decide it at 80 % power in an audit of their own (without the examples
   * of this one); null where no number would.
   */
  further: z.number().nullable().optional(),
  /** How replies were read, and where the lenient reading would say something else. */
  readings: readingsSchema.optional(),
  /** Only where it was said that these examples were used before: the number of this look, and the level of its tests. */
  look: z.number().optional(),
  /** Only where they were planned before the first: how many looks there are. */
  looks: z.number().optional(),
  level: z.number().optional(),
  /** The verdict as a paper would print it; `verdict.md`, `table.md` and `table.tex` stand beside `audit.json`. */
  readable: z.string().optional(),
  /** Directory of the audit, relative to the run. */
  directory: z.string().optional(),
  /** What the weights were rounded to; absent where they were as they are stored. */
  weights: z.enum(["float32", "int8", "int4"]).optional(),
  /** Of a benchmark: by which mapping it was read, and the seed of the order of its options (null: as in the file). */
  benchmark: z
    .object({
      mapping: z.string(),
      optionSeed: z.number().nullable(),
      /** Only where it is so: the regions that helpers were cut out of are black in the input. */
      corrupted: z.literal(true).optional(),
    })
    .optional(),
  /** How questions were asked: bounds of images, transparency, and what of the records is not in them. */
  questions: questionReportSchema.optional(),
  /** Of a benchmark: scores by attribute (subtask, category), value and intervention. */
  slices: slicesSchema.optional(),
  /** Only with `--slice`: accuracies and paired differences on lists of examples. */
  namedSlices: namedSlicesSchema.optional(),
  /** Unusable examples and the reasons; they are counted nowhere else. */
  skipped: z.array(z.object({ example: z.string(), reason: z.string() })).optional(),
  /** Files written for other tools beside `audit.json`. */
  exported: z.array(z.string()).optional(),
  /** Requested interventions that did not apply to some examples: their number and the reason. */
  notApplied: z.record(z.string(), z.object({ n: z.number(), reason: z.string() })).optional(),
  /** Examples whose own latents hold numbers that are not finite: they count as having none in what is made of the split. */
  notFinite: z.number().optional(),
  /** Which loop ran, how its blocks ended, and how the model decoded. */
  loop: loopSchema.optional(),
  /** Only where the model ran elsewhere: with what, and what the engine said (batches that were halved). */
  engine: z
    .object({
      engine: z.literal("torch"),
      dtype: z.string(),
      attention: z.string(),
      devices: z.array(z.string()).readonly(),
      deviceName: z.string(),
      versions: z.record(z.string(), z.string()).readonly(),
      notes: z.array(z.string()).readonly(),
    })
    .optional(),
  /** Only with `--budget`. */
  budget: budgetSchema.optional(),
  /** Only with a text baseline. */
  textBaseline: textBaselineSchema.optional(),
  /** What suites were run, and what they report beyond the fields above. */
  suites: z.record(z.string(), suiteSchema).optional(),
});

export type Disagreement = z.infer<typeof disagreementSchema>;
export type Readings = z.infer<typeof readingsSchema>;
export type Slices = z.infer<typeof slicesSchema>;
export type NamedSlices = z.infer<typeof namedSlicesSchema>;
export type Score = z.infer<typeof scoreSchema>;
export type DoseResult = z.infer<typeof doseSchema>;
export type TextBaselineResult = z.infer<typeof textBaselineSchema>;
export type SuiteResult = z.infer<typeof suiteSchema>;
export type InterventionResult = z.infer<typeof interventionSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
export type Geometry = z.infer<typeof geometrySchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type AuditResult = z.infer<typeof auditSchema>;
