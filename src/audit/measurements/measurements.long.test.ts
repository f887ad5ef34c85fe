import { expect, test } from "vitest";
import { matrix } from "../../numeric/index.ts";
import { random } from "../../util/index.ts";
import { measureCloud, measurePair } from "./index.ts";

test("a few thousand rows and columns stay affordable", () => {
  const source = random(9, "large");
  const x = matrix(
    Float32Array.from({ length: 1200 * 1300 }, () => source.normal()),
    1200,
    1300,
  );
  const { values } = measureCloud(x);
  // 512 rows of 1,300 directions: σ within (√1300 ± √512) of each other, so nearly all 511 count.
  expect(values.effectiveRank).toBeGreaterThan(450);
  expect(values.effectiveRank).toBeLessThan(511);
  expect(measurePair(x, x).values).toMatchObject({ usp: 0, cka: expect.closeTo(1, 10) });
});
