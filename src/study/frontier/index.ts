/** What a comparison of recipes makes of its cells. */
import type { StudyPlan } from "../plan.ts";
import type { CellResult, Results } from "../results.ts";
import { factorEffects } from "./factors.ts";
import { frontierFindings } from "./findings.ts";
import { leaderboard, type ReadOutcomes } from "./leaderboard.ts";
import { relations } from "./relations.ts";

/** Findings, and what `results.json` holds besides. Null for the plan of another study. */
export async function compareRecipes(
  { frontier }: Pick<StudyPlan, "frontier">,
  cells: readonly CellResult[],
  read: ReadOutcomes,
): Promise<Pick<Results, "findings" | "frontier" | "leaderboard" | "factors" | "relations"> | null> {
  if (!frontier) return null;
  const { reference, equal, bars, design } = frontier;
  const rows = await leaderboard(cells, read, reference);
  const factors = (["own", "oracle"] as const).flatMap((response) => {
    const found = design && factorEffects(cells, design, response);
    return found ? [found] : [];
  });
  return {
    findings: frontierFindings(cells, rows, bars, reference),
    frontier: { reference, equal, bars },
    leaderboard: rows,
    ...(factors.length > 0 && { factors }),
    relations: relations(cells),
  };
}
