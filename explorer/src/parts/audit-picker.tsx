import type { AuditEntry, RunContent } from "../../../src/explorer/types.ts";
import { isStatic } from "../data.ts";
import { set } from "../state.ts";

/** "tetris eval": the questions that an audit asks, as far as its task and split say. */
export const questionsOf = ({ task, split }: Pick<AuditEntry, "task" | "split">): string =>
  [task, split].filter(Boolean).join(" ") || "unnamed questions";

/** Which audit is looked at. */
export function AuditPicker({
  run,
  value,
  name = "a",
  label = "Audit",
  none,
  beside,
}: {
  run: RunContent;
  value: number | null;
  name?: string;
  label?: string;
  none?: string;
  /** Number of the audit that it is compared with: audits of other questions stand apart, with the reason. */
  beside?: number | null;
}) {
  const other = beside === undefined || beside === null ? null : run.audits[beside]!;
  const all = run.audits.map((audit, i) => ({ audit, i }));
  const fits = ({ audit }: (typeof all)[number]): boolean =>
    other === null || (audit.task === other.task && audit.split === other.split);
  const apart = all.filter((each) => !fits(each));
  const options = (some: typeof all, disabled = false) =>
    some.map(({ audit, i }) => (
      <option key={i} value={String(i)} disabled={disabled || (other !== null && !audit.outcomes)}>
        {audit.name}
        {other !== null && !audit.outcomes ? " (no outcomes)" : ""}
      </option>
    ));
  return (
    <label class="picker">
      <span>{label}</span>
      <select
        value={value === null ? "" : String(value)}
        onChange={(event) => set({ [name]: event.currentTarget.value, row: null, rows: null }, false)}
      >
        {none !== undefined && <option value="">{none}</option>}
        {apart.length === 0 || other === null ? (
          options(all)
        ) : (
          <>
            <optgroup label={`Same task and split: ${questionsOf(other)}`}>
              {options(all.filter(fits))}
            </optgroup>
            {/* An export has no comparisons of these. */}
            <optgroup
              label={
                isStatic
                  ? "Other task or split: not compared in an export"
                  : "Other task or split: usually no question in common"
              }
            >
              {options(apart, isStatic)}
            </optgroup>
          </>
        )}
      </select>
    </label>
  );
}
