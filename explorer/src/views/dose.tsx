/** How much of something a model needs: accuracy against the dose of blend, jitter and other interventions with a value. */
import type { RunContent } from "../../../src/explorer/types.ts";
import { number, percent } from "../format.ts";
import { AuditPicker } from "../parts/audit-picker.tsx";
import { LiveDose } from "../parts/live-dose.tsx";
import { Lines, type Series, Value } from "../parts/plots.tsx";
import { Command, Prose } from "../parts/prose.tsx";
import { UnreadWarning } from "../parts/unread-warning.tsx";
import { standing } from "../rows.ts";
import { useSelection } from "../selection.ts";
import { link, type Place, set } from "../state.ts";

interface Step {
  name: string;
  at: number;
}

/** Interventions of one name with one value: "blend(a=0.5)". */
function dosesOf(names: readonly string[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  for (const name of names) {
    const [, family, value] = /^([a-z-]+)\((?:[a-zε]+=)?([\d.]+)(?:,[^)]*)?\)$/.exec(name) ?? [];
    if (!family) continue;
    found.set(family, [...(found.get(family) ?? []), { name, at: Number(value) }]);
  }
  for (const steps of found.values()) steps.sort((a, b) => a.at - b.at);
  return found;
}

const AXES: Record<string, string> = {
  blend: "share of the oracle in the slots",
  jitter: "noise, in deviations of own latents",
  truncate: "slots kept",
};

export function Dose({ run, place }: { run: RunContent; place: Place }) {
  const { audit, rows, row, selected } = useSelection(run, place);
  if (audit === null) return <p class="empty">There are no audits yet.</p>;
  const { result } = run.audits[audit]!;
  const names = Object.keys(result?.interventions ?? {});
  const families = dosesOf(names);
  const of = (name: string) => result?.interventions[name];
  const here = !families.has("blend") && rows && selected && of("oracle");
  return (
    <>
      <div class="toolbar">
        <AuditPicker run={run} value={audit} />
      </div>
      <UnreadWarning audit={run.audits[audit]!} />
      {here && rows && selected && (
        <LiveDose run={run} index={audit} rows={rows} selected={selected} params={place.params} />
      )}
      {families.size === 0 && (
        <div class={here ? "quiet below" : "empty"}>
          {!here && <p>This audit was run without doses.</p>}
          <p class="quiet">
            {here ? "The audit itself was run without doses. For " : "For "}all questions, run it with{" "}
            <Command text="--suites dose" />, or with{" "}
            <Command text='--interventions "own,oracle,blend(a=0.25),blend(a=0.5)"' />.
          </p>
        </div>
      )}
      {[...families].map(([family, steps]) => {
        // Blend begins at own latents and ends at the oracle.
        const all: Step[] = [
          ...(["blend", "jitter"].includes(family) && of("own") ? [{ name: "own", at: 0 }] : []),
          ...steps,
          ...(family === "blend" && of("oracle") ? [{ name: "oracle", at: 1 }] : []),
        ];
        const chosen = Math.max(0, Math.min(all.length - 1, Number(place.params[family] ?? 0)));
        const step = all[chosen]!;
        const each = of(step.name)!;
        const accuracy: Series = {
          name: "accuracy",
          color: "var(--own)",
          points: all.map(({ name, at }) => [at, of(name)?.accuracy ?? 0] as const),
          band: all.flatMap(({ name, at }) =>
            of(name)?.interval ? [[at, ...of(name)!.interval!] as [number, number, number]] : [],
          ),
        };
        const single: Series[] =
          row !== null && rows
            ? [
                {
                  name: "this example",
                  color: "var(--oracle)",
                  dashed: true,
                  points: all.flatMap(({ name, at }) => {
                    const p = rows.right[name]?.[row] ?? 255;
                    return p === 255 ? [] : [[at, p / 250] as const];
                  }),
                },
              ].filter(({ points }) => points.length > 0)
            : [];
        const changed =
          rows && step.name !== "own"
            ? rows.ids.filter(
                (_, i) => standing(rows, "own", i) !== "right" && standing(rows, step.name, i) === "right",
              ).length
            : 0;
        return (
          <section class="card" key={family}>
            <header class="card-head">
              <h2>{family}</h2>
              <p class="quiet">
                <Prose text={run.interventions[steps[0]!.name]?.text ?? ""} />
              </p>
            </header>
            <div class="duo">
              <Lines
                series={[
                  accuracy,
                  ...single,
                  {
                    name: "chance",
                    color: "var(--muted)",
                    dashed: true,
                    bare: true,
                    points: [
                      [all[0]!.at, result!.chance],
                      [all.at(-1)!.at, result!.chance],
                    ],
                  },
                ]}
                domain={[0, 1]}
                format={(v) => percent(v, 0)}
                formatX={family === "blend" ? (v) => percent(v, 0) : undefined}
                axis={AXES[family] ?? "dose"}
                title={`accuracy against the dose of ${family}`}
                cursor={step.at}
              />
              <div class="dial">
                <label>
                  <span>{AXES[family] ?? "dose"}</span>
                  <input
                    type="range"
                    min="0"
                    max={all.length - 1}
                    step="1"
                    value={chosen}
                    aria-valuetext={`${step.name}: ${percent(each.accuracy)}`}
                    onInput={(event) => set({ [family]: event.currentTarget.value })}
                  />
                </label>
                <p class="big">
                  {family === "blend" ? percent(step.at, 0) : number(step.at)} →{" "}
                  <Value value={each.accuracy} />
                </p>
                <p class="quiet">
                  {step.name}
                  {each.interval
                    ? `, 95 % interval ${percent(each.interval[0])} to ${percent(each.interval[1])}`
                    : ""}
                </p>
                {changed > 0 && (
                  <p>
                    <a
                      href={link("examples", {
                        f: `own=wrong~${step.name}=right`,
                        row: null,
                        rows: null,
                        q: null,
                      })}
                    >
                      {changed} questions that own latents get wrong are right here
                    </a>
                  </p>
                )}
              </div>
            </div>
          </section>
        );
      })}
    </>
  );
}
