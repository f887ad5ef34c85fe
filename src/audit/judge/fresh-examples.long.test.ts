/** The advice of an audit agrees with a plan. */
import { expect, test } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { sampleSizes } from "./sample-size.ts";
import { summarize } from "./summary.ts";

const rates = { own: 0.5, oracle: 0.5, ...dummies(0.5) };

test("the advice agrees with plan on the same numbers: no audit of 300 says that no number is enough", () => {
  // Two answers differ in being right in 2 · ½ · ½ · (1 − shared²) of examples: 5 % with this.
  const shared = Math.sqrt(0.9);
  const planned = sampleSizes({ discordance: 0.05 }).rows[0]!.all!;
  const advised = Array.from({ length: 15 }, (_, seed) =>
    summarize(plant({ n: 300, seed, rates, shared }), null, { split: "eval" }),
  )
    .filter(({ verdict }) => verdict === "inconclusive")
    .map(({ further, verdictReason }) => {
      expect(verdictReason).toContain("fresh examples, without these");
      return further!;
    })
    .sort((a, b) => a - b);
  expect(planned).toBeGreaterThan(1800);
  expect(advised.length).toBeGreaterThan(9);
  expect(advised).not.toContain(null);
  const median = advised[Math.floor(advised.length / 2)]!;
  expect(median).toBeGreaterThan(planned / 1.7);
  expect(median).toBeLessThan(1.7 * planned);
});
