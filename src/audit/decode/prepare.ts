/** What stands between the request of an audit and its batches. */

import {
  type LatentModel,
  oraclesMissingReason,
  oraclesOf,
  type ResolvedIntervention,
  splitStatistics,
} from "../../reasoning/index.ts";
import { ensure, unknownName } from "../../util/index.ts";
import { ownDistribution } from "../measurements/index.ts";
import { type Latents, ownBlocks } from "../record/latents-file.ts";
import { exportNames } from "../record/lm-eval-samples.ts";
import type { AuditOptions } from "../request/options.ts";
import type { DecodeSession } from "./decode-session.ts";
import { createPlanner, needs } from "./plan-context.ts";
import type { BatchContext } from "./run-batch.ts";

/**
 * The interventions that there is something to replace for: all of them where a latent block was opened, else own
 * latents alone. Errors: "checkpoint" where others were asked for and a model without blocks is not allowed.
 */
export function applicable(
  latents: Latents,
  interventions: readonly ResolvedIntervention[],
  model: string,
  withoutBlocks: NonNullable<AuditOptions["withoutBlocks"]>,
): readonly ResolvedIntervention[] {
  const opened = Array.from(latents.hasOwn).some(Boolean);
  const own = interventions.filter(({ name }) => name === "own");
  if (opened || own.length === interventions.length) return interventions;
  ensure(withoutBlocks === "own", "checkpoint", () => ({
    where: model,
    id: "E_NO_LATENT_BLOCK",
    expected: "a model that opens a latent block",
    got: `none in ${latents.examples.length} examples`,
    attempt:
      "--interventions own, which needs no block, or a prompt in the form that the model was trained on",
  }));
  return own;
}

/** Throws "usage" for exports without a place to write them to. */
export function checkExports({ exports = [], out }: Pick<AuditOptions, "exports" | "out">): void {
  for (const name of exports) {
    if (!exportNames.includes(name))
      throw unknownName("export format", name, exportNames, { where: "--export" });
  }
  ensure(exports.length === 0 || out !== undefined, "usage", () => ({
    where: "--export",
    expected: "a directory to write to",
    got: "none",
    attempt: "--out DIR",
  }));
}

/** Interventions that need an oracle lack more than a helper where the family's oracle cannot be made. */
export const lackingOf = (interventions: readonly ResolvedIntervention[], model: LatentModel) => {
  const lacking = oraclesMissingReason(model);
  return interventions.map((each) =>
    lacking !== undefined && ["oracle", "counterfactual", "crop"].some((what) => needs([each], what))
      ? { ...each, lacking }
      : each,
  );
};

/** What batches are answered with, once own latents are known. */
export async function batchContextOf(
  session: DecodeSession,
  latents: Latents,
  interventions: readonly ResolvedIntervention[],
  seed: number,
): Promise<BatchContext> {
  const { model, examples } = session;
  const own = ownBlocks(latents);
  const oracle: Float32Array[][] = [];
  for (const example of examples) oracle.push(await oraclesOf(model, example));
  const answers = examples.map(({ options, answer }) => options[answer]!);
  const split = splitStatistics(own, oracle, seed, answers, latents.width);
  return {
    session,
    planner: await createPlanner(model, examples, { interventions, split, seed }),
    distribution: ownDistribution(own.flat(), latents.width),
  };
}
