/** Try it: choose an example, choose or mix or draw what stands in the slots, and see the model's answer move. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { OUTCOME_BLOCK, type Reply, type RunContent, type Sample } from "../../../src/explorer/types.ts";
import { typeset } from "../../../src/statistics/index.ts";
import { outcomeOf } from "../data.ts";
import { percent } from "../format.ts";
import { sampleOfRow } from "../parts/example.tsx";
import { gridOf, painted } from "../parts/helper-grid.tsx";
import { Question as Asking } from "../parts/pictures.tsx";
import { Value } from "../parts/plots.tsx";
import { QuestionBar, useQuestion } from "../parts/question.tsx";
import { SlotSource, sourcesOf } from "../parts/slot-source.tsx";
import { pictureOf } from "../pictures.ts";
import { type Place, set, useLoaded } from "../state.ts";
import type { Question } from "../trial.ts";

const Bars = ({ sample, own, now }: { sample: Sample; own: Reply; now: Reply }) => (
  <ul class="bars" aria-live="polite">
    {sample.options.map((option, i) => {
      const [before, after] = [own.probabilities?.[i], now.probabilities?.[i]];
      return (
        <li key={i} class={`${i === sample.answer ? "truth" : ""}${now.choice === i ? " chosen" : ""}`}>
          <b>
            {i === sample.answer && "✓ "}
            {option}
          </b>
          <span class="track">
            <span class="now" style={{ width: `${(after ?? 0) * 100}%` }} />
            {before !== undefined && (
              <span class="then" style={{ left: `${before * 100}%` }} title={`own: ${percent(before)}`} />
            )}
          </span>
          <Value value={after} title="the reply has no answer" />
        </li>
      );
    })}
  </ul>
);

/** The answer with what is in the slots now, beside that with own latents. */
function Answer({
  sample,
  question,
  now,
  recorded,
}: {
  sample: Sample;
  question: Question | undefined;
  now: Reply | undefined;
  /** Log-probabilities of the audit's own pass. */
  recorded: readonly number[] | null | undefined;
}) {
  const own = question?.own.probabilities;
  const apart = own && recorded ? Math.max(...own.map((p, i) => Math.abs(p - Math.exp(recorded[i]!)))) : null;
  return (
    <section class="card" aria-busy={now === undefined}>
      <h2>Answer</h2>
      {question && now ? (
        <>
          <Bars sample={sample} own={question.own} now={now} />
          <p class={`said-now ${now.choice === sample.answer ? "good" : "bad"}`}>
            {now.choice === null
              ? "cannot be read"
              : now.choice === sample.answer
                ? `${sample.options[now.choice]}: right`
                : `${sample.options[now.choice]}: wrong`}
          </p>
          <p class="reply" tabIndex={0}>
            {now.text}
          </p>
          <p class="quiet">
            {own ? "Ticks: with own latents. " : "With own latents the reply has no answer. "}
            {apart === null
              ? ""
              : typeset(
                  `With them the model agrees with the audit to ${Math.max(apart, 1e-7).toExponential(0)}.`,
                )}
          </p>
        </>
      ) : (
        <p class="empty" role="status">
          {question ? "The model answers…" : "The model is loaded, and reads the question…"}
        </p>
      )}
    </section>
  );
}

/** The example that own latents are taken from: that of the address, or the next one that is selected. */
function donorOf(
  selected: Int32Array | undefined,
  row: number | null,
  given: string | undefined,
): number | null {
  if (!selected || row === null || selected.length < 2) return null;
  if (given !== undefined && selected.includes(Number(given)) && Number(given) !== row) return Number(given);
  return selected[(selected.indexOf(row) + 1) % selected.length]!;
}

export function Try({ run, place }: { run: RunContent; place: Place }) {
  const { params } = place;
  const asked = useQuestion(run, place);
  const { audit, entry, row, rows, selected, sample, question, error } = asked;
  const { value: recorded } = useLoaded(
    () => (rows && audit !== null && row !== null ? outcomeOf(audit, row, OUTCOME_BLOCK) : null),
    [audit, row, rows?.n],
  );
  const { value: helper } = useLoaded(
    () => (sample?.helpers[0] ? pictureOf(sample.helpers[0]) : null),
    [sample?.id],
  );
  const donor = donorOf(selected, row, params.other);
  const sources = sample ? sourcesOf(sample, entry?.latents === true, donor !== null) : [];
  const source = sources.some(({ name }) => name === params.src)
    ? params.src!
    : (sources[0]?.name ?? "zeros");
  const { value: other } = useLoaded(
    () => (source === "other" && rows && entry && donor !== null ? sampleOfRow(entry, rows, donor) : null),
    [audit, donor, source],
  );
  const mix = Math.max(0, Math.min(1, Number(params.mix ?? 0)));
  const grid = useMemo(() => (helper ? gridOf(helper) : null), [helper]);
  const cells = params.cells ?? grid?.cells ?? "";
  const drawn = useMemo(
    () => (helper && grid && source === "drawn" ? painted(helper, grid, cells) : undefined),
    [helper, grid, cells, source],
  );
  const [now, setNow] = useState<Reply>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => setNow(undefined), [question]);
  useEffect(() => {
    if (!question || audit === null || (source === "other" && !other)) return;
    const controller = new AbortController();
    const { signal } = controller;
    const given = {
      drawn,
      other: other && donor !== null ? { audit, row: donor, sample: other } : undefined,
    };
    question.answer({ source, mix }, given, signal).then(
      (reply) => {
        if (signal.aborted) return;
        setNow(reply);
        setFailure(undefined);
      },
      (cause: Error) => !signal.aborted && setFailure(cause.message),
    );
    return () => controller.abort();
  }, [question, audit, source, mix, drawn, other]);
  if (audit === null || !entry) return <p class="empty">There are no audits yet.</p>;
  /** The donor so many places on, not the question itself. */
  const step = (by: number): void => {
    if (!selected || donor === null) return;
    const at = (places: number): number =>
      selected[(selected.indexOf(donor) + places + selected.length) % selected.length]!;
    set({ other: at(by) === row ? at(2 * by) : at(by) });
  };
  return (
    <>
      <QuestionBar run={run} asked={asked} />
      {(error || failure) && <p class="notice">{error ?? failure}</p>}
      {asked.able && sample && (
        <div class="try-grid">
          <section class="card">
            <h2>Question</h2>
            <Asking sample={sample} target={84} />
          </section>
          <SlotSource
            sample={sample}
            sources={sources}
            source={source}
            mix={mix}
            cells={cells}
            side={grid?.side ?? null}
            other={other}
            step={step}
          />
          <Answer
            sample={sample}
            question={question}
            now={now}
            recorded={recorded?.outcomes.own?.optionLogProbabilities}
          />
        </div>
      )}
    </>
  );
}
