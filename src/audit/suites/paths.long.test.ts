/**
 * Simulated error rates of the conclusions of `paths`: audits of the worst null of each, 500 unless LINTEL_SIMULATIONS says
 * how many (2,000 take 15 minutes of a core; docs/calibration.md).
 */
import { expect, it } from "vitest";
import { concludePaths, nulls } from "./paths.fixture.ts";

const audits = Number(process.env.LINTEL_SIMULATIONS ?? 500);

it.each(Object.entries(nulls))(
  `%s is concluded in at most 5 %% of ${audits} audits in which it is false`,
  (_, { rates, shared, wrong }) => {
    let hits = 0;
    for (let seed = 0; seed < audits; seed++) if (concludePaths(150, rates, seed, shared) === wrong) hits++;
    // 5 % and two standard errors of a simulation of this size.
    expect(hits / audits).toBeLessThanOrEqual(0.05 + 2 * Math.sqrt((0.05 * 0.95) / audits));
  },
  3_600_000,
);
