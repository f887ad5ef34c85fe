/** Error rates of the relation of geometry and accuracy, by simulation. */
import { expect, test } from "vitest";
import { random } from "../../util/index.ts";
import { runs } from "./frontier.fixture.ts";
import { relation } from "./relations.ts";

test("seeds of one recipe are no independent witnesses: p is uniform where recipes carry no relation", () => {
  let small = 0;
  for (let trial = 0; trial < 16; trial++) {
    const noise = random(trial, "recipes");
    const effect = Array.from({ length: 8 }, () => [noise.normal(), noise.normal()]);
    const cells = runs((r) => ({ own: effect[r]![0]!, cosine: effect[r]![1]! + 0.01 * noise.normal() }), {
      recipes: 8,
      tasks: 1,
      seeds: 6,
    });
    if (relation(cells, "cosine").p! < 0.1) small++;
  }
  // Were all 48 runs permuted freely, about half of the trials would fall below 0.1 (sd 0.38 taken for 0.15).
  expect(small).toBeLessThanOrEqual(5);
});
