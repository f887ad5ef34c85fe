/** The context of batches: decode session, planner of interventions, distribution of own latents. */

import { arrayPool } from "../../numeric/index.ts";
import {
  type LatentModel,
  oraclesMissingReason,
  oraclesOf,
  type ResolvedIntervention,
  rightAnswer,
  splitStatistics,
} from "../../reasoning/index.ts";
import type { Measured } from "../../statistics/index.ts";
import { type OwnDistribution, ownDistribution } from "../measurements/index.ts";
import { type Latents, oracleRows, ownBlocks } from "../record/latents-file.ts";
import type { DecodeSession } from "./decode-session.ts";
import { createPlanner, needs, type Planner } from "./plan-context.ts";

export interface BatchContext {
  session: DecodeSession;
  planner: Planner;
  distribution: Measured<OwnDistribution>;
}

/** The interventions with the reason that oracles are missing, for those that need one. */
export function withMissingOracles(
  interventions: readonly ResolvedIntervention[],
  model: LatentModel,
): readonly ResolvedIntervention[] {
  const lacking = oraclesMissingReason(model);
  if (lacking === undefined) return interventions;
  return interventions.map((each) =>
    ["oracle", "counterfactual", "crop"].some((what) => needs([each], what)) ? { ...each, lacking } : each,
  );
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
const equalBits = (a: Float32Array, b: Float32Array): boolean => bytesOf(a).equals(bytesOf(b));

export async function createBatchContext(
  session: DecodeSession,
  latents: Latents,
  interventions: readonly ResolvedIntervention[],
  seed: number,
): Promise<BatchContext> {
  const { model, examples } = session;
  const own = ownBlocks(latents);
  const recorded = oracleRows(latents);
  const copy = arrayPool<Float32Array>(Float32Array);
  const oracle: Float32Array[][] = [];
  for (const [i, example] of examples.entries()) {
    const blocks = await oraclesOf(model, example);
    oracle.push(
      blocks.map((block, b) => (b === 0 && equalBits(block, recorded(i)) ? recorded(i) : copy(block))),
    );
  }
  const asMany = model.rules.apart !== undefined;
  const split = splitStatistics(
    own,
    oracle,
    seed,
    examples.map(rightAnswer),
    latents.width,
    examples,
    asMany,
  );
  return {
    session,
    planner: await createPlanner(model, examples, { interventions, split, seed }),
    distribution: ownDistribution(own.flat(), latents.width),
  };
}
