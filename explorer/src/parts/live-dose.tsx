/** How much oracle a model needs, measured here: accuracy of the first selected questions at growing shares of the oracle. */
import { useEffect, useState } from "preact/hooks";
import type { AuditEntry, RunContent } from "../../../src/explorer/types.ts";
import { wilson } from "../../../src/statistics/index.ts";
import { percent, plural } from "../format.ts";
import type { Rows } from "../rows.ts";
import { set } from "../state.ts";
import { canAsk, openTrial } from "../trial.ts";
import { ChosenQuestions } from "./chosen-questions.tsx";
import { sampleOfRow } from "./example.tsx";
import { Lines } from "./plots.tsx";

const DOSES = [0, 0.25, 0.5, 0.75, 1];
/** Questions that are asked. */
const QUESTIONS = 40;

interface Measured {
  /** Questions with a helper that were answered at every dose, and right answers by dose. */
  n: number;
  right: number[];
  /** Questions that were looked at. */
  seen: number;
}

/** Asks the model question by question, until the signal ends it; `tell` is told after each. */
async function measure(
  { audit, entry, rows }: { audit: number; entry: AuditEntry; rows: Rows },
  chosen: readonly number[],
  tell: (found: Measured) => void,
  signal: AbortSignal,
): Promise<void> {
  const trial = await openTrial(entry);
  const found: Measured = { n: 0, right: DOSES.map(() => 0), seen: 0 };
  for (const row of chosen) {
    const sample = await sampleOfRow(entry, rows, row);
    if (sample && sample.helpers.length > 0) {
      const question = await trial.ask({ audit, row, sample }, signal);
      for (const [i, mix] of DOSES.entries()) {
        const { choice } = await question.answer({ source: "oracle", mix }, {}, signal);
        if (choice === sample.answer) found.right[i]!++;
      }
      found.n++;
    }
    found.seen++;
    if (signal.aborted) return;
    tell({ ...found, right: [...found.right] });
  }
}

/** The smallest dose that brings at least half of what the oracle brings. */
function halfway({ right }: Measured): string {
  const [own, oracle] = [right[0]!, right.at(-1)!];
  if (oracle <= own) return "The oracle brings nothing on these questions.";
  const at = DOSES.find((_, i) => right[i]! - own >= (oracle - own) / 2)!;
  return `The smallest share tried that brings at least half of what the oracle brings: ${percent(at, 0)}.`;
}

export function LiveDose({
  run,
  index,
  rows,
  selected,
  params,
}: {
  run: RunContent;
  index: number;
  rows: Rows;
  selected: Int32Array;
  params: Readonly<Record<string, string>>;
}) {
  const entry = run.audits[index]!;
  const able = canAsk(entry) && entry.samples !== null;
  // In the audit's order: a column that Examples is sorted by must not choose the questions.
  const chosen = [...Int32Array.from(selected).sort().slice(0, QUESTIONS)];
  const none = chosen.length === 0;
  const on = params.measure === "1" && !none;
  const { chance } = entry.result ?? {};
  const [found, setFound] = useState<Measured>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    setFound(undefined);
    setFailure(undefined);
    if (!on || !able) return;
    const controller = new AbortController();
    const { signal } = controller;
    measure({ audit: index, entry, rows }, chosen, setFound, signal).catch((cause: Error) => {
      if (!signal.aborted) setFailure(cause.message);
    });
    return () => controller.abort();
  }, [on, able, index, chosen.join()]);
  if (!able)
    return (
      <p class="quiet">
        Nothing can be measured here: the model of this audit or its dataset is not at hand.
      </p>
    );
  const done = on && found !== undefined && found.seen === chosen.length;
  return (
    <section class="card live-dose">
      <header class="card-head">
        <h2>How much oracle does this model need?</h2>
        {!on && (
          <button type="button" class="button strong" disabled={none} onClick={() => set({ measure: "1" })}>
            Measure it here
          </button>
        )}
      </header>
      <ChosenQuestions rows={rows} selected={selected} params={params} />
      {!none && (
        <p class="quiet">
          The model answers{" "}
          {selected.length > chosen.length
            ? `the first ${chosen.length} of ${plural(selected.length, "question")}`
            : plural(chosen.length, "question")}{" "}
          {entry.beside ? "beside the server" : "in this page"}, with own latents moved towards the oracle by{" "}
          {DOSES.map((dose) => percent(dose, 0)).join(", ")}.
        </p>
      )}
      {failure && <p class="notice">{failure}</p>}
      {on && !done && !failure && (
        <p class="progress-line" role="status">
          <progress max={chosen.length} value={found?.seen ?? 0} aria-label="questions answered" />{" "}
          {found ? `${found.seen} of ${chosen.length}` : "The model is loaded…"}
        </p>
      )}
      {done && found.n === 0 && <p class="empty">None of these questions has a helper.</p>}
      {on && found && found.n > 0 && (
        <div class="duo">
          <Lines
            series={[
              {
                name: "accuracy",
                color: "var(--own)",
                points: DOSES.map((dose, i) => [dose, found.right[i]! / found.n] as const),
                band: DOSES.flatMap((dose, i): [number, number, number][] => {
                  const { value } = wilson(found.right[i]!, found.n);
                  return value ? [[dose, value[0], value[1]]] : [];
                }),
              },
              ...(chance === undefined
                ? []
                : [
                    {
                      name: "chance",
                      color: "var(--muted)",
                      dashed: true,
                      bare: true,
                      points: [
                        [0, chance],
                        [1, chance],
                      ] as const,
                    },
                  ]),
            ]}
            domain={[0, 1]}
            format={(v) => percent(v, 0)}
            formatX={(v) => percent(v, 0)}
            axis="share of the oracle in the slots"
            title={`accuracy against the share of the oracle, ${plural(found.n, "question")}`}
          />
          {done && (
            <p class="answer">
              {percent(found.right[0]! / found.n)} right with own latents,{" "}
              {percent(found.right.at(-1)! / found.n)} with the oracle, of {plural(found.n, "question")}.{" "}
              {halfway(found)}
            </p>
          )}
        </div>
      )}
    </section>
  );
}
