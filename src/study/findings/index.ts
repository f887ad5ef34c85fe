/** The paper's claims, each decided from the statistics of a run alone. A new finding is one file and one line here. */
import { allOf, holdsOf } from "../../statistics/index.ts";
import type { CellResult, Finding } from "../results.ts";
import { cropsBypassed } from "./f1-crops-bypassed.ts";
import { oracleCropsBringNothing } from "./f2-oracle-crops-bring-nothing.ts";
import { maskedOracleHelps } from "./f3-masked-oracle-helps.ts";
import { tetrisNeedsLatents } from "./f4-tetris-needs-latents.ts";
import { ownLatentsFail } from "./f5-own-latents-fail.ts";
import { counterfactualSteers } from "./f6-counterfactual-steers.ts";
import { bypassIsLearned } from "./f7-bypass-is-learned.ts";
import type { FindingRule, Judged } from "./rule.ts";

export const findingRules = {
  F1: cropsBypassed,
  F2: oracleCropsBringNothing,
  F3: maskedOracleHelps,
  F4: tetrisNeedsLatents,
  F5: ownLatentsFail,
  F6: counterfactualSteers,
  F7: bypassIsLearned,
} as const satisfies Record<string, FindingRule>;

export type FindingId = keyof typeof findingRules;

/** Holds only if it holds for every seed; one seed that refutes it refutes it. */
function acrossSeeds(seeds: readonly ({ seed: number } & Judged)[]): Judged {
  if (seeds.length === 0) return { state: "not run", evidence: "The run has no cells." };
  if (seeds.length === 1) return { state: seeds[0]!.state, evidence: seeds[0]!.evidence };
  const holding = seeds.filter(({ state }) => state === "holds").length;
  const detail = seeds.map(({ seed, evidence }) => `Seed ${seed}: ${evidence}`).join(" ");
  return {
    state: allOf(seeds.map(({ state }) => state)),
    evidence: `Holds for ${holding} of ${seeds.length} seeds. ${detail}`,
  };
}

/**
 * Decides every finding, seed by seed and over all seeds.
 *
 * @param cells - Of all seeds, in any order.
 * @returns One finding per rule, in the order of the registry.
 *
 * @experimental
 * @example
 * findings([])[0]; // { id: "F1", claim: "Crops are bypassed: …", source: "arXiv …", state: "not run", holds: null, evidence: "The run has no cells.", seeds: [] }
 */
export function findings(cells: readonly CellResult[]): Finding[] {
  const seeds = [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b);
  return Object.entries(findingRules).map(([id, { claim, source, judge }]) => {
    const bySeed = seeds.map((seed) => ({ seed, ...judge(cells.filter((cell) => cell.seed === seed)) }));
    return findingOf({ id, claim, source }, acrossSeeds(bySeed), bySeed);
  });
}

/** A finding as `results.json` has it: with `holds` beside its state, for readers of older runs. */
export function findingOf(
  about: Pick<Finding, "id" | "claim" | "source">,
  { state, evidence }: Judged,
  seeds: readonly ({ seed: number } & Judged)[],
): Finding {
  return {
    ...about,
    holds: holdsOf(state),
    state,
    evidence,
    seeds: seeds.map((each) => ({
      seed: each.seed,
      holds: holdsOf(each.state),
      state: each.state,
      evidence: each.evidence,
    })),
  };
}

export type { Judged } from "./rule.ts";
