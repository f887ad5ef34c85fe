/** Outcome sets with a known truth, for tests of verdicts, findings and the report. */
import type { ExampleOutcomes, Outcome } from "../../src/audit/index.ts";
import { random } from "../../src/util/index.ts";

export interface Plant {
  n: number;
  seed: number;
  /** True accuracy under each intervention. */
  rates: Record<string, number>;
  /** Chance that an intervention shares the example's luck; 1: examples answered alike wherever the rates are equal. */
  shared: number;
  /** Share of examples in which the model opens a latent block; where it does not, every intervention answers as `own`. */
  opened?: number;
}

/**
 * Answers to four-option questions; wrong ones fall on the next option. Option distributions put 0.7 on the choice.
 */
export function plant({ n, seed, rates, shared, opened = 1 }: Plant): ExampleOutcomes[] {
  const source = random(seed, "planted");
  return Array.from({ length: n }, (_, i) => {
    const answer = source.integer(4);
    const common = source.uniform();
    const opens = source.uniform() < opened;
    const outcomes: Record<string, Outcome> = {};
    for (const [name, rate] of Object.entries(rates)) {
      const luck = source.uniform() < shared ? common : source.uniform();
      const choice = luck < rate ? answer : (answer + 1) % 4;
      outcomes[name] = {
        text: "abcd"[choice]!,
        choice,
        optionLogProbabilities: [0, 1, 2, 3].map((option) => Math.log(option === choice ? 0.7 : 0.1)),
        blocks: opens ? 1 : 0,
        steps: opens ? 1 : 0,
        endings: opens ? ["count"] : [],
      };
    }
    if (!opens) for (const name of Object.keys(outcomes)) outcomes[name] = outcomes.own!;
    return { example: String(i).padStart(6, "0"), answer, options: ["a", "b", "c", "d"], outcomes };
  });
}

/** One rate for every content-free control. */
export function dummies(rate: number): Record<string, number> {
  return { zeros: rate, noise: rate, "noise-matched": rate, mean: rate, "other-own": rate };
}
