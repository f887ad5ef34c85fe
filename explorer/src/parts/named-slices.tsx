/** Accuracies and paired differences on the slices that the audit was given by name. */
import type { AuditEntry, RunContent } from "../../../src/explorer/types.ts";
import { count, plural, points, pValue } from "../format.ts";
import { Forest, Mark, Strip, Value } from "./plots.tsx";

type Result = NonNullable<AuditEntry["result"]>;
type Slice = NonNullable<Result["namedSlices"]>[string];

function SliceTable({ run, slice, chance }: { run: RunContent; slice: Slice; chance: number }) {
  const compared = slice.comparisons.filter(({ reference }) => reference === "own");
  const reach = Math.max(
    0.05,
    ...compared.flatMap(({ interval, difference }) => [difference ?? 0, ...(interval ?? [])].map(Math.abs)),
  );
  const names = Object.keys(run.interventions).filter((name) => slice.interventions[name]);
  return (
    <section class="wide" tabIndex={0} aria-label="table">
      <table class="interventions">
        <thead>
          <tr>
            <th scope="col">in the slots</th>
            <th scope="col" class="num">
              right
            </th>
            <th scope="col">accuracy</th>
            <th scope="col" class="num">
              − own
            </th>
            <th scope="col">difference in points</th>
            <th scope="col" class="num" title="Holm-corrected p-value of no difference, within the slice">
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
          {names.map((name) => {
            const { accuracy, n } = slice.interventions[name]!;
            const { role, text } = run.interventions[name]!;
            const difference = compared.find(({ intervention }) => intervention === name);
            return (
              <tr key={name}>
                <th scope="row" title={text}>
                  <svg width="14" height="14" aria-hidden="true">
                    <Mark role={role} x={7} y={7} />
                  </svg>{" "}
                  {name}
                </th>
                <td class="num" title={plural(n, "question")}>
                  <Value value={accuracy} />
                </td>
                <td>
                  <Strip marks={[{ role, value: accuracy }]} chance={chance} label={name} width={170} />
                </td>
                <td class="num">
                  {difference ? (
                    <Value value={difference.difference} as={points} title={difference.reasons?.difference} />
                  ) : (
                    <span class="quiet">{name === "own" ? "reference" : ""}</span>
                  )}
                </td>
                <td class={`role-${role}`}>
                  {difference && (
                    <Forest
                      difference={difference.difference}
                      interval={difference.interval}
                      margin={difference.margin}
                      reach={reach}
                    />
                  )}
                </td>
                <td class="num">
                  {difference && (
                    <Value value={difference.holmP} as={pValue} title={difference.reasons?.holmP} />
                  )}
                </td>
                <td class="num">{difference && count(difference.rightToWrong)}</td>
                <td class="num">{difference && count(difference.wrongToRight)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export function NamedSlices({ run, result }: { run: RunContent; result: Result }) {
  const slices = Object.entries(result.namedSlices ?? {});
  if (slices.length === 0) return null;
  return (
    <section class="card named-slices">
      <header class="card-head">
        <h2>Named slices</h2>
        <p class="quiet">Lists of examples that the audit was given with --slice.</p>
      </header>
      {slices.map(([name, slice]) => (
        <div key={name} class="named-slice">
          <h3>
            {name} <small>{plural(slice.n, "question")}</small>
          </h3>
          {slice.missing > 0 && (
            <p class="quiet">
              {plural(slice.missing, "question")} of the list {slice.missing === 1 ? "is" : "are"} not in this
              audit.
            </p>
          )}
          <SliceTable run={run} slice={slice} chance={result.chance} />
        </div>
      ))}
    </section>
  );
}
