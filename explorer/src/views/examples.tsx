/** The table of examples and the one that is open. */
import { useEffect } from "preact/hooks";
import type { RunContent } from "../../../src/explorer/types.ts";
import { letter, percent } from "../format.ts";
import { AuditPicker } from "../parts/audit-picker.tsx";
import { Example } from "../parts/example.tsx";
import { Filters } from "../parts/filters.tsx";
import { ROLE_COLORS } from "../parts/plots.tsx";
import { SelectionDifferences } from "../parts/selection-differences.tsx";
import { VirtualTable } from "../parts/virtual-table.tsx";
import { type Rows, standing, termsOf } from "../rows.ts";
import { useSelection } from "../selection.ts";
import { type Place, set } from "../state.ts";

const STANDINGS = { right: "right", wrong: "wrong", unread: "cannot be read", absent: "not run" };

/** The column of B's own latents; the name is that of conditions. */
const OWN_OF_B = "B.own";

function Cell({ rows, name, row }: { rows: Rows; name: string; row: number }) {
  const state = standing(rows, name, row);
  const p = rows.right[name]![row]!;
  if (state === "absent") return <span role="gridcell" class="cell absent" />;
  return (
    <span
      role="gridcell"
      class={`cell ${state}`}
      title={`${name}: ${STANDINGS[state]}${p < 255 ? `; the right option has ${percent(p / 250, 0)}` : ""}`}
    >
      <span class="letter">{state === "unread" ? "?" : letter(rows.choices[name]![row]!)}</span>
      {p < 255 && (
        <span class="bar">
          <span style={{ width: `${(p / 250) * 100}%` }} />
        </span>
      )}
    </span>
  );
}

