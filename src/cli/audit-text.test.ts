import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { dummies, plant } from "../../test/support/planted.ts";
import { summarize } from "../audit/index.ts";
import { auditText } from "./audit-text.ts";

const golden = fileURLToPath(new URL("../../test/goldens/cli/audit-result.txt", import.meta.url));

describe("auditText", () => {
  it("is the golden text for a planted audit", async () => {
    const rates = { own: 0.9, oracle: 0.92, ...dummies(0.3) };
    const outcomes = plant({ n: 400, seed: 1, rates, shared: 0.8, opened: 0.95 });
    await expect(`${auditText(summarize(outcomes, null, { split: "eval" }))}\n`).toMatchFileSnapshot(golden);
  });

  it("says which loop ran, how long its blocks were and why they ended", () => {
    const outcomes = plant({ n: 4, seed: 1, rates: { own: 1 }, shared: 1 });
    const loop = {
      ...{ family: "monet", dialect: "monet-vllm", k: 10, bounded: true, latentRate: 1, blocks: 5 },
      ...{ steps: { 3: 1, 10: 4 }, endings: { "sampled-end": 1, count: 4 } },
      decoding: { repetitionPenalty: 1.01, maxTokens: 4096, sampling: "greedy" },
    };
    const audit = summarize(outcomes, null, { split: "eval" });
    expect(auditText({ ...audit, loop }).replaceAll(/\s+/g, " ")).toContain(
      "monet-vllm loop: 5 blocks, at most 10 latents each, with 10 (4 blocks), 3 (1 blocks); ended at the length limit (4), the model's end marker (1); repetition penalty 1.01, at most 4096 new tokens",
    );
    expect(auditText({ ...audit, loop: { ...loop, bounded: false, blocks: 0 } })).toContain(
      "0 blocks, no limit of latents",
    );
  });

  it("shows what could not be computed as a dash, never as zero", () => {
    const one = plant({ n: 1, seed: 1, rates: { own: 1, oracle: 1 }, shared: 1 });
    const text = auditText(summarize(one, null, { split: "eval" }));
    expect(text).toMatch(/retrieval@1, own → oracle \(gallery 0\): –/);
    expect(text).toMatch(/oracle − own .* – /);
  });
});
