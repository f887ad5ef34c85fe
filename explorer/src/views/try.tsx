/** A pocket model in the page: choose an example, choose or mix or draw what stands in the slots, and see the answer move. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { OUTCOME_BLOCK, type Reply, type RunContent, type Sample } from "../../../src/explorer/types.ts";
import { outcomeOf } from "../data.ts";
import { percent } from "../format.ts";
import { Grid, gridOf, painted } from "../parts/helper-grid.tsx";
import { Question as Asking, Picture } from "../parts/pictures.tsx";
import { QuestionBar, useQuestion } from "../parts/question.tsx";
import { type Place, set, useLoaded } from "../state.ts";
import { pictureOf } from "../trial.ts";

/** What the slots are moved towards. */
function sourcesOf(sample: Sample): { name: string; text: string }[] {
  return [
    ...(sample.helpers.length > 0 ? [{ name: "oracle", text: "oracle" }] : []),
    ...sample.counterfactuals.flatMap((helpers, i) =>
      helpers ? [{ name: `option-${i}`, text: `helper for ${sample.options[i]}` }] : [],
    ),
    ...(sample.helpers.length > 0 ? [{ name: "drawn", text: "drawing" }] : []),
    { name: "zeros", text: "zeros" },
    { name: "skip", text: "no slots" },
  ];
}

const Bars = ({ sample, own, now }: { sample: Sample; own: Reply; now: Reply }) => (
  <ul class="bars" aria-live="polite">
    {sample.options.map((option, i) => {
      const [before, after] = [own.probabilities?.[i] ?? 0, now.probabilities?.[i] ?? 0];
      return (
        <li key={i} class={`${i === sample.answer ? "truth" : ""}${now.choice === i ? " chosen" : ""}`}>
          <b>
            {i === sample.answer && "✓ "}
            {option}
          </b>
          <span class="track">
            <span class="now" style={{ width: `${after * 100}%` }} />
            <span class="then" style={{ left: `${before * 100}%` }} title={`own: ${percent(before)}`} />
          </span>
          <data value={String(after)}>{percent(after)}</data>
        </li>
      );
    })}
  </ul>
);

export function Try({ run, place }: { run: RunContent; place: Place }) {
  const { params } = place;
  const asked = useQuestion(run, place);
  const { audit, entry, row, rows, sample, question, error } = asked;
  const { value: recorded } = useLoaded(
    () => (rows && audit !== null && row !== null ? outcomeOf(audit, row, OUTCOME_BLOCK) : null),
    [audit, row, rows?.n],
  );
  const { value: helper } = useLoaded(
    () => (sample?.helpers[0] ? pictureOf(sample.helpers[0]) : null),
    [sample?.id],
  );
  const sources = sample ? sourcesOf(sample) : [];
  const source = sources.some(({ name }) => name === params.src)
    ? params.src!
    : (sources[0]?.name ?? "zeros");
  const mix = Math.max(0, Math.min(1, Number(params.mix ?? 0)));
  const grid = useMemo(() => (helper ? gridOf(helper) : null), [helper]);
  const cells = params.cells ?? grid?.cells ?? "";
  const drawn = useMemo(
    () => (helper && grid && source === "drawn" ? painted(helper, grid, cells) : undefined),
    [helper, grid, cells, source],
  );
  const [now, setNow] = useState<Reply>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    if (!question || !sample) return;
    let current = true;
    question.answer({ source, mix }, drawn).then(
      (reply) => {
        if (!current) return;
        setNow(reply);
        setFailure(undefined);
      },
      (cause: Error) => current && setFailure(cause.message),
    );
    return () => {
      current = false;
    };
  }, [question, sample, source, mix, drawn]);
  if (audit === null || !entry) return <p class="empty">There are no audits yet.</p>;
  const there = recorded?.outcomes.own?.optionLogProbabilities;
  const apart =
    question?.own.probabilities && there
      ? Math.max(...question.own.probabilities.map((p, i) => Math.abs(p - Math.exp(there[i]!))))
      : null;
  return (
    <>
      <QuestionBar run={run} asked={asked} />
      {(error || failure) && <p class="notice">{error ?? failure}</p>}
      {asked.model !== null && sample && (
        <div class="try-grid">
          <section class="card">
            <h2>Question</h2>
            <Asking sample={sample} target={84} />
          </section>
          <section class="card">
            <h2>In the slots</h2>
            <div class="segments sources" role="group" aria-label="what the slots are moved towards">
              {sources.map(({ name, text }) => (
                <button
                  type="button"
                  key={name}
                  aria-pressed={source === name}
                  onClick={() => set({ src: name, mix: mix === 0 ? 1 : mix })}
                >
                  {text}
                </button>
              ))}
            </div>
            <label class="mix">
              <span>own</span>
              <input
                type="range"
                min="0"
                max="1"
                step="0.01"
                value={mix}
                aria-label="share of it in the slots"
                aria-valuetext={percent(mix, 0)}
                onInput={(event) => set({ mix: event.currentTarget.value, src: source })}
              />
              <span>{sources.find(({ name }) => name === source)?.text}</span>
            </label>
            <p class="quiet">
              {source === "skip"
                ? "Beyond the middle, the block has no slots."
                : `${percent(mix, 0)} of ${sources.find(({ name }) => name === source)?.text ?? ""}, ${percent(1 - mix, 0)} of its own latents`}
            </p>
            {source === "drawn" && grid ? (
              <Grid cells={cells} side={grid.side} onChange={(next) => set({ cells: next, src: "drawn" })} />
            ) : source === "oracle" && sample.helpers[0] ? (
              <Picture image={sample.helpers[0]} alt="helper" mark="oracle" target={120} />
            ) : source.startsWith("option-") ? (
              <Picture
                image={sample.counterfactuals[Number(source.slice(7))]![0]!}
                alt="helper of another option"
                mark="counterfactual"
                target={120}
              />
            ) : null}
          </section>
          <section class="card">
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
                <p class="reply">{now.text}</p>
                <p class="quiet">
                  Ticks: with own latents.{" "}
                  {apart === null
                    ? ""
                    : `The page agrees with the audit to ${apart < 1e-7 ? "1e-7" : apart.toExponential(0)}.`}
                </p>
              </>
            ) : (
              <p class="empty" role="status">
                {question ? "The model answers…" : "The model is loaded…"}
              </p>
            )}
          </section>
        </div>
      )}
    </>
  );
}
