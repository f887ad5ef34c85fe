/** Right or wrong latents × followed or not: is a wrong answer a wrong latent that was read, or a right one that was not? */
import { mean } from "../../numeric/index.ts";
import { clustersOf, shareInterval } from "../../statistics/index.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import type { AuditResult } from "../record/schema.ts";

type FourWay = NonNullable<AuditResult["lookAlike"]>[string];

/** Retrieval among the options as WM-VLM publishes it, and φ between finding the right one and the right answer. */
function matchedRetrieval(
  rows: readonly { flat: { option: number; margin: number }; answer: number; choice: number | null }[],
) {
  const count = (found: boolean, right: boolean): number =>
    rows.filter(
      ({ flat, answer, choice }) => (flat.option === answer) === found && (choice === answer) === right,
    ).length;
  const [both, found, right, neither] = [
    count(true, true),
    count(true, false),
    count(false, true),
    count(false, false),
  ];
  const product = (both + found) * (right + neither) * (both + right) * (found + neither);
  return {
    n: rows.length,
    found: (both + found) / rows.length,
    followed: rows.filter(({ flat, choice }) => flat.option === choice).length / rows.length,
    margin: mean(rows.map(({ flat }) => flat.margin)),
    rightIfFound: both + found > 0 ? both / (both + found) : null,
    rightIfMissed: right + neither > 0 ? right / (right + neither) : null,
    phi: product > 0 ? (both * neither - found * right) / Math.sqrt(product) : null,
  };
}

/**
 * The four-way table of every intervention with blocks that look like an option.
 *
 * Source: docs/published-families.md §19.3 (4); `flat`: WM-VLM, arXiv 2609.34826 (matched retrieval, φ).
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
      const published = examples.flatMap(({ outcomes, answer }) => {
        const { looks, choice = null } = outcomes[name] ?? {};
        return looks?.flat ? [{ flat: looks.flat, answer, choice }] : [];
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
          ...(published.length > 0 && { flat: matchedRetrieval(published) }),
        },
      ];
    }),
  );
}
