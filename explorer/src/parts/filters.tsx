/** The filter of the examples: frequent questions as buttons, conditions as chips, slices with names. */
import { useMemo, useState } from "preact/hooks";
import type { RunContent } from "../../../src/explorer/types.ts";
import { count, letter } from "../format.ts";
import { LOOKS, type Rows, selectRows, type Term, termsOf, termText, textOfTerms } from "../rows.ts";
import { set } from "../state.ts";
import { Popover } from "./popover.tsx";

const STORE = "lintel-slices";
type Slices = Record<string, { f: string; rows: string; q: string }>;
const readSlices = (): Slices => {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}") as Slices;
  } catch {
    return {};
  }
};

/** The questions that are asked most, as far as the audit can answer them. */
function presetsOf(rows: Rows): { name: string; terms: Term[] }[] {
  const has = (name: string): boolean => rows.interventions.includes(name);
  const control = ["noise-matched", "other-own", "zeros", "noise", "mean"].find(has);
  return [
    ...(has("own") && has("oracle")
      ? [{ name: "oracle right, own wrong", terms: ["own=wrong", "oracle=right"] }]
      : []),
    ...(has("own") && control
      ? [
          { name: `right → wrong under ${control}`, terms: ["own=right", `${control}=wrong`] },
          { name: `wrong → right under ${control}`, terms: ["own=wrong", `${control}=right`] },
        ]
      : []),
    ...(has("own") ? [{ name: "own cannot be read", terms: ["own=unread"] }] : []),
    { name: "readers disagree", terms: ["readers"] },
    ...(rows.looks ? [{ name: "looks right, answered wrong", terms: ["looks=right", "own=wrong"] }] : []),
    ...(rows.rank ? [{ name: "own finds its oracle", terms: ["rank=1"] }] : []),
  ];
}

interface Props {
  run: RunContent;
  rows: Rows;
  params: Readonly<Record<string, string>>;
  selected: Int32Array;
}

