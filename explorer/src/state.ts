/** Where the reader is: everything is in the address, so that a link shows the same again. */
import { useEffect, useState } from "preact/hooks";

export interface Place {
  view: string;
  params: Readonly<Record<string, string>>;
}

function placeOf(hash: string): Place {
  const [, view = "", query = ""] = /^#?\/?([^?]*)\??(.*)$/.exec(hash) ?? [];
  return { view: view || "overview", params: Object.fromEntries(new URLSearchParams(query)) };
}

function hashOf({ view, params }: Place): string {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "")).toString();
  return `#/${view}${query ? `?${query}` : ""}`;
}

const place = (): Place => placeOf(location.hash);

/** The address of a view that keeps what is chosen, with changes. An empty text removes a parameter. */
export const link = (view: string, changes: Record<string, string | number | null> = {}): string => {
  const params: Record<string, string> = { ...place().params };
  for (const [name, value] of Object.entries(changes)) params[name] = value === null ? "" : String(value);
  return hashOf({ view, params });
};

/** Goes there; `replace` leaves no step in the history, for sliders and cursors. */
export function go(
  view: string,
  changes: Record<string, string | number | null> = {},
  replace = false,
): void {
  const hash = link(view, changes);
  if (hash === location.hash) return;
  if (replace) {
    history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = hash;
}

export const set = (changes: Record<string, string | number | null>, replace = true): void =>
  go(place().view, changes, replace);

export function usePlace(): Place {
  const [now, setNow] = useState(place);
  useEffect(() => {
    const changed = () => setNow(place());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return now;
}

/** A value that is loaded: undefined while on its way. The signal is aborted where it is no longer wanted. */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T> | null,
  keys: readonly unknown[],
): { value?: T; error?: string } {
  const [state, setState] = useState<{ value?: T; error?: string; of?: string }>({});
  const of = JSON.stringify(keys);
  useEffect(() => {
    let current = true;
    const controller = new AbortController();
    const promise = load(controller.signal);
    if (!promise) setState({ of });
    else
      promise.then(
        (value) => current && setState({ value, of }),
        (error: Error) => current && setState({ error: error.message, of }),
      );
    return () => {
      current = false;
      controller.abort();
    };
  }, [of]);
  return state.of === of ? state : {};
}
