import { type Matrix, rowDot, rowProducts, selectRows, unitRows } from "../../numeric/index.ts";
import { finite, type Measured, unknown } from "../../statistics/index.ts";
import { contents, pairFlaw, sampleRows } from "./matrix.ts";

/**
 * Unrelated self-generated preference: the share of (example, unrelated example) pairs in which the own latent is
 * closer by cosine to the unrelated example's own latent than to its own oracle. Near 1 under collapse.
 *
 * The published text names no rule for choosing the other example. We take the expectation over all others that have a
 * different oracle (an example with the same oracle is not unrelated): it is what drawing one partner per example
 * estimates, without the draw. Our formula, docs/published-families.md §15.6. With more than 512 examples, over a sample of 512.
 *
 * @param own - [n, D]. @param oracle - [n, D], row i the oracle of row i.
 * @returns null with a reason for fewer than 2 rows, values that are not finite, zero vectors, or equal oracles only.
 *
 * Source: arXiv 2605.18445, collapse analysis; docs/science.md "Collapse".
 *
 * @example
 * usp(matrix([1, 0.1, 1, 0], 2, 2), matrix([0, 1, 1, 1], 2, 2)).value; // 1: both lie closer to each other
 */
export function usp(own: Matrix, oracle: Matrix): Measured<number> {
  const reason = pairFlaw(own, oracle);
  if (reason !== null) return unknown(reason);
  const rows = sampleRows(oracle);
  const mine = unitRows(selectRows(own, rows));
  const theirs = unitRows(selectRows(oracle, rows));
  if (mine.unit === null) return unknown(`${mine.zeros} of ${rows.length} own latents have no direction`);
  if (theirs.unit === null) return unknown(`${theirs.zeros} of ${rows.length} oracles have no direction`);
  const { unit } = mine;
  const cosines = rowProducts(unit);
  const digests = contents(selectRows(oracle, rows));
  const toOracle = rows.map((_, i) => rowDot(unit, i, theirs.unit, i));
  let sum = 0;
  let counted = 0;
  const closer = new Float64Array(rows.length);
  const others = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++)
    for (let j = i + 1; j < rows.length; j++) {
      if (digests[i] === digests[j]) continue;
      const cosine = cosines[i * rows.length + j]!;
      others[i]!++;
      others[j]!++;
      if (cosine > toOracle[i]!) closer[i]!++;
      if (cosine > toOracle[j]!) closer[j]!++;
    }
  for (let i = 0; i < rows.length; i++) {
    if (others[i] === 0) continue;
    sum += closer[i]! / others[i]!;
    counted++;
  }
  return counted === 0
    ? unknown("all oracles are equal; no example is unrelated to another")
    : finite(sum / counted, "unrelated self-generated preference");
}
