/** The question that a model is asked in the page: which one, and the model's answer to it. */
import type { AuditEntry, RunContent, Sample } from "../../../src/explorer/types.ts";
import type { Rows } from "../rows.ts";
import { useSelection } from "../selection.ts";
import { type Place, set, useLoaded } from "../state.ts";
import { askedOf, openTrial, type Question } from "../trial.ts";
import { AuditPicker } from "./audit-picker.tsx";
import { sampleOfRow } from "./example.tsx";

export interface AskedQuestion {
  audit: number | null;
  entry: AuditEntry | null;
  rows: Rows | undefined;
  row: number | null;
  selected: Int32Array | undefined;
  /** Number of the model; null where none can be asked. */
  model: number | null;
  sample: Sample | null | undefined;
  question: Question | undefined;
  error: string | undefined;
}

/** The row of the address, or the first that is selected, asked of the audit's model. */
export function useQuestion(run: RunContent, place: Place): AskedQuestion {
  const { audit, rows, selected, row: chosen } = useSelection(run, place);
  const entry = audit === null ? null : run.audits[audit]!;
  const row = chosen ?? (rows && selected && selected.length > 0 ? selected[0]! : null);
  const model = entry?.model ?? null;
  const { value: sample, error: missing } = useLoaded(
    () => (rows && entry && row !== null ? sampleOfRow(entry, rows, row) : null),
    [audit, row, rows?.n],
  );
  const { value: question, error } = useLoaded(
    () =>
      model !== null && sample
        ? openTrial(model).then(async (trial) => trial.ask(await askedOf(sample)))
        : null,
    [model, sample?.id, row],
  );
  return { audit, entry, rows, row, selected, model, sample, question, error: missing ?? error };
}

/** Which audit and example, with steps to the next one, and why there is nothing to ask. */
export function QuestionBar({ run, asked }: { run: RunContent; asked: AskedQuestion }) {
  const { audit, entry, rows, row, selected, model } = asked;
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
      {model === null && (
        <p class="empty">
          The model of this audit does not run in the page: it is not at hand, or too large.
        </p>
      )}
      {model !== null && entry?.samples === null && <p class="empty">The dataset is not at hand.</p>}
    </>
  );
}
