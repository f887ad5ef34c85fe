/** Two audits on the same examples: the paired difference of each intervention, and which questions changed. */

import type { CompareContent, RunContent } from "../../../src/explorer/types.ts";
import { typeset } from "../../../src/statistics/index.ts";
import { load } from "../data.ts";
import { count, number, percent, points, pValue } from "../format.ts";
import { AuditPicker, questionsOf } from "../parts/audit-picker.tsx";
import { Flips } from "../parts/flips.tsx";
import { Forest, Mark, Strip, Value } from "../parts/plots.tsx";
import { Command } from "../parts/prose.tsx";
import { UnreadWarning } from "../parts/unread-warning.tsx";
import { useSelection } from "../selection.ts";
import { link, type Place, set, useLoaded } from "../state.ts";

type Comparison = CompareContent["comparisons"][string];

/** The comparison of A with B from that of B with A. */
const turned = (each: Comparison): Comparison => ({
  ...each,
  difference: each.difference === null ? null : -each.difference,
  interval: each.interval === null ? null : [-each.interval[1], -each.interval[0]],
  rightToWrong: each.wrongToRight,
  wrongToRight: each.rightToWrong,
});

/** The first audit of the same split of the same task. */
function partnerOf(run: RunContent, audit: number): number | null {
  const { task, split } = run.audits[audit]!;
  const fits = (i: number): boolean =>
    i !== audit && run.audits[i]!.outcomes && run.audits[i]!.split === split;
  const all = run.audits.map((_, i) => i).filter(fits);
  return all.find((i) => run.audits[i]!.task === task) ?? (task ? null : (all[0] ?? null));
}

type Direction = "right" | "wrong";

/** Cells of a paired difference: its value, picture and p-value, and the answers that became wrong or right. */
function Difference({
  each,
  p,
  colors,
  reach,
  flips,
}: {
  each: Comparison;
  p: Comparison["mcnemarP"];
  /** Class of the picture, which says whose colors it has. */
  colors: string;
  reach: number;
  flips: (from: Direction, to: Direction) => string;
}) {
  return (
    <>
      <td class="num" data-label="B − A">
        <Value value={each.difference} as={points} />
      </td>
      <td class={colors} data-label="95 % interval">
        <Forest
          difference={each.difference}
          interval={each.interval}
          margin={each.margin}
          reach={reach}
          width={130}
        />
      </td>
      <td class="num" data-label="p">
        <Value value={p} as={pValue} />
      </td>
      <td class="num" data-label="A only">
        <Flips n={each.rightToWrong} kind="bad" href={flips("right", "wrong")} />
      </td>
      <td class="num" data-label="B only">
        <Flips n={each.wrongToRight} kind="good" href={flips("wrong", "right")} />
      </td>
    </>
  );
}

