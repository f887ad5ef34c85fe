/** Replacements that propagate: metamorphic tests on a model with two slots, the second made of the first. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDecodeSession } from "../../src/audit/decode/decode-session.ts";
import { auditLoaded } from "../../src/audit/index.ts";
import {
  continueFrom,
  interventionOf,
  type LatentModel,
  loadLatentModel,
} from "../../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";

const examples = knownExamples(16, 1, 0);
let directory: string;
let model: LatentModel;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-propagated-"));
  await saveKnownModel(directory, knownModels.find(({ name }) => name === "reads-latents")!);
  model = await loadLatentModel(directory, { threads: 1 });
}, 120_000);
afterAll(async () => {
  await model.network.release();
  await rm(directory, { recursive: true });
});

it("replaced by what stood there, nothing changes; slots before a replaced one never do", async () => {
  const session = createDecodeSession(model, examples);
  const shared = await session.prefixOf(0);
  const width = model.network.config.text.hiddenSize;
  const own = (
    await continueFrom(
      model,
      shared,
      shared.rows.map(() => [{ kind: "own" }]),
      session.limits,
    )
  ).map(([first]) => first!.latents[0]!);
  const plans = own.map((block) => [
    { kind: "own" as const, put: [{ slot: 0, vector: block.slice(0, width) }] },
    { kind: "own" as const, put: [{ slot: 1, vector: new Float32Array(width) }] },
    { kind: "own" as const, put: [{ slot: 0, vector: new Float32Array(width) }] },
  ]);
  const found = await continueFrom(model, shared, plans, session.limits);
  for (const [b, [same, second, first]] of found.entries()) {
    const far = (a: Float32Array): number => Math.max(...a.map((x, d) => Math.abs(x - own[b]![d]!)));
    expect(far(same!.latents[0]!)).toBeLessThan(1e-5);
    expect(far(second!.latents[0]!.subarray(0, width))).toBeLessThan(1e-5);
    expect([...second!.latents[0]!.subarray(width)].every((x) => x === 0)).toBe(true);
    // The second slot of this model is made of what stood in the first.
    const moved = first!.latents[0]!.subarray(width).map((x, d) => Math.abs(x - own[b]![width + d]!));
    expect(Math.max(...moved)).toBeGreaterThan(0.1);
  }
  await session.release();
}, 120_000);

it("audits: a replaced first slot takes the second with it, a replaced second leaves the first", async () => {
  const found = await auditLoaded(
    model,
    { examples },
    {
      interventions: {
        names: ["own", "propagated(zeros, 1)", "propagated(zeros, 2)", "propagated(oracle, 1)"],
        suites: ["gradient"],
      },
    },
  );
  const accuracy = (name: string) => found.interventions[name]!.accuracy;
  expect(accuracy("own")).toBe(1);
  expect(accuracy("propagated(oracle, 1)")).toBe(1);
  expect(accuracy("propagated(zeros, 2)")).toBe(1);
  expect(accuracy("propagated(zeros, 1)")).toBeLessThan(0.6);
  const { slots, influence, n } = found.suites!.gradient!.results.slotInfluence as {
    slots: number[];
    influence: number[][];
    n: number;
  };
  expect([slots, n]).toEqual([[1, 2], 16]);
  expect(influence[1]![0]).toBeLessThan(1e-5);
  expect(influence[0]![0]).toBeGreaterThan(0.5);
  expect(influence[0]![1]).toBeGreaterThan(0.1);
}, 240_000);

it("names its content and slot, and refuses others", () => {
  expect(interventionOf("propagated(oracle, 2)").name).toBe("propagated(oracle, 2)");
  expect(() => interventionOf("propagated(skip, 1)")).toThrow(/Did you mean|content/);
  expect(() => interventionOf("propagated(zeros, 0)")).toThrow(/at least 1/);
});
