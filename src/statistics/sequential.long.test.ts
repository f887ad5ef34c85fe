/** Looks proven by simulation: 2,000 null audits of each kind, and what looks save (docs/calibration.md). */
import { expect, it } from "vitest";
import { simulate } from "./sequential.fixture.ts";

it.each([
  ["one control as good as own latents, the others far below", [0.5, 0.1, 0.1, 0.1, 0.1]],
  ["every control as good as own latents", [0.5, 0.5, 0.5, 0.5, 0.5]],
  ["a single comparison", [0.5]],
])(
  "%s: wrong in at most 5 %% of 2,000 audits, with 1, 2, 4 and 8 looks",
  (_, controls) => {
    for (const looks of [1, 2, 4, 8])
      expect(
        simulate({ n: 160, looks, own: 0.5, controls }, 2000).shown,
        `${looks} looks`,
      ).toBeLessThanOrEqual(0.05);
  },
  600_000,
);

it("the saving: at a gain of 20 points four looks use less than two thirds of the examples and lose little power", () => {
  const given = { n: 400, own: 0.7, controls: [0.5, 0.5, 0.5, 0.5, 0.5] };
  const [one, four] = [1, 4].map((looks) => simulate({ ...given, looks }, 500));
  expect(four!.used).toBeLessThan(0.67);
  expect(one!.shown - four!.shown).toBeLessThan(0.03);
}, 600_000);
