import { expect, it } from "vitest";
import type { NetworkConfig } from "../../reasoning/index.ts";
import { memoryTotal, PROCESS_BYTES } from "../../util/index.ts";
import { auditMemory } from "./memory-estimate.ts";

const MIB = 2 ** 20;
/** The pocket model of `lintel train joint`, and the prompts of tetris at pocket size. */
const config = {
  text: { layers: 2, kvHeads: 2, headDim: 48, hiddenSize: 96, vocabSize: 65 },
  raw: { num_attention_heads: 2, intermediate_size: 256 },
} as unknown as NetworkConfig;
const pocket = { config, prompt: 30, slots: 1, resident: 0, visual: 7 };
const interventions = (n: number) => Array.from({ length: n }, () => ({})) as { input?: never }[];

it("counts what every part is for", () => {
  const parts = auditMemory({ ...pocket, examples: 100, interventions: interventions(3) as never });
  // Keys and values of two layers, 96 numbers each, in float32.
  const token = 2 * 2 * 96 * 4;
  expect(parts).toEqual({
    process: PROCESS_BYTES,
    weights: 0,
    examples: 100 * (28 + 3 * 2) * 1024,
    images: 100 * 7 * 96 * 4,
    prefixes: 100 * 30 * token + 50 * 30 * token,
    continuations: 50 * 3 * (1 + 2 + 32) * token,
    activations: 50 * 30 * (2 * 256 + 4 * 96 + 2 * 30) * 4,
  });
});

// Highest resident memory of `lintel audit` with these examples under own and zeros (docs/notebook.md), in MiB.
it.each([
  [20, 187],
  [200, 229],
  [1_000, 258],
])("of %i examples is within 10 %% of what was measured", (examples, measured) => {
  const total = memoryTotal(auditMemory({ ...pocket, examples, interventions: interventions(2) as never }));
  expect(Math.abs(total / MIB / measured - 1)).toBeLessThan(0.1);
});

it("keeps no more prefixes in memory than are allowed there", () => {
  const many = auditMemory({ ...pocket, examples: 1e6, interventions: interventions(2) as never });
  expect(many.prefixes! / MIB).toBeLessThan(16 + 3);
  expect(many.images! / MIB).toBe(16);
});
