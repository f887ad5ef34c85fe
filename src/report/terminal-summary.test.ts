import { describe, expect, test } from "vitest";
import { PAYLOADS } from "./injection-payloads.fixture.ts";
import type { Results } from "./study-types.ts";
import { summaryText } from "./terminal-summary.ts";

const intervention = (accuracy: number | null) => ({
  accuracy,
  interval: null,
  answered: 1,
  latentRate: 1,
  n: 4,
});
const cloud = { pairwiseCosine: null, effectiveRank: null };
const results: Results = {
  lintel: "0.1.0",
  preset: "tiny",
  status: "complete",
  seconds: 1,
  environment: {},
  cells: [
    {
      id: "tetris/joint/0",
      task: "tetris",
      recipe: "joint",
      seed: 0,
      training: { parameters: 1, steps: 1, examples: 1, seconds: 1, examplesPerSecond: 1 },
      audits: [
        {
          split: "eval",
          n: 4,
          chance: 0.25,
          interventions: {
            own: intervention(0.25),
            oracle: intervention(1),
            zeros: intervention(0.2),
            mean: intervention(0.3),
          },
          comparisons: [],
          geometry: {
            own: cloud,
            oracle: cloud,
            ownOracle: {
              cosine: null,
              mse: null,
              r1: null,
              r5: null,
              r10: null,
              mrr: null,
              usp: null,
              gallery: 0,
            },
          },
          verdict: "starved",
        },
        {
          split: "eval",
          task: "crop",
          n: 4,
          chance: 0.25,
          interventions: { own: intervention(null) },
          comparisons: [],
          geometry: {
            own: cloud,
            oracle: cloud,
            ownOracle: {
              cosine: null,
              mse: null,
              r1: null,
              r5: null,
              r10: null,
              mrr: null,
              usp: null,
              gallery: 0,
            },
          },
          verdict: "inconclusive",
        },
      ],
    },
  ],
  findings: [
    {
      id: "F1",
      claim: "Crops are bypassed: every content-free control is equivalent to own latents.",
      source: "V",
      holds: true,
      evidence: "All five within 2 points.",
    },
    {
      id: "F5",
      claim: "Own latents fail.",
      source: "V",
      holds: false,
      state: "refuted",
      evidence: "They do not.",
      seeds: [
        { seed: 0, holds: true, evidence: "", state: "holds" },
        { seed: 1, holds: null, evidence: "", state: "undecided" },
      ],
    },
    // Written before there were states, when false meant "not shown".
    { id: "F6", claim: "Old.", source: "V", holds: false, evidence: "Not shown." },
  ],
};

describe("summaryText", () => {
  test("findings, then one line per audit", () => {
    expect(summaryText(results, 70)).toBe(
      [
        "Findings",
        "  ✓ F1 holds: Crops are bypassed: every content-free control is",
        "    equivalent to own latents.",
        "      All five within 2 points.",
        "  ✗ F5 refuted: Own latents fail.",
        "      They do not.",
        "      seed 0 ✓  seed 1 ?",
        "  ? F6 undecided: Old.",
        "      Not shown.",
        "",
        "Verdicts",
        "  model           tested on  verdict          own   oracle  control",
        "  tetris/joint/0  eval       starved       25.0 %  100.0 %  30.0 %",
        "  tetris/joint/0  crop eval  inconclusive       —        —  —",
      ].join("\n"),
    );
    // Where there is room, the table has shares of readable answers and names of controls; beyond 100 columns nothing changes.
    expect(summaryText(results, 100).split("\n").slice(-3)).toEqual([
      "  model           tested on  verdict          own  readable   oracle  best control",
      "  tetris/joint/0  eval       starved       25.0 %   100.0 %  100.0 %  30.0 % mean",
      "  tetris/joint/0  crop eval  inconclusive       —   100.0 %        —  —",
    ]);
    expect(summaryText(results, 300)).toBe(summaryText(results, 100));
    expect(summaryText(results, 79)).toContain("100.0 %  30.0 % mean");
  });

  test("a study without claims shows its verdicts alone, with what is at chance", () => {
    const own = structuredClone(results);
    own.findings = [];
    Object.assign(own.cells[0]!.audits[1]!, { verdict: "bypassed", atChance: true });
    expect(summaryText(own).split("\n")[0]).toBe("Verdicts");
    expect(summaryText(own)).toContain("bypassed, at chance");
  });

  test.each([...PAYLOADS, "a\u001b[31mred\u0007\nline\u009b2J"])(
    "data cannot steer the terminal: %j",
    (payload) => {
      const hostile = structuredClone(results);
      hostile.findings[0]!.claim = payload;
      hostile.findings[0]!.evidence = payload;
      hostile.cells[0]!.id = payload;
      hostile.cells[0]!.audits[0]!.split = payload;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these act on a terminal
      expect(summaryText(hostile).replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(summaryText(hostile).split("\n").length).toBeLessThanOrEqual(
        summaryText(results).split("\n").length + 2,
      );
    },
  );
});
