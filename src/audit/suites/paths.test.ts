import { describe, expect, it } from "vitest";
import { concludePaths, nulls, pathRates } from "./paths.fixture.ts";

describe("what `paths` concludes", () => {
  const even = { own: 0.9, dummy: 0.9 };
  it.each([
    ["needed regardless", pathRates({ own: 0.9, dummy: 0.4 }, { own: 0.8, dummy: 0.3 })],
    ["bypassed because of the image", pathRates(even, { own: 0.8, dummy: 0.3 })],
    ["bypassed regardless", pathRates(even, { own: 0.25, dummy: 0.25 })],
    ["needed with the image", pathRates({ own: 0.9, dummy: 0.4 }, { own: 0.25, dummy: 0.25 })],
  ])("%s", (name, rates) => {
    expect(concludePaths(200, rates, 1)).toBe(name);
    expect(concludePaths(20, rates, 1)).not.toMatch(
      name === "needed regardless" ? /bypassed/ : /needed regardless/,
    );
  });

  it("is inconclusive where controls differ on one path and nothing is shown on the other", () => {
    const rates = pathRates({ own: 0.9, dummy: 0.87 }, { own: 0.8, dummy: 0.3 });
    expect(concludePaths(100, rates, 1, 0.5)).toBe("inconclusive");
  });

  it("is false rarely (a small simulation; paths.long.test.ts has 2,000 audits of each null)", () => {
    for (const [name, { rates, shared, wrong }] of Object.entries(nulls)) {
      let hits = 0;
      for (let seed = 0; seed < 10; seed++) if (concludePaths(150, rates, seed, shared) === wrong) hits++;
      expect(hits, name).toBeLessThanOrEqual(2);
    }
  }, 240_000);
});
