/** The paper's claims, each decided from the statistics of a run alone. A new finding is one file and one line here. */
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

/** Holds only if it holds for every seed; one seed that refutes it refutes it; otherwise a seed lacks something. */
function acrossSeeds(seeds: readonly ({ seed: number } & Judged)[]): Judged {
  if (seeds.length === 0) return { holds: null, evidence: "The run has no cells." };
  if (seeds.length === 1) return { holds: seeds[0]!.holds, evidence: seeds[0]!.evidence };
  const holding = seeds.filter(({ holds }) => holds === true).length;
  const refuted = seeds.some(({ holds }) => holds === false);
  const detail = seeds.map(({ seed, evidence }) => `Seed ${seed}: ${evidence}`).join(" ");
  return {
    holds: refuted ? false : holding === seeds.length ? true : null,
    evidence: `Holds for ${holding} of ${seeds.length} seeds. ${detail}`,
  };
}

/**
 * Decides every finding, seed by seed and over all seeds.
 *
 * @param cells - Of all seeds, in any order.
 * @returns One finding per rule, in the order of the registry.
 *
 * @example
 * findings([])[0]; // { id: "F1", claim: "Crops are bypassed: …", source: "arXiv …", holds: null, evidence: "The run has no cells.", seeds: [] }
 */
export function findings(cells: readonly CellResult[]): Finding[] {
  const seeds = [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b);
  return Object.entries(findingRules).map(([id, { claim, source, judge }]) => {
    const bySeed = seeds.map((seed) => ({ seed, ...judge(cells.filter((cell) => cell.seed === seed)) }));
    return { id, claim, source, ...acrossSeeds(bySeed), seeds: bySeed };
  });
}

export type { FindingRule, Judged, Lookup } from "./rule.ts";
export { rule } from "./rule.ts";
