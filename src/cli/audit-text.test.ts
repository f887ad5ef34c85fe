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

  it("shows what could not be computed as a dash, never as zero", () => {
    const one = plant({ n: 1, seed: 1, rates: { own: 1, oracle: 1 }, shared: 1 });
    const text = auditText(summarize(one, null, { split: "eval" }));
    expect(text).toMatch(/own finds its oracle first among 0: –/);
    expect(text).toMatch(/oracle − own .* – /);
  });
});
