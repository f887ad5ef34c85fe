import { describe, expect, it } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { random } from "../../util/index.ts";
import { summarize, summarizeSplit } from "../judge/summary.ts";
import type { ExampleOutcomes, Outcome } from "./outcomes.ts";
import { outcomesInColumns } from "./split-outcomes.ts";

const r = random(0, "columns");
/** Planted outcomes with all that a journal may hold: doses, unreadable and lenient readings, markers of equal slots. */
const outcomes = plant({
  n: 240,
  seed: 3,
  rates: { own: 0.6, oracle: 0.9, ...dummies(0.3) },
  shared: 0.5,
}).map((example, i): ExampleOutcomes => {
  const changed = (name: string, outcome: Outcome): Outcome => {
    const unread = r.uniform() < 0.2;
    return {
      ...outcome,
      text: unread ? `words ${r.integer(3)}` : outcome.text,
      choice: unread ? null : outcome.choice,
      lenient: r.uniform() < 0.1 ? null : r.integer(example.options.length),
      optionLogProbabilities: r.uniform() < 0.1 ? null : example.options.map(() => -r.uniform() - 0.1),
      finish: r.uniform() < 0.1 ? "length" : "eos",
      ...(r.uniform() < 0.9 && {
        dose: {
          norm: r.uniform(),
          distance: r.uniform(),
          cosine: name === "zeros" ? null : r.uniform(),
          mahalanobis: r.uniform(),
          ...(name === "zeros" && { reason: "a vector of zeros has no direction" }),
        },
      }),
      ...(name === "noise" && r.uniform() < 0.3 && { same: ["own" as const] }),
      ...(name === "mean" && r.uniform() < 0.5 && { looks: { option: r.integer(4), margin: r.uniform() } }),
      ...(name === "oracle" && r.uniform() < 0.5 && { target: r.integer(example.options.length) }),
    };
  };
  const kept = Object.entries(example.outcomes).filter(([name]) => name !== "oracle" || i % 7 > 0);
  return {
    ...example,
    outcomes: Object.fromEntries(kept.map(([name, outcome]) => [name, changed(name, outcome)])),
  };
});

const parts: Record<string, (example: ExampleOutcomes, i: number) => ExampleOutcomes> = {
  "each of its own": (example) => example,
  "with images of which some are shared": (example, i) => ({ ...example, images: `image ${i % 200}` }),
  "in groups": (example, i) => ({ ...example, group: String(Math.floor(i / 2)) }),
  "with a chance of their own": (example, i) => (i % 2 ? { ...example, chance: 1 / 3 } : example),
};

describe("columns say of outcomes what the outcomes say, to the bit", () => {
  const columnsOf = (all: readonly ExampleOutcomes[], unordered: boolean) => {
    const columns = outcomesInColumns({ unordered });
    for (const each of all) expect(columns.add(each)).toBe(true);
    return columns;
  };
  it.each(Object.keys(parts))("%s", (name) => {
    const all = outcomes.map(parts[name]!);
    const said = summarize(all, null, { split: "eval" });
    const ordered = [...all].sort((a, b) => (a.example < b.example ? -1 : 1));
    const names = [...columnsOf(all, true).names];
    expect(names).toEqual([...new Set(all.flatMap((each) => Object.keys(each.outcomes)))]);
    expect(summarizeSplit(columnsOf(ordered, false).split("eval"), null, { split: "eval" })).toEqual(said);
    const shuffled = random(1, name).shuffled(all);
    expect(summarizeSplit(columnsOf(shuffled, true).split("eval"), null, { split: "eval" })).toEqual(said);
  });

  it("where they come in order, and are to come again where they do not", () => {
    const columns = outcomesInColumns();
    expect(["1", "2", "1"].map((example) => columns.add({ ...outcomes[0]!, example }))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("where an example comes twice, or names an option that it does not have", () => {
    expect(() => columnsOf([outcomes[0]!, outcomes[0]!], true).split("eval")).toThrow(/one line, got two/);
    expect(() => columnsOf([{ ...outcomes[0]!, answer: 9 }], true).split("eval")).toThrow(/option 9/);
    expect(() => columnsOf([], true).split("eval")).toThrow(/at least one example, got none/);
  });
});
