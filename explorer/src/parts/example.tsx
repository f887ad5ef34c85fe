/** One example: what was asked, the helper, and every intervention's reply side by side. */
import type {
  AuditEntry,
  LatentsContent,
  OutcomesContent,
  RunContent,
  Sample,
} from "../../../src/explorer/types.ts";
import { NEAREST, OUTCOME_BLOCK, SAMPLE_BLOCK } from "../../../src/explorer/types.ts";
import { floatsOf, shortsOf } from "../bytes.ts";
import { load, outcomeOf, sampleAt } from "../data.ts";
import { decimal, letter, percent, plain } from "../format.ts";
import type { Rows } from "../rows.ts";
import { useLoaded } from "../state.ts";
import { differing } from "./diff.ts";
import { Picture, Question } from "./pictures.tsx";
import { ROLE_COLORS } from "./plots.tsx";

type Outcomes = OutcomesContent[number];

export const sampleOfRow = (audit: AuditEntry, rows: Rows, row: number): Promise<Sample | null> | null => {
  const at = rows.sample?.[row] ?? -1;
  return audit.samples === null || at < 0 ? null : sampleAt(audit.samples, at, SAMPLE_BLOCK);
};

/** Characters that a reply may have in its two lines; a longer one scrolls. */
const LONG_REPLY = 40;

/** Special tokens of a reply stand out less than its words. */
const Reply = ({ text, own }: { text: string; own: string | null }) => (
  // A long reply scrolls, by keyboard too.
  <span class="reply" tabIndex={text.length > LONG_REPLY ? 0 : undefined}>
    {differing(text, own ?? text).map(({ text: piece, fresh }, i) => {
      const parts = piece.split(/(<\|[^|>]*\|>)/);
      const shown = parts.map((part, j) =>
        part.startsWith("<|") ? (
          <i key={j} class="token">
            {part}
          </i>
        ) : (
          part
        ),
      );
      return fresh ? <mark key={i}>{shown}</mark> : <span key={i}>{shown}</span>;
    })}
  </span>
);

/** A second audit beside the example's own, and the example's row there. */
interface Beside {
  index: number;
  row: number | undefined;
}

/** Own replies of the audits A and B, before all others. */
interface OwnReply {
  name: string;
  outcome: Outcomes["outcomes"][string] | undefined;
  /** Where each option of A stands among those of this audit. */
  places: number[];
}