export function Filters({ run, rows, params, selected }: Props) {
  const terms = termsOf(params.f);
  const [slices, setSlices] = useState(readSlices);
  const [left, setLeft] = useState("own");
  const [state, setState] = useState("wrong");
  const change = (next: Term[]): void => set({ f: textOfTerms(next), row: null }, false);
  const key = textOfTerms(terms);
  const counted = useMemo(
    () =>
      presetsOf(rows).map((preset) => ({
        ...preset,
        n: selectRows(rows, { terms: preset.terms, chosen: null, found: null }, null).length,
      })),
    [rows],
  );
  const presets = counted.filter(({ n, terms: own }) => n > 0 || textOfTerms(own) === key);
  const save = (): void => {
    const name = prompt("Name of this slice");
    if (!name) return;
    const next = { ...slices, [name]: { f: key, rows: params.rows ?? "", q: params.q ?? "" } };
    localStorage.setItem(STORE, JSON.stringify(next));
    setSlices(next);
  };
  const download = (): void => {
    const ids = Array.from(selected, (row) => rows.ids[row]).join("\n");
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(new Blob([`${ids}\n`], { type: "text/plain" }));
    const saved = Object.entries(slices).find(([, { f, rows: chosen, q }]) =>
      [f === key, chosen === (params.rows ?? ""), q === (params.q ?? "")].every(Boolean),
    );
    anchor.download = `${saved?.[0].replace(/[^\p{L}\p{N}._-]+/gu, "-") ?? "examples"}.txt`;
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  };
  const attributes = Object.entries(rows.attributes);
  const letters = Array.from({ length: rows.options.reduce((most, n) => Math.max(most, n), 0) }, (_, i) =>
    letter(i),
  );
  return (
    <div class="filters">
      <div class="presets" role="group" aria-label="frequent questions">
        {presets.map(({ name, terms: own, n }) => (
          <button
            type="button"
            key={name}
            class="chip"
            aria-pressed={textOfTerms(own) === key}
            onClick={() => change(textOfTerms(own) === key ? [] : own)}
          >
            {name} <b>{count(n)}</b>
          </button>
        ))}
      </div>
      <div class="conditions">
        <label class="search">
          <span class="hidden">search in ids and replies</span>
          <input
            type="search"
            id="search"
            placeholder="Search ids and replies"
            title="press / to search"
            value={params.q ?? ""}
            onChange={(event) => set({ q: event.currentTarget.value, row: null })}
          />
        </label>
        <Popover title="Add a condition">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const term =
                left === "readers"
                  ? "readers"
                  : left === "rank"
                    ? `rank>${state}`
                    : left.startsWith("@")
                      ? `${left}=${state}`
                      : state.startsWith("!=")
                        ? `${left}${state}`
                        : `${left}=${state}`;
              if (!terms.includes(term)) change([...terms, term]);
              (event.currentTarget.closest("details") as HTMLDetailsElement).open = false;
            }}
          >
            <label>
              Where
              <select
                value={left}
                onChange={(event) => {
                  const name = event.currentTarget.value;
                  setLeft(name);
                  setState(
                    name.startsWith("@")
                      ? rows.attributes[name.slice(1)]!.values[0]!
                      : name === "rank"
                        ? "1"
                        : "wrong",
                  );
                }}
              >
                <optgroup label="Reply under">
                  {rows.interventions.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </optgroup>
                {params.b && (
                  <optgroup label="Reply in B under">
                    {rows.interventions.map((name) => (
                      <option key={name} value={`B.${name}`}>
                        {name}
                      </option>
                    ))}
                  </optgroup>
                )}
                {attributes.length > 0 && (
                  <optgroup label="Example">
                    {attributes.map(([name]) => (
                      <option key={name} value={`@${name}`}>
                        {name}
                      </option>
                    ))}
                  </optgroup>
                )}
                <optgroup label="Other">
                  <option value="readers">the two readers of replies disagree</option>
                  {rows.looks && <option value="looks">own latents look like</option>}
                  {rows.rank && <option value="rank">rank of its oracle is worse than</option>}
                </optgroup>
              </select>
            </label>
            {left === "readers" ? null : left.startsWith("@") ? (
              <label>
                is
                <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
                  {rows.attributes[left.slice(1)]!.values.map((value) => (
                    <option key={value}>{value}</option>
                  ))}
                </select>
              </label>
            ) : left === "looks" ? (
              <label>
                option{" "}
                <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
                  {Object.entries(LOOKS).map(([value, text]) => (
                    <option key={value} value={value}>
                      {text}
                    </option>
                  ))}
                  {letters.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
              </label>
            ) : left === "rank" ? (
              <label>
                place{" "}
                <input
                  type="number"
                  min="1"
                  value={state}
                  onInput={(event) => setState(event.currentTarget.value)}
                />
              </label>
            ) : (
              <label>
                is
                <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
                  <option value="right">right</option>
                  <option value="wrong">wrong</option>
                  <option value="unread">not readable</option>
                  <option value="absent">not run</option>
                  {!left.startsWith("B.") &&
                    rows.interventions
                      .filter((name) => name !== left)
                      .map((name) => (
                        <option key={name} value={`!=${name}`}>
                          another than under {name}
                        </option>
                      ))}
                </select>
              </label>
            )}
            <button type="submit" class="button strong">
              Add
            </button>
          </form>
        </Popover>
        <Popover title="Slices">
          <div class="menu">
            <button type="button" class="plain" onClick={save}>
              Save this selection…
            </button>
            <button type="button" class="plain" onClick={download}>
              Download its ids
            </button>
            {Object.entries(slices).map(([name, slice]) => (
              <button
                type="button"
                class="plain"
                key={name}
                onClick={() => set({ ...slice, row: null }, false)}
              >
                {name}
              </button>
            ))}
          </div>
        </Popover>
        <ul class="terms" aria-label="conditions">
          {terms.map((term) => (
            <li key={term}>
              <button
                type="button"
                class="term"
                onClick={() => change(terms.filter((each) => each !== term))}
                aria-label={`remove: ${termText(term)}`}
              >
                {termText(term)} <span aria-hidden="true">✕</span>
              </button>
            </li>
          ))}
          {params.rows && (
            <li>
              <button
                type="button"
                class="term"
                onClick={() => set({ rows: null, row: null }, false)}
                aria-label="remove the brushed selection"
              >
                brushed in latents <span aria-hidden="true">✕</span>
              </button>
            </li>
          )}
        </ul>
        <output class="tally">
          {count(selected.length)} of {count(rows.n)}
          {run.state === "whole" ? "" : " so far"}
        </output>
      </div>
    </div>
  );
}