export function Examples({ run, place }: { run: RunContent; place: Place }) {
  const { audit, other, rows, otherRows, selected, row, error } = useSelection(run, place);
  const { params } = place;
  const active = row === null || !selected ? -1 : selected.indexOf(row);
  const step = (by: number): void => {
    if (!selected || selected.length === 0) return;
    const next = Math.max(0, Math.min(selected.length - 1, active + by));
    set({ row: selected[next]! });
  };
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (
        (event.target as HTMLElement).closest("input,select,textarea,[role=grid]") ||
        event.ctrlKey ||
        event.metaKey
      )
        return;
      if (event.key === "Escape") set({ row: null });
      else if (event.key === "j") step(1);
      else if (event.key === "k") step(-1);
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  });
  if (audit === null) return <p class="empty">There are no outcomes to show yet.</p>;
  const { sort = "" } = params;
  // What B answers stands beside what A answers.
  const names = rows?.interventions ?? [];
  const columns = !otherRows
    ? names
    : names.includes("own")
      ? names.flatMap((name) => (name === "own" ? [name, OWN_OF_B] : [name]))
      : [OWN_OF_B, ...names];
  const besideOf = (each: number) =>
    other !== null && rows && otherRows
      ? { index: other, row: otherRows.place.get(rows.ids[each]!) }
      : undefined;
  const pin = params.pin !== undefined && rows && Number(params.pin) < rows.n ? Number(params.pin) : null;
  const sortBy = (name: string) => (
    <button
      type="button"
      class="sort"
      title={`${name}: sort by the probability of the right option`}
      onClick={() => set({ sort: sort === name ? `-${name}` : sort === `-${name}` ? null : name })}
    >
      <span class="dot" style={{ background: ROLE_COLORS[run.interventions[name]?.role ?? "control"] }} />
      <span class="column-name">
        {name}
        {sort === name ? " ↑" : sort === `-${name}` ? " ↓" : ""}
      </span>
    </button>
  );
  return (
    <div class={`examples-view${row !== null ? " open" : ""}`}>
      <div class="list-side">
        <div class="toolbar">
          <AuditPicker run={run} value={audit} />
          {other !== null && (
            <AuditPicker run={run} value={other} name="b" label="B" none="no second audit" />
          )}
        </div>
        {error && <p class="notice">{error}</p>}
        {rows?.notes.map((note) => (
          <p class="notice" key={note}>
            {note}
          </p>
        ))}
        {rows && selected ? (
          <>
            <Filters run={run} rows={rows} params={params} selected={selected} />
            {selected.length > 0 && (
              <SelectionDifferences
                run={run}
                index={audit}
                rows={rows}
                selected={selected}
                terms={termsOf(params.f)}
                open={params.diff === "1"}
              />
            )}
            {row === null && (
              <p class="quiet key-of-cells">
                Letter: the option chosen, “?” where the reply cannot be read. Bar: probability of the right
                option.
              </p>
            )}
            {selected.length === 0 ? (
              <p class="empty">
                {rows.n === 0
                  ? "No example of this audit is answered yet."
                  : "No example fits these conditions."}
              </p>
            ) : (
              <VirtualTable
                count={selected.length}
                height={34}
                active={active}
                label="examples"
                head={
                  <>
                    <span role="columnheader" class="cell id">
                      example
                    </span>
                    <span role="columnheader" class="cell answer" title="the right option">
                      ✓
                    </span>
                    {columns.map((name) =>
                      name === OWN_OF_B ? (
                        <span role="columnheader" class="cell head" key={name}>
                          B: own
                        </span>
                      ) : (
                        <span
                          role="columnheader"
                          class="cell head"
                          key={name}
                          aria-sort={
                            sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none"
                          }
                        >
                          {sortBy(name)}
                        </span>
                      ),
                    )}
                    {rows.rank && (
                      <span role="columnheader" class="cell head rank">
                        <button
                          type="button"
                          class="sort"
                          onClick={() => set({ sort: sort === "rank" ? "-rank" : "rank" })}
                          title="place of its oracle among all oracles by cosine to its own latent"
                        >
                          oracle’s rank{sort === "rank" ? " ↑" : sort === "-rank" ? " ↓" : ""}
                        </button>
                      </span>
                    )}
                  </>
                }
                row={(index) => {
                  const each = selected[index]!;
                  const there = otherRows?.place.get(rows.ids[each]!);
                  return (
                    <>
                      <span role="gridcell" class="cell id">
                        <code>{rows.ids[each]}</code>
                      </span>
                      <span role="gridcell" class="cell answer">
                        {letter(rows.answers[each]!)}
                      </span>
                      {columns.map((name) =>
                        name !== OWN_OF_B ? (
                          <Cell key={name} rows={rows} name={name} row={each} />
                        ) : there === undefined ? (
                          <span key={name} role="gridcell" class="cell absent" />
                        ) : (
                          <Cell key={name} rows={otherRows!} name="own" row={there} />
                        ),
                      )}
                      {rows.rank && (
                        <span role="gridcell" class="cell rank">
                          {rows.rank[each] || "–"}
                        </span>
                      )}
                    </>
                  );
                }}
                onMove={(index) => set({ row: selected[index]! })}
                onOpen={(index) => set({ row: selected[index]! }, row !== null)}
              />
            )}
          </>
        ) : (
          !error && (
            <p class="empty" role="status">
              Reading the outcomes…
            </p>
          )
        )}
      </div>
      {row !== null && rows && (
        <aside class="detail-side">
          {pin !== null && pin !== row && (
            <Example
              run={run}
              index={audit}
              rows={rows}
              row={pin}
              beside={besideOf(pin)}
              pinned
              onClose={() => set({ pin: null })}
            />
          )}
          <Example
            run={run}
            index={audit}
            rows={rows}
            row={row}
            beside={besideOf(row)}
            onClose={() => set({ row: null })}
            onStep={step}
            {...(pin === row ? {} : { onPin: () => set({ pin: row }) })}
          />
        </aside>
      )}
    </div>
  );
}
