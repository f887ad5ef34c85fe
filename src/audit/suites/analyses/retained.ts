import type { SuiteContext } from "../analysis.ts";
import { shareOf } from "./shared/shares.ts";

/** Share of the gain of own latents over no block that each replacement retains (docs/published-families.md §15.2). */
export const retained = ({ outcomes, planner }: SuiteContext) =>
  Object.fromEntries(
    planner.interventions
      .map(({ name }) => name)
      .filter((name) => name !== "own" && name !== "no-markers")
      .map((name) => [name, shareOf(outcomes, name, "no-markers", "own", planner.seed)]),
  );
