/** What was found: verdicts and intervals of every audit, then one audit's interventions, each difference a link to its examples. */
import type { AuditEntry, RunContent } from "../../../src/explorer/types.ts";
import { isStatic } from "../data.ts";
import { count, duration, number, percent, plain, plural, points, pValue, sentence } from "../format.ts";
import { Verdict } from "../icons.tsx";
import { Flips } from "../parts/flips.tsx";
import { NamedSlices } from "../parts/named-slices.tsx";
import { Forest, Legend, Mark, Strip, Value } from "../parts/plots.tsx";
import { Prose } from "../parts/prose.tsx";
import { usualAudit } from "../selection.ts";
import { link, type Place, set } from "../state.ts";

type Result = NonNullable<AuditEntry["result"]>;

const accuracy = (result: Result | null, name: string): number | null =>
  result?.interventions[name]?.accuracy ?? null;

const COLUMNS: [
  key: string,
  label: string,
  value: (run: RunContent, audit: AuditEntry, i: number) => number | string,
][] = [
  ["name", "audit", (_, { name }) => name],
  ["verdict", "verdict", (_, { result }) => result?.verdict ?? "~"],
  ["own", "own", (_, { result }) => accuracy(result, "own") ?? -1],
  ["oracle", "oracle", (_, { result }) => accuracy(result, "oracle") ?? -1],
  ["control", "best control", (_, { result, bestControl }) => accuracy(result, bestControl ?? "") ?? -1],
  ["gap", "gap closed", (_, { result }) => result?.gap?.closed ?? -1e9],
  ["n", "questions", (_, { result }) => result?.n ?? -1],
];

