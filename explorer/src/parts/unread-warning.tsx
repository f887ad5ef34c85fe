import type { AuditEntry } from "../../../src/explorer/types.ts";
import { percent } from "../format.ts";

/** Least share of readable answers, as `lintel audit` uses it where none is given. */
const READABLE = 0.8;

/** Says of an audit whose own answers can hardly be read that its accuracies are about reading. */
export function UnreadWarning({ audit: { name, result } }: { audit: AuditEntry }) {
  const answered = result?.interventions.own?.answered;
  if (typeof answered !== "number" || answered >= READABLE) return null;
  return (
    <p class="notice unread-warning">
      Of the answers of {name} under own latents only {percent(answered)} can be read. The others count as
      wrong: accuracies below and differences between them say little about what answers rest on.
    </p>
  );
}
