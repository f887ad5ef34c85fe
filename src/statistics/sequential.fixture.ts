import { random } from "../util/index.ts";
import { mcnemar } from "./mcnemar.ts";
import { evenLooks, lookLevels } from "./sequential.ts";

interface Sequence {
  /** Examples of the last look. */
  n: number;
  looks: number;
  /** Accuracy of own latents and of each of five controls. */
  own: number;
  controls: readonly number[];
}

/** One audit in looks: own latents beat every control by exact McNemar tests. `at`: the look that stopped it, or the last. */
function inLooks({ n, looks, own, controls }: Sequence, seed: number): { shown: boolean; at: number } {
  const r = random(seed, "looks");
  const levels = lookLevels(evenLooks(looks));
  const counts = controls.map(() => [0, 0] as [number, number]);
  let done = 0;
  for (const [look, level] of levels.entries()) {
    for (; done < Math.round((n * (look + 1)) / looks); done++) {
      const common = r.uniform();
      const luck = (): number => (r.uniform() < 0.5 ? common : r.uniform());
      const mine = luck() < own;
      for (const [i, rate] of controls.entries()) {
        const theirs = luck() < rate;
        if (mine && !theirs) counts[i]![0]++;
        if (!mine && theirs) counts[i]![1]++;
      }
    }
    if (counts.every(([win, loss]) => win > loss && mcnemar(win, loss).p < level))
      return { shown: true, at: look + 1 };
  }
  return { shown: false, at: looks };
}

/** Share of audits that show it, and the mean share of the examples that they used. */
export function simulate(given: Sequence, audits: number): { shown: number; used: number } {
  let [shown, used] = [0, 0];
  for (let seed = 0; seed < audits; seed++) {
    const found = inLooks(given, seed);
    shown += Number(found.shown) / audits;
    used += found.at / given.looks / audits;
  }
  return { shown, used };
}
