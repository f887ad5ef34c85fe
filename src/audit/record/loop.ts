/** The decoding loop and statistics of its blocks: how many were opened, their lengths and endings. */
import { z } from "zod";
import { type LatentModel, oracleKind } from "../../reasoning/index.ts";
import type { ExampleOutcomes } from "./outcomes.ts";

export const loopSchema = z.object({
  family: z.string(),
  /** The loop, where a family's weights are run with several: "monet-vllm". */
  dialect: z.string(),
  /** Latents per block: how many there are, or at most, or are usual (`bounded` false). */
  k: z.number(),
  bounded: z.boolean(),
  /** Share of examples in which the model opened a block under `own`. */
  latentRate: z.number().nullable(),
  /** Blocks of all examples under `own`, and number of blocks by number of latents. */
  blocks: z.number(),
  steps: z.record(z.string(), z.number()),
  /** Why blocks ended: how many for each reason. */
  endings: z.record(z.string(), z.number()),
  decoding: z.object({
    repetitionPenalty: z.number(),
    maxTokens: z.number(),
    /** What the family's own evaluation samples with; Lintel decodes greedily. */
    sampling: z.string(),
  }),
  /** What the oracle is, where there are several or it is not the family's own, or why there is none. */
  oracle: z.string().optional(),
  /** Of what oracles were made: in how many examples of each kind (docs/families.md). */
  oracles: z.record(z.string(), z.number()).optional(),
});

type Loop = z.infer<typeof loopSchema>;

/**
 * Of what oracles are made: in how many examples of each kind.
 *
 * @example
 * const helpers = [new Uint8Array(1)];
 * oraclesMade({ family: {} }, [{ helpers }, { helpers: [] }]); // { helper: 1, none: 1 }
 */
export function oraclesMade(
  model: Parameters<typeof oracleKind>[0],
  examples: readonly Parameters<typeof oracleKind>[1][],
): Record<string, number> {
  const made: Record<string, number> = {};
  for (const example of examples) {
    const kind = oracleKind(model, example);
    made[kind] = (made[kind] ?? 0) + 1;
  }
  return made;
}

/**
 * The loop of a model, with counts over the `own` outcomes of a split.
 *
 * @example
 * const family = { name: "base", dialect: "base" };
 * const generation = { repetitionPenalty: 1, maxTokens: 64, sampling: "greedy" };
 * loopOf({ family, rules: { k: 1, bounded: true }, generation }, []).latentRate; // null: no example
 */
export function loopOf(
  { family, rules, generation, targets }: Pick<LatentModel, "family" | "rules" | "generation" | "targets">,
  outcomes: readonly Pick<ExampleOutcomes, "outcomes">[],
): Loop {
  const own = outcomes.flatMap((example) => example.outcomes.own ?? []);
  const steps: Record<string, number> = {};
  const endings: Record<string, number> = {};
  let blocks = 0;
  for (const outcome of own) {
    blocks += outcome.blocks;
    const lengths =
      outcome.lengths ?? Array<number>(outcome.blocks).fill(outcome.blocks && outcome.steps / outcome.blocks);
    for (const length of lengths) steps[length] = (steps[length] ?? 0) + 1;
    for (const ending of outcome.endings) endings[ending] = (endings[ending] ?? 0) + 1;
  }
  const oracle = targets?.note ?? family.noOracle ?? family.oracleNote;
  return {
    family: family.name,
    dialect: family.dialect,
    k: rules.k,
    bounded: rules.bounded,
    latentRate: own.length > 0 ? own.filter((outcome) => outcome.blocks > 0).length / own.length : null,
    blocks,
    steps,
    endings,
    decoding: { ...generation },
    ...(oracle !== undefined && { oracle }),
  };
}
