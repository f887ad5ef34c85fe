/** Contents by key: from the server, or from the script files of a static export. */
import type { OutcomesContent, SamplesContent } from "../../src/explorer/types.ts";

const fromFiles = globalThis.document?.documentElement.dataset.contents === "files";
const kept = new Map<string, Promise<unknown>>();
const waiting = new Map<string, (content: unknown) => void>();

/** Called by the script files of an export. */
(globalThis as unknown as Record<string, unknown>).lintelContent = (key: string, content: unknown) => {
  waiting.get(key)?.(content);
  waiting.delete(key);
};

export const isStatic = fromFiles;

/** Loads a script of the page's own folder. */
export const loadScript = (path: string): Promise<void> =>
  new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = path;
    script.onload = () => {
      script.remove();
      done();
    };
    script.onerror = () => fail(new Error(`The file ${path} is missing.`));
    document.head.append(script);
  });

async function read(key: string): Promise<unknown> {
  let content: unknown;
  if (fromFiles) {
    const arrived = new Promise((done) => waiting.set(key, done));
    await loadScript(`data/${key}.js`);
    content = await arrived;
  } else {
    const answer = await fetch(`data/${key}.json`);
    content = await answer.json();
  }
  const { error } = (content ?? {}) as { error?: string };
  if (error !== undefined) throw new Error(error);
  return content;
}

/** The content of a key; each is loaded once. Errors are sentences of the server. */
export function load<T>(key: string): Promise<T> {
  const before = kept.get(key);
  if (before) return before as Promise<T>;
  const content = read(key).catch((error: unknown) => {
    kept.delete(key);
    throw error instanceof TypeError
      ? new Error("The server does not answer. Is `lintel explore` still running?")
      : error;
  });
  kept.set(key, content);
  if (kept.size > 600) kept.delete(kept.keys().next().value!);
  return content as Promise<T>;
}

/** Loads a key anew, of a run that is still being written. */
export function reload<T>(key: string): Promise<T> {
  kept.delete(key);
  return load<T>(key);
}

const stamps = new Map<string, unknown>();

/** Loads a key, anew where its stamp is not that of the last time. */
export function loadStamped<T>(key: string, stamp: unknown): Promise<T> {
  const before = stamps.get(key);
  stamps.set(key, stamp);
  return before === stamp ? load<T>(key) : reload<T>(key);
}

export const outcomeOf = async (audit: number, row: number, block: number) => {
  const key = `outcomes/${audit}/${Math.floor(row / block)}`;
  const found = (await load<OutcomesContent>(key))[row % block];
  // A block that was read while the audit was writing it has more rows by now.
  return found ?? (isStatic ? null : ((await reload<OutcomesContent>(key))[row % block] ?? null));
};

export const sampleAt = async (split: number, number: number, block: number) =>
  (await load<SamplesContent>(`samples/${split}/${Math.floor(number / block)}`))[number % block] ?? null;
