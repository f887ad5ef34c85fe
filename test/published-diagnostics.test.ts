/**
 * Lintel's numbers against those that the code of CVRR, WM-VLM and PRISM gives for the same outcomes, latents and states of
 * a pocket checkpoint (test/goldens/published, made by python/lintel_reference/parity/published.py).
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, which the parity check runs with what is built
import { numbersOf } from "../python/lintel_reference/parity/published_numbers.mjs";
import { compare, compareAll, geometry, isRight } from "../src/audit/index.ts";
import { fourWays } from "../src/audit/judge/look-alike.ts";
import { pathInteraction } from "../src/audit/judge/path-interaction.ts";
import { lookAlike, measurePair, prismProbe } from "../src/audit/measurements/index.ts";
import { stratifiedFolds } from "../src/audit/measurements/prism-probe.ts";
import { readSafetensors, toFloat32 } from "../src/formats/index.ts";

type Numbers = Record<string, number>;

const at = (file: string): string => fileURLToPath(new URL(`./goldens/published/${file}`, import.meta.url));
const read = (file: string) => JSON.parse(readFileSync(at(file), "utf8"));
const golden: { numbers: Record<"cvrr" | "wmVlm" | "prism", Numbers>; asStopped: Numbers } =
  read("diagnostics.json");
const records = read("records.json");
const tensors = Object.fromEntries(
  [...(await readSafetensors(at("records.safetensors")))].map(([name, tensor]) => [
    name,
    { shape: tensor.shape, data: toFloat32(tensor) },
  ]),
);
const L = {
  ...{
    compare,
    compareAll,
    geometry,
    isRight,
    fourWays,
    pathInteraction,
    lookAlike,
    measurePair,
    prismProbe,
  },
};
const ours: typeof golden.numbers = numbersOf(L, records, tensors);

test.each(["cvrr", "wmVlm", "prism"] as const)("%s: every number agrees to 1e-6", (diagnostic) => {
  const theirs = golden.numbers[diagnostic];
  expect(Object.keys(ours[diagnostic]).sort()).toEqual(Object.keys(theirs).sort());
  for (const [name, value] of Object.entries(theirs))
    expect(Math.abs(ours[diagnostic][name]! - value), `${name}: ${value}`).toBeLessThanOrEqual(1e-6);
});

test("the numbers are of a model that the diagnostics say something about", () => {
  const { cvrr, wmVlm, prism } = golden.numbers;
  expect(cvrr["visual_rows_restored.matched_swap.mcnemar_holm_p"]).toBeLessThan(0.05);
  expect(wmVlm.latent_top1_is_gold).toBeGreaterThan(0.3);
  expect(wmVlm.latent_top1_is_gold).toBeLessThan(1);
  expect(Math.abs(wmVlm.phi!)).toBeGreaterThan(0.1);
  expect(Math.abs(prism["truncate.delta_vs_clean"]!)).toBeGreaterThan(0.05);
  // Where scikit-learn stops by default the cross-entropy is further from the optimum than Lintel is.
  for (const [name, stopped] of Object.entries(golden.asStopped))
    expect(Math.abs(stopped - prism[name]!), name).toBeLessThan(0.01);
});

test("the folds are scikit-learn's, whatever the labels and their number", () => {
  // StratifiedKFold(3, shuffle=True, random_state=42) of scikit-learn 1.9.1.
  expect(stratifiedFolds([2, 0, 1, 1, 0, 2, 2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1], 3, 42)).toEqual([
    0, 1, 1, 0, 0, 0, 2, 0, 1, 0, 2, 1, 2, 2, 2, 1, 1,
  ]);
});
