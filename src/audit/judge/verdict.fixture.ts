import { type Plant, plant } from "../../../test/support/planted.ts";
import { compareAll } from "./comparison.ts";
import { type Judgment, judge } from "./verdict.ts";

/** The verdict alone, for simulations. */
export function verdictOf(given: Plant): Judgment {
  const examples = plant(given);
  const names = Object.keys(given.rates);
  const comparisons = compareAll(examples, names, { margin: 0.02, alpha: 0.05 });
  return judge(comparisons, { n: examples.length, opened: examples.length });
}
