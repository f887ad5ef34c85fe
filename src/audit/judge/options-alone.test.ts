/** Verdicts on splits that can be answered without looking, or are answered worse than by guessing. */
import { expect, it } from "vitest";
import { dummies } from "../../../test/support/planted.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import { summarize } from "./summary.ts";

const conditions = ["own", "oracle", ...Object.keys(dummies(0))];

/** Examples in which every condition chooses the same. */
const examples = (
  n: number,
  answer: (i: number) => number,
  choice: (i: number) => number,
  images?: (i: number) => string,
) =>
  Array.from({ length: n }, (_, i): ExampleOutcomes => {
    const outcome = {
      text: "x",
      choice: choice(i),
      optionLogProbabilities: null,
      blocks: 1,
      steps: 1,
      endings: [],
    };
    return {
      example: String(i).padStart(6, "0"),
      answer: answer(i),
      options: ["a", "b", "c", "d"],
      outcomes: Object.fromEntries(conditions.map((name) => [name, outcome])),
      ...(images && { images: images(i) }),
    };
  });
const audit = (given: ExampleOutcomes[]) => summarize(given, null, { split: "eval" });

it("a model that always names one option is no better than that, however often it is right", () => {
  const constant = audit(
    examples(
      1000,
      (i) => (i % 10 === 0 ? 1 : 0),
      () => 0,
    ),
  );
  expect(constant).toMatchObject({ verdict: "bypassed", atChance: true });
  expect(constant.verdictReason).toContain(
    "right in 90.0 % and not shown to beat a reader of the options alone (always position 1, 90.0 %)",
  );
  // The same accuracy with right answers in all positions is above chance.
  const sees = audit(
    examples(
      1000,
      (i) => i % 4,
      (i) => (i % 10 === 0 ? (i + 1) % 4 : i % 4),
    ),
  );
  expect(sees.verdict).toBe("bypassed");
  expect(sees.atChance).toBeUndefined();
});

it("a model that answers worse than by guessing is called nothing: it may be misread", () => {
  const inverted = audit(
    examples(
      1000,
      (i) => i % 4,
      (i) => (i + 1) % 4,
    ),
  );
  expect(inverted).toMatchObject({ verdict: "inconclusive", atChance: true });
  expect(inverted.verdictReason).toMatch(/less often than by guessing \(0\.0 %, chance 25\.0 %\)/);
});

it.each([1, 2])("%d images tell nothing of how many further examples would decide", (count) => {
  const found = audit(
    examples(
      1000,
      (i) => i % 4,
      (i) => (i % 3 === 0 ? 0 : i % 4),
      (i) => `image ${i % count}`,
    ),
  );
  expect(found.verdict).toBe("inconclusive");
  expect(found.further).toBeNull();
  expect(found.verdictReason).toMatch(/McNemar over too few images.*cannot be told from so few images/);
});
