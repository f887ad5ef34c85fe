/** The explorer: a frame with the menu, and the view that the address names. */
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RunContent } from "../../src/explorer/types.ts";
import { isStatic, load, reload } from "./data.ts";
import { Logo, Sign } from "./icons.tsx";
import { go, link, usePlace } from "./state.ts";
import "./style.css";
import { views } from "./views/registry.ts";

const POLL_MS = 2000;
/** Of a run that was stopped: somebody may continue it. */
const SELDOM_MS = 10_000;
const THEMES = ["auto", "light", "dark"] as const;

function Theme() {
  const [theme, setTheme] = useState(() => localStorage.getItem("lintel-theme") ?? "auto");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("lintel-theme", theme);
  }, [theme]);
  return (
    <div class="segments theme" role="group" aria-label="theme">
      {THEMES.map((each) => (
        <button type="button" key={each} aria-pressed={theme === each} onClick={() => setTheme(each)}>
          {each}
        </button>
      ))}
    </div>
  );
}

const KEYS = [
  ["1 – 9", "open a view"],
  ["/", "search"],
  ["↑ ↓  j k", "move through examples"],
  ["Enter", "open the example"],
  ["Esc", "close it"],
  ["?", "this list"],
];

function App() {
  const place = usePlace();
  const [run, setRun] = useState<RunContent>();
  const [error, setError] = useState<string>();
  const [beat, setBeat] = useState(0);
  const help = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    load<RunContent>("run").then(setRun, (cause: Error) => setError(cause.message));
  }, []);
  // A run that is being written is read again and again, one that was stopped seldom.
  useEffect(() => {
    if (!run || run.state === "whole" || isStatic) return;
    const pause = run.state === "running" ? POLL_MS : SELDOM_MS;
    const timer = setTimeout(() => {
      reload<RunContent>("run").then(
        (next) => {
          setRun(next);
          setBeat((n) => n + 1);
        },
        (cause: Error) => setError(cause.message),
      );
    }, pause);
    return () => clearTimeout(timer);
  }, [run]);
  const view = views.find(({ name }) => name === place.view) ?? views[0]!;
  const rail = useRef<HTMLElement>(null);
  // Where the menu is one line that scrolls, it shows the view that is open.
  useEffect(() => {
    const here = rail.current?.querySelector('ul [aria-current="page"]');
    here?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [view]);
  useEffect(() => {
    document.title = run ? `${view.title} · ${run.title} · Lintel` : "Lintel explorer";
  }, [run, view]);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (
        (event.target as HTMLElement).closest("input,select,textarea") ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey
      )
        return;
      const chosen = views[Number(event.key) - 1];
      if (chosen) go(chosen.name);
      else if (event.key === "/") {
        event.preventDefault();
        document.getElementById("search")?.focus();
      } else if (event.key === "?") help.current?.showModal();
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, []);
  const Shown = view.component;
  return (
    <div class="frame">
      <nav class="rail" aria-label="views" ref={rail}>
        <a class="brand" href={link("overview")} aria-label="Lintel, overview">
          <Logo /> <span>Lintel</span>
        </a>
        <p class="run-name" title={run?.title}>
          {run?.title ?? ""}
          {run?.state === "running" && !isStatic && <span class="live">live</span>}
          {run?.state === "stopped" && <span class="stopped">stopped</span>}
        </p>
        <ul>
          {views.map(({ name, title }, i) => (
            <li key={name}>
              <a
                href={link(name, { row: null, pin: null })}
                aria-current={name === view.name ? "page" : undefined}
                title={`${title} (${i + 1})`}
              >
                <Sign name={name} />
                <span>{title}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="rail-end">
          <Theme />
          <button type="button" class="plain keys" onClick={() => help.current?.showModal()}>
            Keys <kbd>?</kbd>
          </button>
        </div>
      </nav>
      <main class={view.full ? "full" : ""} tabIndex={view.full ? -1 : 0}>
        <p class="print-only quiet">{run && `${run.title} · Lintel ${run.lintel}`}</p>
        <h1>{view.title}</h1>
        {error && (
          <p class="notice" role="alert">
            {error}
          </p>
        )}
        {run?.notes.map((note) => (
          <p class="notice" key={note}>
            {note}
          </p>
        ))}
        {run ? (
          <Shown run={run} place={place} beat={beat} />
        ) : (
          !error && (
            <p class="empty" role="status">
              Reading the run…
            </p>
          )
        )}
      </main>
      <dialog ref={help} aria-label="keys">
        <h2>Keys</h2>
        <dl class="key-list">
          {KEYS.map(([keys, text]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit" class="button strong">
            Close
          </button>
        </form>
      </dialog>
    </div>
  );
}

render(<App />, document.getElementById("app")!);
