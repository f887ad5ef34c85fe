/** The leaderboard of recipes by dataset, and main effects of recipe components, as results.json has them. */
import type { RunContent } from "../../../src/explorer/types.ts";
import { count, decimal, duration, fixed, number, points, pValue } from "../format.ts";
import { Verdict } from "../icons.tsx";
import { link } from "../state.ts";
import { Forest, Value } from "./plots.tsx";

type Row = RunContent["leaderboard"][number];
type Standing = Row["splits"][number];
type Verdicts = Standing["verdicts"];

/** A value with its interval below. */
const Rate = ({ rate }: { rate: Standing["own"] }) => (
  <>
    <Value value={rate.value} title={rate.reasons?.value} />
    {rate.interval && (
      <small class="quiet">
        {" "}
        [{fixed(100 * rate.interval[0], 1)}, {fixed(100 * rate.interval[1], 1)}]
      </small>
    )}
  </>
);

/** The first audit of a row on a split. */
const auditOf = (run: RunContent, { task, recipe }: Row, split: string): number =>
  run.audits.findIndex(
    (audit) => audit.task === task && audit.recipe === recipe && audit.split === split && audit.result,
  );

const verdictsOf = (verdicts: Verdicts): [Verdicts[number], number][] =>
  [...new Set(verdicts)].map((verdict) => [verdict, verdicts.filter((each) => each === verdict).length]);

export function Leaderboard({ run, task }: { run: RunContent; task: string }) {
  const own = (row: Row): number => row.splits[0]?.own.value ?? -1;
  const rows = run.leaderboard.filter((row) => row.task === task).sort((a, b) => own(b) - own(a));
  return (
    <section class="card">
      <h2>
        {task} <small>best own accuracy first; means over seeds, with 95 % intervals</small>
      </h2>
      <section class="wide" tabIndex={0} aria-label={`leaderboard of ${task}`}>
        <table class="leaderboard stacked">
          <thead>
            <tr>
              <th scope="col">recipe</th>
              <th scope="col">split</th>
              <th scope="col">verdict</th>
              <th scope="col" class="num">
                own
              </th>
              <th scope="col" class="num">
                oracle
              </th>
              <th scope="col" class="num">
                best control
              </th>
              <th scope="col" class="num">
                gap closed
              </th>
              <th scope="col" class="num" title="own accuracy less the reference recipe's, paired by example">
                to reference
              </th>
              <th scope="col" class="num">
                p (Holm)
              </th>
              <th scope="col" class="num">
                retrieval at 1
              </th>
              <th scope="col" class="num">
                own · own cosine
              </th>
              <th scope="col" class="num">
                steps
              </th>
              <th scope="col" class="num">
                training
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.flatMap((row) =>
              row.splits.map((standing, at) => {
                const audit = auditOf(run, row, standing.split);
                const { against, geometry } = standing;
                return (
                  <tr key={`${row.recipe} ${standing.split}`}>
                    <th scope="row">
                      {at > 0 ? (
                        <span class="quiet">{row.recipe}</span>
                      ) : audit < 0 ? (
                        row.recipe
                      ) : (
                        <a href={link("overview", { a: audit, row: null })}>{row.recipe}</a>
                      )}
                    </th>
                    <td>{standing.split}</td>
                    <td>
                      {verdictsOf(standing.verdicts).map(([verdict, n]) => (
                        <span key={verdict} class="verdict-count">
                          <Verdict verdict={verdict} text={run.verdicts[verdict]} />
                          {n < standing.verdicts.length && (
                            <small class="quiet">
                              {" "}
                              {n} of {standing.verdicts.length}
                            </small>
                          )}{" "}
                        </span>
                      ))}
                    </td>
                    <td class="num own" data-label="own">
                      <Rate rate={standing.own} />
                    </td>
                    <td class="num oracle" data-label="oracle">
                      <Rate rate={standing.oracle} />
                    </td>
                    <td class="num" data-label="best control" title={standing.dummy.name ?? "none was run"}>
                      <Rate rate={standing.dummy} />
                    </td>
                    <td class="num" data-label="gap closed">
                      <Rate rate={standing.gapClosed} />
                    </td>
                    {against ? (
                      <>
                        <td class="num" data-label="to reference">
                          <Value value={against.difference} as={points} title={against.reasons?.difference} />
                        </td>
                        <td class="num" data-label="p (Holm)">
                          <Value value={against.holmP} as={pValue} title={against.reasons?.holmP} />
                        </td>
                      </>
                    ) : (
                      <td class="num quiet" colSpan={2} data-label="to reference">
                        reference
                      </td>
                    )}
                    <td class="num" data-label="retrieval at 1">
                      <Value value={geometry.r1} title={geometry.reasons?.r1} />
                    </td>
                    <td class="num" data-label="own · own cosine">
                      <Value
                        value={geometry.pairwiseCosine}
                        as={decimal}
                        title={geometry.reasons?.pairwiseCosine}
                      />
                    </td>
                    <td class="num" data-label="steps">
                      <Value value={row.steps} as={(value) => count(value!)} />
                    </td>
                    <td class="num" data-label="training">
                      <Value value={row.seconds} as={(value) => duration(value!)} />
                    </td>
                  </tr>
                );
              }),
            )}
          </tbody>
        </table>
      </section>
    </section>
  );
}

export function Effects({ found }: { found: RunContent["factors"][number] }) {
  const reach = Math.max(
    0.05,
    ...found.effects.flatMap(({ effect, interval }) => [effect ?? 0, ...(interval ?? [])].map(Math.abs)),
  );
  return (
    <section class="card">
      <h2>
        Main effects on {found.response === "own" ? "own accuracy" : "accuracy with oracles"}{" "}
        <small>
          {found.tasks.join(", ")}, {found.split}; {count(found.runs.length)} combinations,{" "}
          {number(found.degreesOfFreedom)} degrees of freedom
        </small>
      </h2>
      <section class="wide" tabIndex={0} aria-label={`effects on ${found.response}`}>
        <table class="factors stacked">
          <thead>
            <tr>
              <th scope="col">factor</th>
              <th scope="col">from → to</th>
              <th scope="col" class="num">
                points
              </th>
              <th scope="col">effect, 95 %</th>
              <th scope="col" class="num">
                p
              </th>
              <th scope="col" class="num">
                p (Holm)
              </th>
            </tr>
          </thead>
          <tbody>
            {found.effects.map(({ factor, from, to, effect, interval, p, holmP, reason }) => (
              <tr key={`${factor} ${to}`}>
                <th scope="row">{factor}</th>
                <td data-label="from → to">
                  {from} → {to}
                </td>
                <td class="num" data-label="points">
                  <Value value={effect} as={points} title={reason} />
                </td>
                <td class={`role-${found.response}`}>
                  <Forest difference={effect} interval={interval} margin={0.02} reach={reach} width={150} />
                </td>
                <td class="num" data-label="p">
                  <Value value={p} as={pValue} title={reason} />
                </td>
                <td class="num" data-label="p (Holm)">
                  <Value value={holmP} as={pValue} title={reason} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">
        Error: {found.error}.{" "}
        {found.aliases.length > 0 &&
          `Confounded in this design: ${found.aliases.map(({ factor, interaction }) => `${factor} with ${interaction}`).join("; ")}.`}
      </p>
    </section>
  );
}
