import { type Matrix, unitRows } from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";
import { flaw } from "./matrix.ts";

interface WithinGroups {
  /** Mean over rows of the mean cosine with the others of the row's group, … */
  same: number;
  /** … with rows of other groups, … */
  different: number;
  /** … and of the first less the second. */
  difference: number;
  /** The differences, row by row, for intervals; rows that are alone in their group are left out. */
  differences: readonly number[];
  /** Rows that count. */
  n: number;
}

/**
 * How alike latents of one group are, compared with those of different groups: by row the mean cosine with the others of
 * its group and with everybody else, then the means over rows, so that a large group counts by its rows and not by its
 * pairs.
 *
 * @param x - [n, D]. @param labels - The group of each row.
 *
 * Unknown: values that are not finite, a vector without direction, fewer than 2 groups, and no group of 2 rows.
 *
 * Source: ReaLVR (same task, different task); docs/published-families.md §15.6. Groups by any attribute, and means over rows, are ours.
 *
 * @example
 * withinGroups(matrix([1, 0, 1, 0, 0, 1, 0, 1], 4, 2), ["a", "a", "b", "b"]).value; // { same: 1, different: 0, difference: 1, … }
 */
export function withinGroups(x: Matrix, labels: readonly string[]): Measured<WithinGroups> {
  const reason = flaw(x);
  if (reason !== null) return unknown(reason);
  const { unit, zeros } = unitRows(x);
  if (unit === null)
    return unknown(`${zeros} of ${x.n} vectors ${zeros === 1 ? "has" : "have"} no direction`);
  const { d, values } = unit;
  const all = new Float64Array(d);
  const groups = new Map<string, { sum: Float64Array; n: number }>();
  for (const [i, label] of labels.entries()) {
    const group = groups.get(label) ?? { sum: new Float64Array(d), n: 0 };
    groups.set(label, group);
    group.n++;
    for (let j = 0; j < d; j++) {
      group.sum[j]! += values[i * d + j]!;
      all[j]! += values[i * d + j]!;
    }
  }
  if (groups.size < 2) return unknown(`${groups.size} group; at least 2 are needed`);
  let [same, different] = [0, 0];
  const differences: number[] = [];
  for (const [i, label] of labels.entries()) {
    const { sum, n } = groups.get(label)!;
    if (n < 2) continue;
    let [own, every] = [0, 0];
    for (let j = 0; j < d; j++) {
      own += values[i * d + j]! * sum[j]!;
      every += values[i * d + j]! * all[j]!;
    }
    // A row has a cosine of 1 with itself, which says nothing of its group.
    const [near, far] = [(own - 1) / (n - 1), (every - own) / (x.n - n)];
    same += near;
    different += far;
    differences.push(near - far);
  }
  const count = differences.length;
  if (count === 0) return unknown("every example is alone in its group");
  return known({
    same: same / count,
    different: different / count,
    difference: (same - different) / count,
    differences,
    n: count,
  });
}
