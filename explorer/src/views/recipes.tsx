/** Recipes of a comparison: leaderboard and factors, accuracy against steps and seconds. */
import type { RunContent } from "../../../src/explorer/types.ts";
import { clock, count, duration, percent } from "../format.ts";
import { Verdict } from "../icons.tsx";
import { Effects, Leaderboard } from "../parts/leaderboard.tsx";
import { ticksBetween, timeTicks, Value } from "../parts/plots.tsx";
import { link, type Place, set } from "../state.ts";

export function Recipes({ run, place }: { run: RunContent; place: Place }) {
  const bySteps = place.params.axis === "steps";
  const spent = ({ seconds, steps }: { seconds: number; steps: number }): number =>
    bySteps ? steps : seconds;
  const spentText = (value: number): string => (bySteps ? `${count(value)} steps` : duration(value));
  // One point per audit: what its model took to train, and how often it is right.
  const trained = run.audits.flatMap(({ cell, name, recipe, result }, i) => {
    const training = run.cells.find(({ id }) => id === cell)?.training;
    const own = result?.interventions.own;
    return training && own && own.accuracy !== null
      ? [{ i, name, recipe, training, own, result: result! }]
      : [];
  });
  trained.sort((a, b) => b.own.accuracy! - a.own.accuracy!);
  if (trained.length === 0) return <p class="empty">No trained model of this run is audited yet.</p>;
  const longest = Math.max(...trained.map(({ training }) => spent(training)), bySteps ? 1 : 1e-3);
  // About the width of its place, so that texts keep their size.
  const [width, height, pad] = [globalThis.innerWidth < 720 ? 350 : 900, 280, 44];
  const x = (value: number): number => pad + (value / (longest * 1.05)) * (width - 2 * pad);
  const y = (share: number): number => height - 44 - share * (height - 60);
  const ticks = bySteps ? ticksBetween(0, longest, 4, true) : timeTicks(longest, width < 720 ? 3 : 6);
  const recipes = [...new Set(trained.map(({ recipe }) => recipe))];
  const COLORS = [
    "var(--own)",
    "var(--oracle)",
    "var(--counterfactual)",
    "var(--control)",
    "var(--content-free)",
    "var(--calm)",
    "var(--warn)",
    "var(--bad)",
  ];
  const colorOf = (recipe: string): string => COLORS[recipes.indexOf(recipe) % COLORS.length]!;
  return (
    <>
      {[...new Set(run.leaderboard.map(({ task }) => task))].map((task) => (
        <Leaderboard key={task} run={run} task={task} />
      ))}
      {run.factors.map((found) => (
        <Effects key={found.response} found={found} />
      ))}
      <section class="card">
        <header class="card-head">
          <h2>Accuracy with own latents against training {bySteps ? "steps" : "time"}</h2>
          <div class="segments" role="group" aria-label="axis">
            {["seconds", "steps"].map((axis) => (
              <button
                type="button"
                key={axis}
                aria-pressed={bySteps === (axis === "steps")}
                onClick={() => set({ axis: axis === "steps" ? axis : null })}
              >
                {axis === "steps" ? "steps" : "time"}
              </button>
            ))}
          </div>
        </header>
        <svg
          class="plot whole"
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label={`accuracy against ${bySteps ? "steps" : "seconds"} of training`}
        >
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <g key={share}>
              <path d={`M${pad} ${y(share)}H${width - pad}`} stroke="var(--line)" />
              <text x={pad - 8} y={y(share) + 4} text-anchor="end">
                {percent(share, 0)}
              </text>
            </g>
          ))}
          {ticks.map((tick) => (
            <text key={tick} x={x(tick)} y={height - 26} text-anchor="middle">
              {tick === 0 ? "0" : bySteps ? count(tick) : clock(tick)}
            </text>
          ))}
          <text x={width / 2} y={height - 5} text-anchor="middle" class="axis">
            {bySteps ? "optimizer steps" : "time of training"}
          </text>
          {trained.map(({ i, name, recipe, training, own }) => (
            <a
              key={i}
              href={link("overview", { a: i })}
              aria-label={`${name}: ${percent(own.accuracy)} after ${spentText(spent(training))}`}
            >
              <g>
                <title>{`${name}: ${percent(own.accuracy)} after ${spentText(spent(training))}`}</title>
                {own.interval && (
                  <path
                    d={`M${x(spent(training))} ${y(own.interval[0])}V${y(own.interval[1])}`}
                    stroke={colorOf(recipe)}
                    stroke-opacity=".4"
                    stroke-width="2"
                  />
                )}
                <circle cx={x(spent(training))} cy={y(own.accuracy!)} r="5" fill={colorOf(recipe)} />
              </g>
            </a>
          ))}
        </svg>
        <ul class="legend">
          {recipes.map((recipe) => (
            <li key={recipe}>
              <span class="swatch" style={{ background: colorOf(recipe) }} />
              {recipe}
            </li>
          ))}
        </ul>
      </section>
      <section class="wide" tabIndex={0} aria-label="models">
        <table class="stacked models">
          <thead>
            <tr>
              <th scope="col">model · split</th>
              <th scope="col">recipe</th>
              <th scope="col">verdict</th>
              <th scope="col" class="num">
                own
              </th>
              <th scope="col" class="num">
                oracle
              </th>
              <th scope="col" class="num">
                gap closed
              </th>
              <th scope="col" class="num">
                steps
              </th>
              <th scope="col" class="num">
                trained for
              </th>
            </tr>
          </thead>
          <tbody>
            {trained.map(({ i, name, recipe, training, own, result }) => (
              <tr key={i}>
                <th scope="row">
                  <a href={link("overview", { a: i })}>{name}</a>
                </th>
                <td class="in-name">{recipe}</td>
                <td>
                  <Verdict
                    verdict={result.verdict}
                    note={run.audits[i]!.chanceNote}
                    text={run.verdicts[result.verdict]}
                  />
                </td>
                <td class="num own" data-label="own">
                  <Value value={own.accuracy} />
                </td>
                <td class="num oracle" data-label="oracle">
                  <Value value={result.interventions.oracle?.accuracy} title="no oracle was run" />
                </td>
                <td class="num" data-label="gap closed">
                  <Value
                    value={result.gap?.closed}
                    title="only where the oracle beats every content-free control"
                  />
                </td>
                <td class="num" data-label="steps">
                  <Value value={training.steps} as={(value) => count(value!)} />
                </td>
                <td class="num" data-label="trained for">
                  <Value value={training.seconds} as={(value) => duration(value!)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
