/** Simulated error rates of the conclusions of `paths`: 2,000 audits of the worst null of each. */
import { expect, it } from "vitest";
import { concludePaths, nulls } from "./paths.fixture.ts";

it.each(Object.entries(nulls))(
  "%s is concluded in at most 5 %% of 2,000 audits in which it is false",
  (_, { rates, shared, wrong }) => {
    let hits = 0;
    for (let seed = 0; seed < 2000; seed++) if (concludePaths(150, rates, seed, shared) === wrong) hits++;
    // 5 % and two standard errors of a simulation of this size.
    expect(hits / 2000).toBeLessThanOrEqual(0.06);
  },
  3_600_000,
);
