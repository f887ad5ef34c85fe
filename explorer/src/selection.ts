/** The selection that all views share, from the address. */
import { useMemo, useRef } from "preact/hooks";
import { OUTCOME_BLOCK, type OutcomesContent, type RunContent } from "../../src/explorer/types.ts";
import { isStatic, load } from "./data.ts";
import { loadRows, type Rows, rowsOfRanges, selectRows, sortRows, termsOf } from "./rows.ts";
import { type Place, useLoaded } from "./state.ts";

interface Selected {
  /** Number of the audit; null where there is none. */
  audit: number | null;
  other: number | null;
  rows: Rows | undefined;
  otherRows: Rows | undefined;
  selected: Int32Array | undefined;
  row: number | null;
  error: string | undefined;
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : null;

/** Rows whose id or replies contain a text. */
async function search(audit: number, rows: Rows, query: string): Promise<Set<number>> {
  if (!isStatic) {
    const found = await load<number[]>(`search/${audit}/${encodeURIComponent(encodeURIComponent(query))}`);
    return new Set(found);
  }
  const wanted = query.toLowerCase();
  const found = new Set<number>();
  for (let block = 0; block * OUTCOME_BLOCK < rows.n; block++) {
    const records = await load<OutcomesContent>(`outcomes/${audit}/${block}`);
    for (const [i, record] of records.entries())
      if (JSON.stringify(record).toLowerCase().includes(JSON.stringify(wanted).slice(1, -1)))
        found.add(block * OUTCOME_BLOCK + i);
  }
  return found;
}

/** The audit to look at where the address names none: the first with outcomes, own and oracle if there is one. */
export function usualAudit(run: RunContent): number | null {
  const usable = run.audits.flatMap(({ outcomes }, i) => (outcomes ? [i] : []));
  return usable.find((i) => run.audits[i]!.result?.interventions.oracle) ?? usable[0] ?? null;
}

export function useSelection(run: RunContent, { params }: Place): Selected {
  const asked = numberOf(params.a);
  const audit = asked !== null && run.audits[asked] ? asked : usualAudit(run);
  const usable = audit !== null && run.audits[audit]!.outcomes;
  const wantsOther = numberOf(params.b);
  const other = wantsOther !== null && run.audits[wantsOther]?.outcomes ? wantsOther : null;
  const growing = audit === null ? undefined : run.audits[audit]!.growing;
  const { value: fresh, error } = useLoaded(
    () => (usable ? loadRows(audit, growing) : null),
    [audit, usable, growing ?? null],
  );
  // While an audit is written, what was read of it stays until the next rows are here.
  const last = useRef<{ audit: number | null; rows: Rows | undefined }>({ audit: null, rows: undefined });
  if (fresh || last.current.audit !== audit) last.current = { audit, rows: fresh };
  const { rows } = last.current;
  const { value: otherRows } = useLoaded(
    () => (other !== null ? loadRows(other, run.audits[other]!.growing) : null),
    [other],
  );
  const query = params.q ?? "";
  const { value: found } = useLoaded(
    () => (rows && query ? search(audit!, rows, query) : null),
    [audit, query, rows?.n],
  );
  const selected = useMemo(() => {
    if (!rows || (query && !found)) return undefined;
    const chosen = params.rows ? rowsOfRanges(params.rows) : null;
    const passing = selectRows(
      rows,
      { terms: termsOf(params.f), chosen, found: query ? found! : null },
      otherRows ?? null,
    );
    return params.sort ? sortRows(rows, passing, params.sort) : passing;
  }, [rows, otherRows, found, params.f, params.rows, params.sort, query]);
  const row = numberOf(params.row);
  return {
    audit,
    other,
    rows,
    otherRows,
    selected,
    row: rows && row !== null && row < rows.n ? row : null,
    error,
  };
}
