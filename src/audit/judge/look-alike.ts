/** Right or wrong latents × followed or not: is a wrong answer a wrong latent that was read, or a right one that was not? */
import { mean } from "../../numeric/index.ts";
import { clustersOf, shareInterval } from "../../statistics/index.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import type { AuditResult } from "../record/schema.ts";

type FourWay = NonNullable<AuditResult["lookAlike"]>[string];

/**
 * The four-way table of every intervention with blocks that look like an option.
 *
 * Source: docs/published-families.md §19.3 (4).
 *
 * @example
 * fourWays([]); // undefined
 */
export function fourWays(examples: readonly ExampleOutcomes[], alpha: number): AuditResult["lookAlike"] {
  const names = [
    ...new Set(
      examples.flatMap(({ outcomes }) => Object.keys(outcomes).filter((name) => outcomes[name]!.looks)),
    ),
  ];
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name): [string, FourWay] => {
      const rows = examples.flatMap(({ outcomes, answer, images }) => {
        const { looks, choice } = outcomes[name] ?? {};
        return looks
          ? [
              {
                right: looks.option === answer,
                followed: looks.option === choice,
                margin: looks.margin,
                images,
              },
            ]
          : [];
      });
      const clusters = clustersOf(rows);
      const within = (of: (row: (typeof rows)[number]) => boolean) =>
        shareInterval(rows.map(of), clusters, alpha).value;
      const count = (right: boolean, followed: boolean): number =>
        rows.filter((row) => row.right === right && row.followed === followed).length;
      return [
        name,
        {
          n: rows.length,
          rightFollowed: count(true, true),
          rightNot: count(true, false),
          wrongFollowed: count(false, true),
          wrongNot: count(false, false),
          rightInterval: within(({ right }) => right),
          followedInterval: within(({ followed }) => followed),
          margin: mean(rows.map(({ margin }) => margin)),
        },
      ];
    }),
  );
}