function Probabilities({
  record,
  run,
  pair,
}: {
  record: Outcomes;
  run: RunContent;
  /** Where a second audit is chosen: own replies of both. */
  pair: readonly OwnReply[];
}) {
  const own = record.outcomes.own?.text ?? null;
  const same = record.options.map((_, i) => i);
  const order = Object.keys(run.interventions).filter((name) => record.outcomes[name]);
  const names = [...order, ...Object.keys(record.outcomes).filter((name) => !order.includes(name))];
  const shown = [
    ...pair.map(({ name, ...each }, i) => ({ key: `pair ${i}`, name: "own", audit: name, ...each })),
    ...names
      .filter((name) => name !== "own" || pair.length === 0)
      .map((name) => ({ key: name, name, audit: null, outcome: record.outcomes[name], places: same })),
  ];
  return (
    <section class="wide" tabIndex={0} aria-label="table">
      <table class="replies">
        <caption class="quiet">Probability of each option, the chosen one outlined</caption>
        <thead>
          <tr>
            <th scope="col">intervention</th>
            {record.options.map((option, i) => (
              <th
                scope="col"
                key={i}
                class={i === record.answer ? "option truth" : "option"}
                title={i === record.answer ? `${option}: the right answer` : option}
              >
                {i === record.answer && <span aria-hidden="true">✓ </span>}
                {option.length > 12 ? letter(i) : option}
              </th>
            ))}
            <th scope="col">reply, and how it differs from own</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ key, name, audit, outcome, places }, at) => {
            if (!outcome)
              return (
                <tr key={key}>
                  <th scope="row">
                    {name} <small class="of-audit">{audit}</small>
                  </th>
                  <td class="quiet" colSpan={record.options.length + 1}>
                    This audit has no such example.
                  </td>
                </tr>
              );
            const choice = outcome.choice === null ? null : places.indexOf(outcome.choice);
            const right = choice === record.answer;
            return (
              <tr key={key} class={right ? "right" : "wrong"}>
                <th scope="row" title={plain(run.interventions[name]?.text)}>
                  <span
                    class="dot"
                    style={{ background: ROLE_COLORS[run.interventions[name]?.role ?? "control"] }}
                  />
                  {name}
                  {audit !== null && <small class="of-audit">{audit}</small>}
                </th>
                {record.options.map((_, i) => {
                  const log = outcome.optionLogProbabilities?.[places[i]!];
                  const p = typeof log === "number" ? Math.exp(log) : null;
                  return (
                    <td
                      key={i}
                      data-label={record.options[i]!.length > 12 ? letter(i) : record.options[i]}
                      class={`p${choice === i ? " chosen" : ""}${i === record.answer ? " truth" : ""}`}
                    >
                      <span class="fill" style={{ width: `${(p ?? 0) * 100}%` }} />
                      <span class="figure">{p === null ? "–" : percent(p, 0)}</span>
                    </td>
                  );
                })}
                <td class="said">
                  {outcome.choice === null && <b class="unread">cannot be read </b>}
                  <Reply text={outcome.text} own={name === "own" && at === 0 ? null : own} />
                  {outcome.finish === "length" && <small class="quiet"> … cut off at the limit</small>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** The oracles that are nearest to the example's own latent, as pictures; the right one is marked. */
export function LooksLike({
  audit,
  index,
  rows,
  row,
}: {
  audit: AuditEntry;
  index: number;
  rows: Rows;
  row: number;
}) {
  const { value: latents, error } = useLoaded(
    () => (audit.latents ? load<LatentsContent>(`latents/${index}`) : null),
    [index, audit.latents],
  );
  const at = latents?.rows.indexOf(row) ?? -1;
  const view = latents?.views[0];
  const list =
    view && at >= 0 ? Array.from(shortsOf(view.nearest).subarray(at * NEAREST, (at + 1) * NEAREST)) : [];
  const { value: samples } = useLoaded(
    () =>
      list.length > 0
        ? Promise.all(
            list.map((each) => (each === 0xffff ? null : sampleOfRow(audit, rows, latents!.rows[each]!))),
          )
        : null,
    [index, row, list.length],
  );
  if (error) return <p class="notice">{error}</p>;
  if (!audit.latents || !latents) return null;
  if (at < 0 || !view) return <p class="quiet">This example has no own latents or no oracle.</p>;
  const cosines = floatsOf(view.cosines).subarray(at * NEAREST, (at + 1) * NEAREST);
  const rank = shortsOf(view.ranks)[at]!;
  return (
    <section class="looks">
      <h3>
        What own looked like{" "}
        <small>oracles nearest to its own latent, by cosine; its own oracle ranks {rank}</small>
      </h3>
      <ol class="gallery">
        {list.map((each, i) =>
          each === 0xffff ? null : (
            <li key={i} class={each === at ? "its" : ""}>
              {samples?.[i]?.helpers[0] ? (
                <Picture
                  image={samples[i]!.helpers[0]!}
                  alt={`helper of ${rows.ids[latents.rows[each]!]}`}
                  target={64}
                />
              ) : (
                <span class="no-picture" />
              )}
              <small>
                {each === at ? "its own · " : ""}
                {decimal(cosines[i]!)}
              </small>
            </li>
          ),
        )}
      </ol>
    </section>
  );
}

export function Example({
  run,
  index,
  rows,
  row,
  beside,
  onClose,
  onStep,
  onPin,
  pinned,
}: {
  run: RunContent;
  index: number;
  rows: Rows;
  row: number;
  beside?: Beside | undefined;
  onClose: () => void;
  onStep?: (by: number) => void;
  onPin?: () => void;
  pinned?: boolean;
}) {
  const audit = run.audits[index]!;
  const { value: record, error } = useLoaded(() => outcomeOf(index, row, OUTCOME_BLOCK), [index, row]);
  const { value: sample, error: missing } = useLoaded(() => sampleOfRow(audit, rows, row), [index, row]);
  const { value: there, error: failed } = useLoaded(
    () => (beside?.row === undefined ? null : outcomeOf(beside.index, beside.row, OUTCOME_BLOCK)),
    [beside?.index, beside?.row],
  );
  const pair: OwnReply[] =
    record && beside && (beside.row === undefined || there !== undefined)
      ? [
          {
            name: `A: ${audit.name}`,
            outcome: record.outcomes.own,
            places: record.options.map((_, i) => i),
          },
          {
            name: `B: ${run.audits[beside.index]!.name}`,
            outcome: there?.outcomes.own,
            places: record.options.map((option) => there?.options.indexOf(option) ?? -1),
          },
        ]
      : [];
  const absent = audit.samples === null || (rows.sample?.[row] ?? -1) < 0 || sample === null;
  return (
    <article class="example" aria-label={`Example ${rows.ids[row]}`}>
      <header>
        <h2>
          {pinned && <small class="quiet">pinned </small>}
          <code>{rows.ids[row]}</code>
        </h2>
        <div class="buttons">
          {onStep && (
            <button
              type="button"
              class="plain"
              onClick={() => onStep(-1)}
              aria-label="previous example"
              title="previous (k)"
            >
              ↑
            </button>
          )}
          {onStep && (
            <button
              type="button"
              class="plain"
              onClick={() => onStep(1)}
              aria-label="next example"
              title="next (j)"
            >
              ↓
            </button>
          )}
          {onPin && (
            <button type="button" class="plain" onClick={onPin} title="keep it beside the next ones">
              Pin
            </button>
          )}
          <button
            type="button"
            class="plain"
            onClick={onClose}
            aria-label="close the example"
            title="close (Esc)"
          >
            ✕
          </button>
        </div>
      </header>
      {error && <p class="notice">{error}</p>}
      {missing && <p class="notice">{missing}</p>}
      {failed && <p class="notice">{failed}</p>}
      {absent && !missing && (
        <p class="quiet">
          Question and images are not shown:{" "}
          {audit.samples === null
            ? "the dataset is not at hand. --data DIR names it."
            : "the example is not in the dataset."}
        </p>
      )}
      {sample?.missing && <p class="notice">{sample.missing}</p>}
      {sample && (
        <div class="asked">
          <Question sample={sample} />
          {sample.helpers.length > 0 && (
            <figure class="helper">
              <div>
                {sample.helpers.map((helper, i) => (
                  <Picture key={i} image={helper} alt="helper image" mark="oracle" />
                ))}
              </div>
              <figcaption>helper</figcaption>
            </figure>
          )}
        </div>
      )}
      {sample?.counterfactuals.some(Boolean) && (
        <details>
          <summary>Helpers that would make another option right</summary>
          <ul class="gallery">
            {sample.counterfactuals.map(
              (helpers, i) =>
                helpers && (
                  <li key={i}>
                    {helpers.map((helper, j) => (
                      <Picture
                        key={j}
                        image={helper}
                        alt={`helper for ${sample.options[i]}`}
                        target={64}
                        mark="counterfactual"
                      />
                    ))}
                    <small>{sample.options[i]}</small>
                  </li>
                ),
            )}
          </ul>
        </details>
      )}
      {sample?.optionTexts && (
        <ol class="option-texts">
          {sample.optionTexts.map((text, i) => (
            <li key={i} class={i === sample.answer ? "truth" : ""}>
              <b>{sample.options[i]}</b> {text}
            </li>
          ))}
        </ol>
      )}
      <LooksLike audit={audit} index={index} rows={rows} row={row} />
      {record && <Probabilities record={record} run={run} pair={pair} />}
      {sample && Object.keys(sample.attributes).length > 0 && (
        <dl class="facts">
          {Object.entries(sample.attributes).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{String(value).replace(/,(?=\S)/g, ", ")}</dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  );
}
