/** The question that a model is asked: which one, and the model's answer to it. */

import type { AuditEntry, RunContent, Sample } from "../../../src/explorer/types.ts";
import { isStatic } from "../data.ts";
import type { Rows } from "../rows.ts";
import { useSelection } from "../selection.ts";
import { type Place, set, useLoaded } from "../state.ts";
import { type Asked, canAsk, openTrial, type Question } from "../trial.ts";
import { AuditPicker } from "./audit-picker.tsx";
import { sampleOfRow } from "./example.tsx";
import { Command } from "./prose.tsx";

export interface AskedQuestion {
  audit: number | null;
  entry: AuditEntry | null;
  rows: Rows | undefined;
  row: number | null;
  selected: Int32Array | undefined;
  /** Whether a model answers for the audit. */
  able: boolean;
  sample: Sample | null | undefined;
  asked: Asked | undefined;
  question: Question | undefined;
  error: string | undefined;
}

/** The row of the address, or the first that is selected, asked of the audit's model. */
export function useQuestion(run: RunContent, place: Place): AskedQuestion {
  const { audit, rows, selected, row: chosen } = useSelection(run, place);
  const entry = audit === null ? null : run.audits[audit]!;
  const row = chosen ?? (rows && selected && selected.length > 0 ? selected[0]! : null);
  const able = entry !== null && canAsk(entry);
  const { value: sample, error: missing } = useLoaded(
    () => (rows && entry && row !== null ? sampleOfRow(entry, rows, row) : null),
    [audit, row, rows?.n],
  );
  const asked = audit !== null && row !== null && sample ? { audit, row, sample } : undefined;
  const { value: question, error } = useLoaded(
    (signal) => (able && asked ? openTrial(entry).then((trial) => trial.ask(asked, signal)) : null),
    [audit, able, sample?.id, row],
  );
  return { audit, entry, rows, row, selected, able, sample, asked, question, error: missing ?? error };
}

/** Which audit and example, with steps to the next one, and why there is nothing to ask. */
export function QuestionBar({ run, asked }: { run: RunContent; asked: AskedQuestion }) {
  const { audit, entry, rows, row, selected, able, question } = asked;
  const { value: notes = [] } = useLoaded(() => question?.check() ?? null, [audit, question ? 1 : 0]);
  const step = (by: number): void => {
    if (!selected || selected.length === 0 || row === null) return;
    const at = (selected.indexOf(row) + by + selected.length) % selected.length;
    set({ row: selected[at]!, cells: null });
  };
  return (
    <>
      <div class="toolbar">
        <AuditPicker run={run} value={audit} />
        {row !== null && rows && (
          <div class="stepper">
            <button type="button" class="button" onClick={() => step(-1)} aria-label="previous example">
              ←
            </button>
            <code>{rows.ids[row]}</code>
            <button type="button" class="button" onClick={() => step(1)} aria-label="next example">
              →
            </button>
          </div>
        )}
      </div>
      {!able && <p class="empty">{entry ? <Unable run={run} /> : "There are no audits yet."}</p>}
      {able && entry?.samples === null && (
        <p class="empty">
          The dataset is not at hand: start <Command text="lintel explore" /> with{" "}
          <Command text="--data DIR" />.
        </p>
      )}
      {notes.map((note) => (
        <p class="notice" key={note}>
          {note}
        </p>
      ))}
    </>
  );
}

/** Why no model answers, and what to do about it. */
const Unable = ({ run }: { run: RunContent }) =>
  isStatic ? (
    <>
      The model of this audit does not run in an exported page: it is too large for one, was not at hand, or
      found no room beside other models. The explorer that <Command text="lintel explore" /> serves answers
      for it.
    </>
  ) : (
    <>
      The model of this audit is not at hand. Start{" "}
      <Command text={`lintel explore ${run.kind === "study" ? "RUN" : "AUDIT"} --model DIR`} />, with{" "}
      <Command text="--engine torch --python CMD" /> where PyTorch runs it.
    </>
  );