export function Compare({ run, place }: { run: RunContent; place: Place }) {
  const { audit, other } = useSelection(run, place);
  const b = other ?? (audit === null ? null : partnerOf(run, audit));
  const key =
    audit === null || b === null || audit === b
      ? null
      : `compare/${Math.min(audit, b)}/${Math.max(audit, b)}`;
  const { value, error } = useLoaded(() => (key ? load<CompareContent>(key) : null), [key]);
  if (audit === null) return <p class="empty">There are no audits to compare.</p>;
  const back = b !== null && audit > b;
  const of = (name: string): Comparison | undefined => {
    const each = value?.comparisons[name];
    return each && back ? turned(each) : each;
  };
  const accuracies = (name: string): [number, number] => {
    const [x, y] = value!.accuracy[name]!;
    return back ? [y, x] : [x, y];
  };
  const names = value?.interventions.filter((name) => value.comparisons[name]) ?? [];
  const reach = Math.max(0.05, ...names.flatMap((name) => (of(name)?.interval ?? []).map(Math.abs)));
  const margin = of(names[0] ?? "")?.margin ?? 0.02;
  const flips = (name: string, from: string, to: string): string =>
    link("examples", { a: audit, b, f: `${name}=${from}~B.${name}=${to}`, row: null, rows: null, q: null });
  const own = of("own");
  return (
    <>
      <div class="toolbar">
        <AuditPicker run={run} value={audit} label="A" beside={b} />
        <AuditPicker
          run={run}
          value={b}
          name="b"
          label="B"
          beside={audit}
          {...(b === null && { none: "choose an audit" })}
        />
        {b !== null && (
          <button type="button" class="button" onClick={() => set({ a: b, b: audit }, false)}>
            Swap
          </button>
        )}
      </div>
      {[audit, ...(b === null || b === audit ? [] : [b])].map((i) => (
        <UnreadWarning key={i} audit={run.audits[i]!} />
      ))}
      {error && <p class="notice">{error}</p>}
      {(value?.missing ?? []).map((note) => (
        <p class="notice" key={note}>
          {note}
        </p>
      ))}
      {key !== null && !value && !error && (
        <p class="empty" role="status">
          Reading the comparison…
        </p>
      )}
      {key === null &&
        (run.audits.length > 1 ? (
          <p class="empty">Choose a second audit of the same questions as B.</p>
        ) : (
          <p class="empty">
            This is the only audit here. <Command text="lintel explore AUDIT OTHER" /> opens two.
          </p>
        ))}
      {value && value.n === 0 && b !== null && (
        <p class="empty">
          These audits have no question in common: A is of {questionsOf(run.audits[audit]!)}, B of{" "}
          {questionsOf(run.audits[b]!)}.
        </p>
      )}
      {value && value.n > 0 && (
        <section class="card">
          {own && b !== null && <p class="answer">{typeset(`${value.conclusions[back ? "ab" : "ba"]}.`)}</p>}
          {own && (
            <p>
              With own latents,{" "}
              <a class="flip good" href={flips("own", "wrong", "right")}>
                {count(own.wrongToRight)}
              </a>{" "}
              questions are right in B only, and{" "}
              <a class="flip bad" href={flips("own", "right", "wrong")}>
                {count(own.rightToWrong)}
              </a>{" "}
              in A only.
            </p>
          )}
          <section class="wide" tabIndex={0} aria-label="comparison">
            <table class="interventions stacked compared">
              <thead>
                <tr>
                  <th scope="col">in the slots</th>
                  <th scope="col" class="num">
                    A
                  </th>
                  <th scope="col" class="num">
                    B
                  </th>
                  <th scope="col" class="twice">
                    A hollow, B filled
                  </th>
                  <th scope="col" class="num">
                    B − A
                  </th>
                  <th scope="col" class="apart">
                    difference, 95 %; band ±{number(100 * margin)}
                  </th>
                  <th
                    scope="col"
                    class="num"
                    title="exact McNemar test of no difference, for this intervention alone"
                  >
                    p
                  </th>
                  <th scope="col" class="num" title="right in A only">
                    A only
                  </th>
                  <th scope="col" class="num" title="right in B only">
                    B only
                  </th>
                </tr>
              </thead>
              <tbody>
                {names.map((name) => {
                  const each = of(name)!;
                  const [x, y] = accuracies(name);
                  const role = run.interventions[name]?.role ?? "control";
                  return (
                    <tr key={name}>
                      <th scope="row">
                        <svg width="14" height="14" aria-hidden="true">
                          <Mark role={role} x={7} y={7} />
                        </svg>{" "}
                        {name}
                      </th>
                      <td class="num" data-label="A">
                        <Value value={x} />
                      </td>
                      <td class="num" data-label="B">
                        <Value value={y} />
                      </td>
                      <td class="twice">
                        <Strip
                          width={130}
                          label={`A ${percent(x)}, B ${percent(y)}`}
                          marks={[
                            { role: `${role} before`, value: x },
                            { role, value: y },
                          ]}
                        />
                      </td>
                      <Difference
                        each={each}
                        p={each.mcnemarP}
                        colors={`role-${role}`}
                        reach={reach}
                        flips={(from, to) => flips(name, from, to)}
                      />
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </section>
          {(back ? value.alone.toReversed() : value.alone).map(
            (alone, side) =>
              alone.length > 0 && (
                <p class="quiet below" key={side}>
                  {side === 0 ? "A" : "B"} alone was audited under {alone.join(", ")}.
                </p>
              ),
          )}
        </section>
      )}
      {value &&
        Object.entries(value.slices).map(([attribute, parts]) => (
          <ByAttribute
            key={attribute}
            attribute={attribute}
            parts={parts}
            back={back}
            hrefOf={(each, from, to) =>
              link("examples", {
                a: audit,
                b,
                f: `@${attribute}=${each}~own=${from}~B.own=${to}`,
                row: null,
                rows: null,
                q: null,
              })
            }
          />
        ))}
    </>
  );
}

/** Own latents of A and B by the values of one attribute. */
function ByAttribute({
  attribute,
  parts,
  back,
  hrefOf,
}: {
  attribute: string;
  parts: CompareContent["slices"][string];
  back: boolean;
  hrefOf: (value: string, from: string, to: string) => string;
}) {
  const rows = Object.entries(parts).map(([value, { accuracy, comparison }]) => ({
    value,
    a: accuracy[back ? 1 : 0],
    b: accuracy[back ? 0 : 1],
    each: back ? turned(comparison) : comparison,
  }));
  const reach = Math.max(0.05, ...rows.flatMap(({ each }) => (each.interval ?? []).map(Math.abs)));
  const margin = rows[0]?.each.margin ?? 0.02;
  return (
    <section class="card">
      <details open={rows.length <= 12}>
        <summary>
          <h2>By {attribute}, own latents</h2>
        </summary>
        <section class="wide" tabIndex={0} aria-label={`comparison by ${attribute}`}>
          <table class="interventions stacked compared by-value">
            <thead>
              <tr>
                <th scope="col">{attribute}</th>
                <th scope="col" class="num">
                  questions
                </th>
                <th scope="col" class="num">
                  A
                </th>
                <th scope="col" class="num">
                  B
                </th>
                <th scope="col" class="num">
                  B − A
                </th>
                <th scope="col" class="apart">
                  difference, 95 %; band ±{number(100 * margin)}
                </th>
                <th scope="col" class="num" title="corrected by Holm over the values of this attribute">
                  p (Holm)
                </th>
                <th scope="col" class="num" title="right in A only">
                  A only
                </th>
                <th scope="col" class="num" title="right in B only">
                  B only
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ value, a, b, each }) => (
                <tr key={value}>
                  <th scope="row">{value}</th>
                  <td class="num" data-label="questions">
                    {count(each.n)}
                  </td>
                  <td class="num" data-label="A">
                    <Value value={a} />
                  </td>
                  <td class="num" data-label="B">
                    <Value value={b} />
                  </td>
                  <Difference
                    each={each}
                    p={each.holmP}
                    colors="role-own"
                    reach={reach}
                    flips={(from, to) => hrefOf(value, from, to)}
                  />
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}
