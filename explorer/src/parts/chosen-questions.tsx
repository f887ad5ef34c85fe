/** Which questions a view uses where a filter of Examples is still there, and the way back to all of them. */
import { count } from "../format.ts";
import { type Rows, type Term, termsOf, termText } from "../rows.ts";
import { set } from "../state.ts";

/** Where answers chose the examples, what is measured on them estimates nothing. */
export const ByAnswers = ({ terms }: { terms: readonly Term[] }) =>
  terms.some((term) => !term.startsWith("@")) ? (
    <p class="quiet">
      These examples were chosen by answers of the audit, so that differences among them are no estimate.
    </p>
  ) : null;

export function ChosenQuestions({
  rows,
  selected,
  params,
}: {
  rows: Rows;
  selected: Int32Array;
  params: Readonly<Record<string, string>>;
}) {
  const terms = termsOf(params.f);
  const conditions = [
    ...terms.map(termText),
    ...(params.rows ? ["brushed in latents"] : []),
    ...(params.q ? [`“${params.q}” in ids and replies`] : []),
  ];
  if (conditions.length === 0) return null;
  return (
    <div class="chosen-questions">
      <p class="notice">
        {selected.length === 0
          ? `No question of this audit passes the filter of Examples, so that nothing can be measured: ${conditions.join(", ")}.`
          : `Only ${count(selected.length)} of ${count(rows.n)} questions, by the filter of Examples: ${conditions.join(", ")}.`}{" "}
        <button type="button" class="button" onClick={() => set({ f: null, rows: null, q: null }, false)}>
          Use all questions
        </button>
      </p>
      {selected.length > 0 && <ByAnswers terms={terms} />}
    </div>
  );
}
