/** The format of `results.json`. */
import { z } from "zod";
import { auditSchema } from "../audit/index.ts";
import { states } from "../statistics/index.ts";
import { factorsSchema, frontierResultsSchema, relationSchema, rowSchema } from "./frontier/schema.ts";

export const cellSchema = z.object({
  id: z.string(),
  task: z.string(),
  recipe: z.string(),
  seed: z.number(),
  training: z.object({
    parameters: z.number(),
    steps: z.number(),
    examples: z.number(),
    seconds: z.number(),
    examplesPerSecond: z.number(),
  }),
  audits: z.array(auditSchema),
});

export const findingSchema = z.object({
  id: z.string(),
  claim: z.string(),
  source: z.string(),
  /** true where it holds, false where it is refuted, null otherwise. */
  holds: z.boolean().nullable(),
  /** "not run": the run lacks what the claim is about; `evidence` says what. Absent in runs of older versions. */
  state: z.enum(states).optional(),
  evidence: z.string(),
  /** The same, seed by seed. */
  seeds: z
    .array(
      z.object({
        seed: z.number(),
        holds: z.boolean().nullable(),
        state: z.enum(states).optional(),
        evidence: z.string(),
      }),
    )
    .optional(),
});

export const resultsSchema = z.object({
  lintel: z.string(),
  preset: z.string(),
  status: z.literal("complete"),
  seconds: z.number(),
  environment: z.record(z.string(), z.unknown()),
  cells: z.array(cellSchema),
  findings: z.array(findingSchema),
  /** Digest of the manifest of each part, by its path in the run; null where it has none. */
  parts: z.record(z.string(), z.string().nullable()).optional(),
  /** SHA-256 of these results, `parts` included: one number that names the whole run. */
  digest: z.string().optional(),
  /** Only of comparisons of recipes. */
  frontier: frontierResultsSchema.optional(),
  leaderboard: z.array(rowSchema).optional(),
  factors: z.array(factorsSchema).optional(),
  relations: z.array(relationSchema).optional(),
});

export type CellResult = z.infer<typeof cellSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type Results = z.infer<typeof resultsSchema>;
