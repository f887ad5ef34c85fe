/** Controls that were chosen for a time: `budget` of `audit.json`, and `budget.json`. */
import { z } from "zod";

const pricedSchema = z.object({ question: z.string(), seconds: z.number(), bits: z.number() });

/** Which questions of docs/controls.md fit into the time that was given, by the estimate; seconds are estimates. */
export const budgetSchema = z.object({
  minutes: z.number(),
  /** What was requested beside the time: interventions, suites (absent: all), and the definitions of files by name. */
  requested: z.object({
    interventions: z.array(z.string()),
    suites: z.array(z.string()).optional(),
    definitions: z.record(z.string(), z.unknown()),
  }),
  suites: z.array(z.string()),
  interventions: z.array(z.string()),
  verdict: z.number(),
  seconds: z.number(),
  chosen: z.array(pricedSchema),
  left: z.array(pricedSchema),
});
