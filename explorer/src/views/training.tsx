/** Losses and accuracy while training; live while a study runs. */
import type { CellEntry, RunContent, TrainingCurve } from "../../../src/explorer/types.ts";
import { load, reload } from "../data.ts";
import { count, duration, number, percent } from "../format.ts";
import { Lines, ROLE_COLORS, type Series } from "../parts/plots.tsx";
import { useLoaded } from "../state.ts";

function Curve({
  run,
  cell,
  index,
  beat,
}: {
  run: RunContent;
  cell: CellEntry;
  index: number;
  beat: number;
}) {
  const live = run.state === "running";
  const { value: curve, error } = useLoaded(
    () =>
      cell.curve
        ? live
          ? reload<TrainingCurve>(`curve/${index}`)
          : load<TrainingCurve>(`curve/${index}`)
        : null,
    [index, cell.curve, live && !cell.training ? beat : 0],
  );
  const of = (key: "text" | "latent"): [number, number][] =>
    (curve?.losses ?? []).flatMap(({ step, [key]: value }) =>
      value === null ? [] : [[step, value] as [number, number]],
    );
  const losses: Series[] = [
    { name: "text", color: "var(--ink)", points: of("text") },
    { name: "latent", color: "var(--counterfactual)", points: of("latent"), dashed: true },
  ].filter(({ points }) => points.length > 0);
  const names = [...new Set((curve?.accuracy ?? []).flatMap(({ values }) => Object.keys(values)))];
  const accuracies = names.map(
    (name): Series => ({
      name,
      color:
        ROLE_COLORS[
          run.interventions[name]?.role ?? (name === "own" || name === "oracle" ? name : "content-free")
        ]!,
      points: curve!.accuracy.flatMap(({ step, values }) =>
        values[name] === undefined ? [] : [[step, values[name]] as [number, number]],
      ),
    }),
  );
  const step = curve?.losses.at(-1)?.step ?? 0;
  return (
    <section class="card">
      <header class="card-head">
        <h2>{cell.id}</h2>
        {cell.training ? (
          <p class="quiet">
            {count(cell.training.parameters)} parameters · {count(cell.training.steps)} steps in{" "}
            {duration(cell.training.seconds)} · {number(cell.training.examplesPerSecond)} examples/s
          </p>
        ) : (
          <p class="quiet">
            {step > 0 ? `step ${count(step)}${cell.steps ? ` of ${count(cell.steps)}` : ""}` : "not begun"}
          </p>
        )}
        {cell.steps && !cell.training && step > 0 && (
          <progress max={cell.steps} value={step} aria-label={`steps of ${cell.id}`} />
        )}
      </header>
      {error && <p class="notice">{error}</p>}
      {!cell.curve && !live && <p class="quiet">There is no training journal.</p>}
      <div class="duo">
        {losses.length > 0 && (
          <figure>
            <figcaption>Loss</figcaption>
            <Lines
              series={losses}
              format={(v) => number(v, 2)}
              axis="optimizer step"
              title={`losses of ${cell.id}`}
            />
          </figure>
        )}
        {accuracies.length > 0 && (
          <figure>
            <figcaption>Accuracy on a probe split</figcaption>
            <Lines
              series={accuracies}
              domain={[0, 1]}
              format={(v) => percent(v, 0)}
              axis="optimizer step"
              title={`accuracy of ${cell.id}`}
            />
          </figure>
        )}
      </div>
    </section>
  );
}

export function Training({ run, beat }: { run: RunContent; beat: number }) {
  if (run.cells.length === 0)
    return (
      <p class="empty">Audits by themselves have no training curves. Open the run directory of a study.</p>
    );
  return (
    <>
      {run.cells.map((cell, i) => (
        <Curve key={cell.id} run={run} cell={cell} index={i} beat={beat} />
      ))}
    </>
  );
}