function Audits({ run, place }: { run: RunContent; place: Place }) {
  const by = place.params.by ?? "";
  const down = by.startsWith("-");
  const column = COLUMNS.find(([key]) => key === by.replace("-", ""));
  const order = run.audits.map((_, i) => i);
  if (column)
    order.sort((a, b) => {
      const [x, y] = [column[2](run, run.audits[a]!, a), column[2](run, run.audits[b]!, b)];
      return (x < y ? -1 : x > y ? 1 : a - b) * (down ? -1 : 1);
    });
  const current = Number(place.params.a ?? usualAudit(run) ?? -1);
  return (
    <section class="wide" tabIndex={0} aria-label="table">
      <table class="audits stacked">
        <thead>
          <tr>
            {COLUMNS.map(([key, label]) => (
              <th
                key={key}
                scope="col"
                aria-sort={by === key ? "ascending" : by === `-${key}` ? "descending" : "none"}
                class={key === "name" || key === "verdict" ? "" : "num"}
              >
                <button
                  type="button"
                  class="sort"
                  onClick={() => set({ by: by === `-${key}` ? key : `-${key}` })}
                >
                  {label}
                  {by === key ? " ↑" : by === `-${key}` ? " ↓" : ""}
                </button>
              </th>
            ))}
            <th scope="col" class="scale-head">
              0 – 100 %
            </th>
          </tr>
        </thead>
        <tbody>
          {order.map((i) => {
            const { result, broken, held, name, bestControl: control, chanceNote } = run.audits[i]!;
            const of = (each: string) => result?.interventions[each];
            return (
              <tr key={i} aria-current={i === current ? "true" : undefined}>
                <th scope="row">
                  <a href={link("overview", { a: i, row: null })}>{name}</a>
                </th>
                <td>
                  {result ? (
                    <Verdict verdict={result.verdict} note={chanceNote} text={run.verdicts[result.verdict]} />
                  ) : (
                    <span class="quiet">
                      {broken ? "cannot be read" : held ? "in progress" : "not finished"}
                    </span>
                  )}
                </td>
                <td class="num own" data-label="own">
                  <Value value={accuracy(result, "own")} />
                </td>
                <td class="num oracle" data-label="oracle">
                  <Value value={accuracy(result, "oracle")} title="no oracle was run" />
                </td>
                <td class="num" title={control ?? "none was run"} data-label="best control">
                  <Value
                    value={control ? accuracy(result, control) : null}
                    title={control ?? "none was run"}
                  />
                </td>
                <td class="num" data-label="gap closed">
                  <Value
                    value={result?.gap?.closed}
                    title="how much of the way from the best control to the oracle own latents close; only where the oracle beats every control"
                  />
                </td>
                <td class="num" data-label="questions">
                  {result ? <Value value={result.n} as={(value) => count(value!)} /> : "–"}
                </td>
                <td>
                  {result && (
                    <Strip
                      chance={result.chance}
                      label={`own ${percent(accuracy(result, "own"))}, oracle ${percent(accuracy(result, "oracle"))}, chance ${percent(result.chance)}`}
                      marks={[
                        ...(control ? [{ role: "content-free", value: accuracy(result, control) }] : []),
                        {
                          role: "oracle",
                          value: accuracy(result, "oracle"),
                          interval: of("oracle")?.interval,
                        },
                        { role: "own", value: accuracy(result, "own"), interval: of("own")?.interval },
                      ]}
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** One audit: every intervention with its difference to a reference; flips lead to their examples. */
function Interventions({
  run,
  index,
  result,
  place,
}: {
  run: RunContent;
  index: number;
  result: Result;
  place: Place;
}) {
  const references = [...new Set(result.comparisons.map(({ reference }) => reference))];
  const reference = references.includes(place.params.ref ?? "")
    ? place.params.ref!
    : (references[0] ?? "own");
  const compared = result.comparisons.filter((each) => each.reference === reference);
  const reach = Math.max(
    0.05,
    ...compared.flatMap(({ interval, difference }) => [
      Math.abs(difference ?? 0),
      ...(interval ?? []).map(Math.abs),
    ]),
  );
  const names = Object.keys(run.interventions).filter((name) => result.interventions[name]);
  const flips = (name: string, from: string, to: string): string =>
    link("examples", {
      a: index,
      f: `${reference}=${from}~${name}=${to}`,
      row: null,
      rows: null,
      q: null,
      b: null,
    });
  return (
    <section class="card">
      <header class="card-head">
        <h2>{run.audits[index]!.name}</h2>
        <Verdict
          verdict={result.verdict}
          note={run.audits[index]!.chanceNote}
          text={run.verdicts[result.verdict]}
        />
        {references.length > 1 && (
          <div class="segments" role="group" aria-label="differences to">
            {references.map((each) => (
              <button
                type="button"
                key={each}
                aria-pressed={each === reference}
                onClick={() => set({ ref: each })}
              >
                vs {each}
              </button>
            ))}
          </div>
        )}
      </header>
      {result.verdictReason && <p class="readable">{sentence(result.verdictReason)}</p>}
      {result.readable && (
        <details class="readable">
          <summary class="quiet">The paragraph for a paper</summary>
          <p>{result.readable}</p>
        </details>
      )}
      <section class="wide" tabIndex={0} aria-label="table">
        <table class="interventions stacked">
          <thead>
            <tr>
              <th scope="col">in the slots</th>
              <th scope="col" class="num">
                right
              </th>
              <th scope="col">accuracy, 95 % interval</th>
              <th scope="col" class="num" title={`difference to ${reference} in points`}>
                minus {reference}
              </th>
              <th scope="col">difference in points, band: ±{number(100 * (compared[0]?.margin ?? 0.02))}</th>
              <th scope="col" class="num" title="Holm-corrected p-value of no difference">
                p
              </th>
              <th scope="col" class="num" title="right answers that become wrong">
                right → wrong
              </th>
              <th scope="col" class="num" title="wrong answers that become right">
                wrong → right
              </th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const each = result.interventions[name]!;
              const difference = compared.find(({ intervention }) => intervention === name);
              const role = run.interventions[name]!.role;
              return (
                <tr key={name}>
                  <th scope="row" title={plain(run.interventions[name]!.text)}>
                    <svg width="14" height="14" aria-hidden="true">
                      <Mark role={role} x={7} y={7} />
                    </svg>{" "}
                    {name}
                  </th>
                  <td class="num" data-label="right">
                    <Value value={each.accuracy} title={each.reasons?.accuracy} />
                  </td>
                  <td>
                    <Strip
                      marks={[{ role, value: each.accuracy, interval: each.interval }]}
                      chance={result.chance}
                      label={`${percent(each.accuracy)} right`}
                      width={170}
                    />
                  </td>
                  <td class="num" data-label={difference ? `minus ${reference}` : undefined}>
                    {difference ? (
                      <Value
                        value={difference.difference}
                        as={points}
                        title={difference.reasons?.difference}
                      />
                    ) : (
                      <span class="quiet">{name === reference ? "reference" : ""}</span>
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
                  <td class="num" data-label={difference && "p"}>
                    {difference &&
                      (difference.identical ? (
                        <span class="quiet" title="the same vectors stand in the slots">
                          equal
                        </span>
                      ) : (
                        <Value value={difference.holmP} as={pValue} title={difference.reasons?.holmP} />
                      ))}
                  </td>
                  <td class="num" data-label={difference && "right → wrong"}>
                    {difference && (
                      <Flips n={difference.rightToWrong} kind="bad" href={flips(name, "right", "wrong")} />
                    )}
                  </td>
                  <td class="num" data-label={difference && "wrong → right"}>
                    {difference && (
                      <Flips n={difference.wrongToRight} kind="good" href={flips(name, "wrong", "right")} />
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </section>
  );
}

const STATES: Record<string, string> = {
  holds: "holds",
  refuted: "refuted",
  undecided: "undecided",
  "not run": "not run",
};

export function Overview({ run, place }: { run: RunContent; place: Place }) {
  const current = Number(place.params.a ?? usualAudit(run) ?? -1);
  const audit = run.audits[current];
  const finished = run.cells.filter(({ audited, audits }) => audits > 0 && audited >= audits).length;
  return (
    <>
      {run.cells.length > 0 && run.state !== "whole" && (
        <p class="progress-line">
          <progress max={run.cells.length} value={finished} aria-label="models finished" /> {finished} of{" "}
          {plural(run.cells.length, "model")} trained and audited
          {run.state === "stopped"
            ? "."
            : isStatic
              ? " when this was exported."
              : "; this page follows the run."}
        </p>
      )}
      {run.audits.length > 0 ? (
        <>
          <Audits run={run} place={place} />
          <Legend
            chance
            roles={[
              ["own", "own latents"],
              ["oracle", "oracle"],
              ["content-free", "best content-free control"],
            ]}
          />
        </>
      ) : (
        <p class="empty">There are no audits yet.</p>
      )}
      {audit?.result && <Interventions run={run} index={current} result={audit.result} place={place} />}
      {audit?.result && <NamedSlices run={run} result={audit.result} />}
      {run.findings.length > 0 && (
        <section class="findings-block">
          <h2>Findings</h2>
          <ol class="findings">
            {run.findings.map((finding) => {
              const state =
                finding.state ?? (finding.holds === null ? "undecided" : finding.holds ? "holds" : "refuted");
              return (
                <li key={finding.id}>
                  <b class="id">{finding.id}</b>
                  <div>
                    <p class="claim">
                      <Prose text={finding.claim} />
                    </p>
                    <p>
                      <Prose text={sentence(finding.evidence)} />
                    </p>
                  </div>
                  <span class={`pill ${state.replace(" ", "-")}`}>{STATES[state] ?? state}</span>
                </li>
              );
            })}
          </ol>
        </section>
      )}
      {run.seconds !== null && (
        <p class="quiet">
          The study took {duration(run.seconds)}. Lintel {run.lintel}.
        </p>
      )}
    </>
  );
}
