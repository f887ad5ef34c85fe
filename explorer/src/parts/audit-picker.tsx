import type { RunContent } from "../../../src/explorer/types.ts";
import { set } from "../state.ts";

/** Which audit is looked at. */
export function AuditPicker({
  run,
  value,
  name = "a",
  label = "Audit",
  none,
}: {
  run: RunContent;
  value: number | null;
  name?: string;
  label?: string;
  none?: string;
}) {
  return (
    <label class="picker">
      <span>{label}</span>
      <select
        value={value === null ? "" : String(value)}
        onChange={(event) => set({ [name]: event.currentTarget.value, row: null, rows: null }, false)}
      >
        {none !== undefined && <option value="">{none}</option>}
        {run.audits.map((audit, i) => (
          <option key={i} value={String(i)}>
            {audit.name}
          </option>
        ))}
      </select>
    </label>
  );
}
