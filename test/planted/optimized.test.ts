/** Optimized latents: they give the right answer to a model that reads them, and nothing to one that does not. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { auditLoaded } from "../../src/audit/index.ts";
import { loadLatentModel } from "../../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";

const interventions = [
  "own",
  "noise-matched",
  "optimized(0)",
  "optimized-noise(0)",
  "optimized(1)",
  "optimized-noise(1)",
  "random-direction(1)",
];

async function accuracies(name: string): Promise<Record<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), "lintel-optimized-"));
  try {
    const known = knownModels.find((each) => each.name === name)!;
    await saveKnownModel(directory, known);
    const examples = knownExamples(40, known.clear, 0, known.helper);
    const model = await loadLatentModel(directory, { threads: 1 });
    const audit = await auditLoaded(model, { examples }, { interventions: { names: interventions } });
    await model.network.release();
    return Object.fromEntries(Object.entries(audit.interventions).map(([key, row]) => [key, row.accuracy!]));
  } finally {
    await rm(directory, { recursive: true });
  }
}

it("a model that reads latents is moved to the right answer, from its own latents and from noise", async () => {
  const found = await accuracies("starved");
  expect(found["optimized(0)"]).toBe(found.own);
  expect(found["optimized(1)"]).toBeGreaterThan(found.own! + 0.3);
  expect(found["optimized-noise(1)"]).toBeGreaterThan(found["noise-matched"]! + 0.3);
  expect(found["optimized-noise(1)"]).toBeGreaterThan(found["optimized-noise(0)"]! + 0.3);
  expect(found["random-direction(1)"]).toBeLessThan(found["optimized(1)"]!);
}, 120_000);

it("a model that cannot see its latents keeps every answer", async () => {
  const found = await accuracies("sees-no-latents");
  for (const [name, accuracy] of Object.entries(found)) expect(accuracy, name).toBe(found.own);
}, 120_000);
