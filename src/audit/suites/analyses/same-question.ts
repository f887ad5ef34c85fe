import { interaction } from "../../../statistics/index.ts";
import { isRight } from "../../record/outcomes.ts";
import type { SuiteContext } from "../analysis.ts";

/**
 * Donors that ask the same and have another answer, against matched donors that ask something else: how much more often
 * the answer is the donor's (`lift`), and how much accuracy each costs. The unit is the pair that exchanges latents.
 *
 * Source: docs/published-families.md §19.3 (3).
 */
export const sameQuestion = ({ outcomes, planner: { split }, session: { examples } }: SuiteContext) => {
  const { same } = split.donors();
  const place = new Map(examples.map(({ id }, i) => [id, i]));
  const pairOf = (id: string): string => {
    const i = place.get(id)!;
    return String(Math.min(i, same[i] ?? i));
  };
  const rows = outcomes.filter(({ outcomes: by }) => by["same-question"] && (by.own?.blocks ?? 0) > 0);
  const reported = (
    name: string,
    value: (row: (typeof rows)[number]) => number | null,
  ): [string, Record<string, unknown>] => {
    const found = rows.flatMap((row) => {
      const each = value(row);
      return each === null ? [] : [{ each, pair: pairOf(row.example) }];
    });
    const { value: known, reason } = interaction(
      found.map(({ each }) => each),
      found.map(({ pair }) => pair),
      0.05,
      1,
    );
    const { difference = null, interval = null, p = null, independent: pairs = 0 } = known ?? {};
    return [
      name,
      { difference, interval, p, pairs, n: found.length, ...(reason !== undefined && { reason }) },
    ];
  };
  const costs = (name: string) =>
    reported(`own − ${name}`, ({ outcomes: by, answer }) =>
      by[name] ? Number(isRight(by.own!, answer)) - Number(isRight(by[name], answer)) : null,
    );
  const lift = (name: string) =>
    reported(`lift over ${name}`, ({ outcomes: by }) => {
      const { target, choice } = by["same-question"]!;
      return target === undefined || !by[name]
        ? null
        : Number(choice === target) - Number(by[name].choice === target);
    });
  return {
    ...Object.fromEntries([
      lift("own"),
      lift("matched-question"),
      ...["same-question", "matched-question", "question-mean", "question-residual"].map(costs),
    ]),
  };
};
