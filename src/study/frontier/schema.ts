/** What a comparison of recipes adds to `results.json`. Numbers that could not be computed are null with a reason. */
import { z } from "zod";
import { verdictSchema } from "../../audit/index.ts";

const interval = z.tuple([z.number(), z.number()]).nullable();
const reasons = z.record(z.string(), z.string()).optional();

/** A quantity over all seeds, with an interval over seeds and examples, and seed by seed. */
const rate = z.object({
  value: z.number().nullable(),
  interval,
  seeds: z.array(z.number().nullable()),
  reasons,
});

const againstSchema = z.object({
  /**
   * Own accuracy less the reference's on the same examples; mean over seeds. The interval is about further seeds and
   * examples, the p-value about further examples of these very models: with few seeds the first can hold 0 where each
   * seed's test is beyond doubt.
   */
  difference: z.number().nullable(),
  interval,
  seeds: z.array(z.number().nullable()),
  /** The largest of the seeds' exact McNemar p-values; 1 where seeds differ in direction. */
  p: z.number().nullable(),
  /** Corrected over every comparison of the leaderboard. */
  holmP: z.number().nullable(),
  reasons,
});

/** One recipe on one split of one dataset, over all seeds. */
const standingSchema = z.object({
  split: z.string(),
  /** Examples of each seed. */
  n: z.number(),
  chance: z.number(),
  own: rate,
  oracle: rate,
  /** The content-free control that is best over all seeds; the interval is that of its accuracy. */
  dummy: rate.extend({ name: z.string().nullable() }),
  /** (own − best dummy) / (oracle − best dummy). */
  gapClosed: rate,
  /** own / oracle. */
  ofOracle: rate,
  /** Share of readable answers, mean over seeds; null where nothing was asked. */
  answered: z.object({ own: z.number().nullable(), oracle: z.number().nullable() }).optional(),
  /** In the order of the row's seeds. */
  verdicts: z.array(verdictSchema),
  /** Against the reference recipe; null for the reference itself. */
  against: againstSchema.nullable(),
  /** Means over seeds. */
  geometry: z.object({
    r1: z.number().nullable(),
    cosine: z.number().nullable(),
    pairwiseCosine: z.number().nullable(),
    oraclePairwiseCosine: z.number().nullable(),
    reasons,
  }),
});

export const rowSchema = z.object({
  /** Key of the dataset. */
  task: z.string(),
  recipe: z.string(),
  seeds: z.array(z.number()),
  steps: z.number(),
  parameters: z.number(),
  /** Of a training: mean over seeds, and the same over that of the reference. */
  seconds: z.number(),
  secondsRatio: z.number().nullable(),
  splits: z.array(standingSchema),
});

const effectSchema = z.object({
  factor: z.string(),
  from: z.string(),
  to: z.string(),
  effect: z.number().nullable(),
  interval,
  p: z.number().nullable(),
  holmP: z.number().nullable(),
  reason: z.string().optional(),
});

/** Main effects of a designed fraction of combinations on one response. */
export const factorsSchema = z.object({
  response: z.enum(["own", "oracle"]),
  tasks: z.array(z.string()),
  split: z.string(),
  runs: z.array(
    z.object({
      recipe: z.string(),
      levels: z.record(z.string(), z.string()),
      /** Mean over tasks and seeds. */
      value: z.number(),
    }),
  ),
  seeds: z.number(),
  /** Where the error of an effect comes from. */
  error: z.string(),
  degreesOfFreedom: z.number(),
  effects: z.array(effectSchema),
  /** Pairs of factors whose interaction cannot be told from a main effect in this design. */
  aliases: z.array(z.object({ factor: z.string(), interaction: z.string(), correlation: z.number() })),
});

export const relationSchema = z.object({
  measure: z.enum(["cosine", "r1", "pairwiseCosine"]),
  /** Spearman's ρ with own accuracy, ranks within each dataset. */
  rho: z.number().nullable(),
  interval,
  /** By permuting recipes. */
  p: z.number().nullable(),
  runs: z.number(),
  recipes: z.number(),
  tasks: z.number(),
  /** Pairs of recipes on one dataset and seed that differ by `apart` or more in own accuracy, … */
  pairs: z.number(),
  apart: z.number(),
  /** … and the share in which the measure prefers the worse one. */
  misled: z.number().nullable(),
  reasons,
});

export const frontierResultsSchema = z.object({
  reference: z.string(),
  equal: z.enum(["steps", "seconds"]),
  /** Datasets that the claim of a single recipe is about. */
  bars: z.array(z.string()),
});

export type Standing = z.infer<typeof standingSchema>;
export type LeaderboardRow = z.infer<typeof rowSchema>;
export type Factors = z.infer<typeof factorsSchema>;
export type Relation = z.infer<typeof relationSchema>;
export type Rate = z.infer<typeof rate>;
