/** Where the family's reader and the lenient one differ, an audit says so. */
import { describe, expect, it } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { auditText } from "../../cli/audit-text.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { auditSchema } from "../record/schema.ts";
import { compareReadings, disagreementOf } from "./reader-agreement.ts";
import { summarize } from "./summary.ts";

/** Planted outcomes that are the lenient reading, with another exact one. */
const readAs = (exact: (choice: number) => number | null, seed = 3): ExampleOutcomes[] =>
  plant({ n: 200, seed, rates: { own: 1, oracle: 1, ...dummies(0.3) }, shared: 0.5 }).map((example) => ({
    ...example,
    outcomes: Object.fromEntries(
      Object.entries(example.outcomes).map(([name, outcome]) => [
        name,
        { ...outcome, choice: exact(outcome.choice!), lenient: outcome.choice },
      ]),
    ),
  }));

const options = { split: "eval", reader: { reader: "lantern", benchmark: "blink" } };

describe("an audit of a checkpoint whose letter is always right", () => {
  const audit = summarize(
    readAs(() => 0),
    null,
    options,
  );

  it("does not silently score chance where its reader finds the article instead", () => {
    const { own } = audit.interventions;
    expect(own!.accuracy).toBeCloseTo(0.25, 1);
    expect(own!.lenient!.accuracy).toBe(1);
    expect(own!.disagreement).toMatchObject({ exactOnly: 0, lenientOnly: 0 });
    expect(own!.disagreement!.conflict).toBeCloseTo(0.75, 1);
    expect(audit.readings).toMatchObject({
      reader: "lantern",
      benchmark: "blink",
      verdicts: { exact: audit.verdict, lenient: "load-bearing" },
    });
    expect(audit.verdict).not.toBe("load-bearing");
    expect(audit.readings!.warnings![0]).toMatch(/verdict rests on how replies are read: .* leniently/);
    expect(audit.readings!.warnings!.at(-1)).toMatch(
      /own 2\d\.\d % by the family's reader and 100\.0 % leniently/,
    );
    expect(auditSchema.parse(audit)).toEqual(audit);
  });

  it("says so in the paragraph and in the text", () => {
    expect(audit.readable).toMatch(/Caution, replies were read in two ways: the verdict rests/);
    expect(auditText(audit)).toMatch(/warning: the verdict rests on how replies are read/);
    expect(auditText(audit)).toMatch(/read differently/);
  });
});

describe("readings", () => {
  it("that agree warn of nothing", () => {
    const audit = summarize(
      readAs((choice) => choice),
      null,
      options,
    );
    expect(audit.readings).toEqual({
      reader: "lantern",
      benchmark: "blink",
      verdicts: { exact: "load-bearing", lenient: "load-bearing" },
    });
    expect(auditText(audit)).not.toMatch(/warning|read differently/);
    expect(audit.readable).not.toMatch(/Caution/);
  });

  it("that differ by a reply and within the margin are counted, not warned of", () => {
    let seen = 0;
    const audit = summarize(
      readAs((choice) => (seen++ === 0 ? null : choice)),
      null,
      options,
    );
    const differ = Object.values(audit.interventions).map(({ disagreement }) => disagreement!.differ);
    expect(Math.max(...differ)).toBe(1 / 200);
    expect(audit.readings!.warnings).toBeUndefined();
  });

  it("that turn a comparison name it", () => {
    const outcome = (choice: number, lenient: number): Outcome => ({
      ...{ text: "", optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] },
      ...{ choice, lenient },
    });
    const examples = Array.from({ length: 40 }, (_, i) => ({
      ...{ example: String(i), answer: 0, options: ["A", "B"] },
      outcomes: { own: outcome(i % 2, 0), zeros: outcome(0, i % 2) },
    }));
    expect(summarize(examples, null, options).readings!.warnings!.join("\n")).toMatch(
      /change sides with the reader: zeros − own \+50\.0 points against −50\.0 points/,
    );
  });

  it("of journals of the first version are none", () => {
    const old = plant({ n: 4, seed: 1, rates: { own: 1 }, shared: 1 });
    expect(disagreementOf(old.map(({ outcomes }) => outcomes.own!))).toBeNull();
    expect(compareReadings(old, ["own"], 0.02, () => ({ comparisons: [], verdict: "starved" }))).toBeNull();
    expect(summarize(old, null, options).readings).toBeUndefined();
  });
});
