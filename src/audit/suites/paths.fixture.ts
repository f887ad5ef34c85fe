import { plant } from "../../../test/support/planted.ts";
import { inDistribution } from "../judge/guards.ts";
import { evidenceOf } from "./evidence.ts";
import { suiteOf } from "./index.ts";

/** Rates of own latents and every in-distribution control on the two paths that decide. */
export const pathRates = (
  visible: Record<string, number>,
  unseen: Record<string, number>,
): Record<string, number> => ({
  own: visible.own!,
  ...Object.fromEntries(
    Object.entries({ visible, unseen }).flatMap(([path, { own, dummy, one = dummy }]) => [
      [`own@${path}`, own!],
      ...inDistribution.map((name): [string, number] => [`${name}@${path}`, name === "mean" ? one! : dummy!]),
    ]),
  ),
});

/** What `paths` concludes of planted outcomes. */
export function concludePaths(n: number, rates: Record<string, number>, seed: number, shared = 1): string {
  const outcomes = plant({ n, seed, rates, shared });
  return suiteOf("paths").conclude(evidenceOf(outcomes, { verdict: "inconclusive" }, () => undefined))
    .conclusion;
}

/**
 * Nulls at the edge of each conclusion: one control (`one`) that makes the conclusion false, everything else clearly for it.
 */
export const nulls: Readonly<
  Record<string, { rates: Record<string, number>; shared: number; wrong: string }>
> = {
  "needed regardless": {
    rates: pathRates({ own: 0.9, dummy: 0.3 }, { own: 0.6, dummy: 0.1, one: 0.6 }),
    shared: 0.5,
    wrong: "needed regardless",
  },
  "bypassed because of the image": {
    rates: pathRates({ own: 0.9, dummy: 0.9 }, { own: 0.6, dummy: 0.1, one: 0.6 }),
    shared: 0.95,
    wrong: "bypassed because of the image",
  },
  "bypassed regardless": {
    rates: pathRates({ own: 0.9, dummy: 0.9, one: 0.88 }, { own: 0.25, dummy: 0.25 }),
    shared: 1,
    wrong: "bypassed regardless",
  },
  "needed with the image": {
    rates: pathRates({ own: 0.6, dummy: 0.1, one: 0.6 }, { own: 0.25, dummy: 0.25 }),
    shared: 0.95,
    wrong: "needed with the image",
  },
};
