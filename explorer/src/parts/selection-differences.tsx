/** The selected examples alone: how often each intervention is right, and its paired difference to own latents. */

import { useMemo } from "preact/hooks";
import { ABSENT, type RunContent } from "../../../src/explorer/types.ts";
import { mcnemar, pairedInterval } from "../../../src/statistics/index.ts";
import { count, points, pValue } from "../format.ts";
import type { Rows, Term } from "../rows.ts";
import { set } from "../state.ts";
import { ByAnswers } from "./chosen-questions.tsx";
import { Value } from "./plots.tsx";
import { Command } from "./prose.tsx";

interface Difference {
  name: string;
  n: number;
  accuracy: number;
  difference: number | null;
  interval: readonly [number, number] | null;
  p: number | null;
  rightToWrong: number;
  wrongToRight: number;
}

/** Every intervention on some rows; differences are to own latents, on the rows that both answered. */
export function differencesOf(rows: Rows, selected: Int32Array): Difference[] {
  const { choices, answers } = rows;
  return rows.interventions.flatMap((name) => {
    const [to, own] = [choices[name]!, choices.own];
    const counts = { n11: 0, n10: 0, n01: 0, n00: 0 };
    let [n, right] = [0, 0];
    for (const row of selected) {
      if (to[row] === ABSENT) continue;
      n++;
      const now = to[row] === answers[row];
      if (now) right++;
      if (!own || own[row] === ABSENT) continue;
      counts[`n${Number(now) as 0 | 1}${Number(own[row] === answers[row]) as 0 | 1}`]++;
    }
    if (n === 0) return [];
    const found = name === "own" || !own ? null : pairedInterval(counts, 0.05).value;
    return [
      {
        name,
        n,
        accuracy: right / n,
        difference: found?.difference ?? null,
        interval: found?.interval ?? null,
        p: found ? mcnemar(counts.n10, counts.n01).p : null,
        rightToWrong: counts.n01,
        wrongToRight: counts.n10,
      },
    ];
  });
}

export function SelectionDifferences({
  run,
  index,
  rows,
  selected,
  terms,
  open,
}: {
  run: RunContent;
  index: number;
  rows: Rows;
  selected: Int32Array;
  terms: readonly Term[];
  open: boolean;
}) {
  const found = useMemo(() => (open ? differencesOf(rows, selected) : []), [open, rows, selected]);
  // Where examples share images, intervals need to know which: only the audit does.
  const shared = run.audits[index]!.result?.comparisons.some(({ clusters }) => clusters !== undefined);
  return (
    <details
      class="differences"
      open={open}
      onToggle={(event) => set({ diff: event.currentTarget.open ? "1" : null })}
    >
      <summary>Accuracy and differences in this selection</summary>
      <ByAnswers terms={terms} />
      {shared && (
        <p class="quiet">
          Examples share images: intervals and p-values are left out here;{" "}
          <Command text="lintel audit --slice" /> computes them.
        </p>
      )}
      <section class="wide" tabIndex={0} aria-label="differences in this selection">
        <table>
          <thead>
            <tr>
              <th scope="col">in the slots</th>
              <th scope="col" class="num">
                right
              </th>
              <th scope="col" class="num">
                − own
              </th>
              <th scope="col" class="num">
                95 % interval
              </th>
              <th scope="col" class="num" title="exact McNemar test, not corrected">
                p
              </th>
              <th scope="col" class="num">
                right → wrong
              </th>
              <th scope="col" class="num">
                wrong → right
              </th>
            </tr>
          </thead>
          <tbody>
            {found.map((each) => (
              <tr key={each.name}>
                <th scope="row">{each.name}</th>
                <td class="num">
                  <Value value={each.accuracy} title={`of ${count(each.n)}`} />
                </td>
                {each.name === "own" ? (
                  <td class="num quiet" colSpan={5}>
                    reference
                  </td>
                ) : (
                  <>
                    <td class="num">
                      <Value value={each.difference} as={points} />
                    </td>
                    <td class="num">
                      {!shared && each.interval
                        ? `${points(each.interval[0])} to ${points(each.interval[1])}`
                        : "–"}
                    </td>
                    <td class="num">{shared ? "–" : pValue(each.p)}</td>
                    <td class="num">{count(each.rightToWrong)}</td>
                    <td class="num">{count(each.wrongToRight)}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
