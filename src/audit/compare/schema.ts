/** The result of comparing two audits: `comparison.json`. */
import { z } from "zod";
import { comparisonSchema, geometrySchema, verdictSchema } from "../record/schema.ts";

const interval = z.tuple([z.number(), z.number()]);

/** Accuracies of A and B on the same examples, and the paired difference B − A. */
const pairSchema = comparisonSchema
  .pick({
    difference: true,
    interval: true,
    mcnemarP: true,
    holmP: true,
    equivalent: true,
    equivalenceP: true,
    margin: true,
    n: true,
    agreement: true,
    clusters: true,
    clusteredP: true,
    reasons: true,
  })
  .extend({
    a: z.number().nullable(),
    b: z.number().nullable(),
    /** Right under A and wrong under B, and the reverse. */
    lost: z.number(),
    gained: z.number(),
    /** "B is better", "A is better", "equivalent" or "undecided". */
    state: z.enum(["B is better", "A is better", "equivalent", "undecided"]),
  });

const sideSchema = z.object({
  name: z.string(),
  directory: z.string(),
  n: z.number(),
  verdict: verdictSchema,
  atChance: z.literal(true).optional(),
  /** What its verdict says beside `atChance`, from the interval of own accuracy over all of its examples. */
  chanceNote: z.enum(["at chance", "below chance"]).optional(),
  verdictReason: z.string().optional(),
  geometry: geometrySchema,
});

export const auditComparisonSchema = z.object({
  a: sideSchema,
  b: sideSchema,
  split: z.string(),
  /** Examples that both answered, and those of one alone. */
  shared: z.number(),
  onlyA: z.number(),
  onlyB: z.number(),
  /** What the two audits do not have in common besides the model, in words. */
  notes: z.array(z.string()),
  /** By intervention that both have; Holm's correction over all of them but `own`, which is the question asked first. */
  interventions: z.record(z.string(), pairSchema),
  /**
   * Whether latents carry more in B: by content-free control, how much more B loses without its latents than A,
   * (own − control)_B − (own − control)_A, with a bootstrap interval over examples.
   */
  reliance: z.record(
    z.string(),
    z.object({
      a: z.number(),
      b: z.number(),
      difference: z.number(),
      interval: interval.nullable(),
      n: z.number(),
      reason: z.string().optional(),
    }),
  ),
  /** By attribute and value: accuracy under own latents; Holm's correction over the values of an attribute. */
  slices: z.record(z.string(), z.record(z.string(), pairSchema)),
  /** Ids of examples that flipped under own latents: gained are right in B alone, lost in A alone. */
  flips: z.object({ gained: z.array(z.string()), lost: z.array(z.string()) }),
  /** One sentence: which is better under own latents, and how sure that is. */
  conclusion: z.string(),
});

export type AuditComparison = z.infer<typeof auditComparisonSchema>;
export type ComparedPair = z.infer<typeof pairSchema>;
