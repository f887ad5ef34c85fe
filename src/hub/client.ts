/** Requests to the Hub: through proxies, along redirects that never carry the token elsewhere, within limits of time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher, Headers } from "undici";
import { ensure, LintelError } from "../util/index.ts";
import { type HubLimits, type HubSettings, hubHeaders } from "./settings.ts";

/** Times that a request is made before it is given up. */
export const ATTEMPTS = 5;

/** Bytes that count as progress. */
export const PROGRESS = 64 * 1024;

const REDIRECTS = 10;

/** A server that asks for a longer pause than this many milliseconds is not waited for. */
const LONGEST_PAUSE = 60_000;

const defaultLimits: HubLimits = { answer: 30_000, stall: 60_000, listing: 60_000, pause: 250 };

/** Milliseconds before attempt `n` (from 1) is repeated. */
export const pauseBefore = ({ pause }: HubLimits, n: number): number => Math.min(pause * 2 ** (n - 1), 8000);

export interface RequestOptions {
  method?: "GET" | "HEAD";
  headers?: Record<string, string>;
  /** Which redirects are followed: "all" (default), or those that stay with the endpoint; another is the answer then. */
  follow?: "all" | "endpoint";
  signal?: AbortSignal;
}

/** An answer whose body has not been read yet. */
export interface Answer {
  /** Where it came from in the end. */
  url: string;
  status: number;
  headers: Headers;
  /**
   * The body, piece by piece. Throws `StalledError` where too little comes for too long, and what the connection throws
   * where it breaks.
   */
  pieces(): AsyncGenerator<Uint8Array>;
  cancel(): Promise<void>;
}

/** A connection that was given up because nothing, or next to nothing, came. */
export class StalledError extends Error {}

export interface HubClient {
  settings: HubSettings;
  limits: HubLimits;
  /**
   * An answer with a good status. Broken and silent connections, full servers (429) and broken ones (5xx) are tried
   * again, after the pause that the server asks for.
   *
   * Errors: "input" for what the Hub refuses (401, 403, 404), "runtime" for a Hub that does not answer or leads astray.
   */
  request(url: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** The proxy that is asked for an address, without its password; null where none is. */
function proxyFor(settings: HubSettings, url: URL): string | null {
  const address = url.protocol === "https:" ? settings.proxies?.https : settings.proxies?.http;
  return address ? new URL(address).host : null;
}

/** The error for a request that never got a whole answer; `at` is the byte at which the last attempt ended. */
export function unreachable(settings: HubSettings, url: string, cause: unknown, at?: number): LintelError {
  const inner = (cause as { cause?: { message?: unknown } } | null)?.cause?.message;
  const message = inner || (cause as Error).message || String(cause);
  const what = at === undefined ? message : `a connection that broke off at byte ${at} (${message})`;
  const proxy = proxyFor(settings, new URL(url));
  return new LintelError("runtime", {
    where: url,
    id: "E_NETWORK",
    expected: "an answer from the Hub",
    got: `${what}${proxy ? ` (through the proxy ${proxy})` : ""}`,
    attempt:
      "the connection, HTTPS_PROXY, NO_PROXY and HF_ENDPOINT; the same command goes on where it stopped",
    cause,
  });
}

function refused(url: string, status: number, settings: HubSettings, pause: number | null): LintelError {
  const words: Record<number, string> = {
    401: settings.token
      ? "a token that the Hub does not accept (401)"
      : "a model that asks for a token (401)",
    403: "a model that this account may not read (403)",
    404: "no such model, revision or file (404)",
  };
  const attempt =
    status === 404
      ? "the name as the Hub's page has it; private models look like missing ones without HF_TOKEN"
      : status === 401 || status === 403
        ? "HF_TOKEN with a token that may read the model, and accepting its terms on the Hub's page"
        : pause !== null
          ? `again in ${Math.ceil(pause / 1000)} s, as the server asks`
          : "again later";
  return new LintelError(status < 500 ? "input" : "runtime", {
    where: url,
    expected: "the Hub to give what was asked for",
    got: words[status] ?? `status ${status}`,
    attempt,
  });
}

/** Milliseconds that an answer asks to wait (seconds, or a date); null where it asks for none. */
function askedPause(headers: Headers): number | null {
  const said = headers.get("retry-after")?.trim();
  if (!said) return null;
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** Where a redirect leads. `//host`, `/\host` and `\\host` name another host, as browsers read them. */
function targetOf(from: URL, location: string | null): URL {
  const to = location !== null && URL.canParse(location, from.href) ? new URL(location, from) : null;
  const secure = from.protocol === "https:";
  ensure(
    to && (to.protocol === "https:" || (!secure && to.protocol === "http:")) && !to.username && !to.password,
    "runtime",
    () => ({
      where: from.href,
      expected: `a redirect to another ${secure ? "https" : "http or https"} address`,
      got: location === null ? "none" : JSON.stringify(location.slice(0, 200)),
    }),
  );
  return to;
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** A dispatcher for each scheme: an address of https never takes the proxy for http. */
async function dispatchersOf({ proxies }: HubSettings) {
  const { EnvHttpProxyAgent } = await import("undici");
  const make = (uri: string): Dispatcher =>
    new EnvHttpProxyAgent({
      httpProxy: uri,
      httpsProxy: uri,
      noProxy: proxies?.none ?? "",
      // http goes to a proxy as it is; proxies often refuse tunnels to port 80
      proxyTunnel: false,
      // `send` and `pieces` have limits of their own
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  return { "http:": make(proxies?.http ?? ""), "https:": make(proxies?.https ?? "") };
}

/** Ends the connection unless `PROGRESS` bytes come within each `limit` milliseconds. */
async function* watched(
  body: AsyncIterable<Uint8Array> | null,
  controller: AbortController,
  limit: number,
  done: () => void,
): AsyncGenerator<Uint8Array> {
  let since = 0;
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    clearTimeout(timer);
    since = 0;
    timer = setTimeout(() => {
      controller.abort(new StalledError(`less than ${PROGRESS} bytes in ${limit / 1000} s`));
    }, limit);
  };
  again();
  try {
    for await (const piece of body ?? []) {
      since += piece.length;
      if (since >= PROGRESS) again();
      yield piece;
    }
  } finally {
    clearTimeout(timer);
    done();
  }
}

/**
 * Opens a client. Nothing is asked before the first request; `close` gives its connections back.
 */
export async function openClient(settings: HubSettings): Promise<HubClient> {
  const limits = { ...defaultLimits, ...settings.limits };
  const { fetch } = await import("undici");
  const dispatchers = await dispatchersOf(settings);
  const endpoint = new URL(settings.endpoint).origin;

  /** One attempt, along its redirects. */
  async function send(
    first: string,
    { headers, method = "GET", follow, signal }: RequestOptions,
  ): Promise<Answer> {
    const controller = new AbortController();
    const stop = (): void => controller.abort(signal?.reason);
    const done = (): void => signal?.removeEventListener("abort", stop);
    signal?.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(() => {
      controller.abort(new StalledError(`no answer in ${limits.answer / 1000} s`));
    }, limits.answer);
    try {
      signal?.throwIfAborted();
      let url = new URL(first);
      for (let hops = 0; ; hops++) {
        const response = await fetch(url, {
          method,
          redirect: "manual",
          headers: { "accept-encoding": "identity", ...hubHeaders(settings, url), ...headers },
          signal: controller.signal,
          dispatcher: dispatchers[url.protocol as keyof typeof dispatchers],
        });
        const cancel = async (): Promise<void> => {
          done();
          await response.body?.cancel();
        };
        const to = redirects.includes(response.status)
          ? targetOf(url, response.headers.get("location"))
          : null;
        if (!to || (follow === "endpoint" && to.origin !== endpoint)) {
          const body = response.body as AsyncIterable<Uint8Array> | null;
          return {
            url: url.href,
            status: response.status,
            headers: response.headers,
            pieces: () => watched(body, controller, limits.stall, done),
            cancel,
          };
        }
        await response.body?.cancel();
        ensure(hops < REDIRECTS, "runtime", () => ({
          where: first,
          expected: `at most ${REDIRECTS} redirects`,
          got: "more",
          attempt: "another HF_ENDPOINT",
        }));
        url = to;
      }
    } catch (error) {
      done();
      // what is thrown on an abort is its reason, or an error around it
      if (controller.signal.aborted) throw controller.signal.reason;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    settings,
    limits,
    async request(url, options = {}) {
      const { signal } = options;
      for (let attempt = 1; ; attempt++) {
        let answer: Answer;
        try {
          answer = await send(url, options);
        } catch (cause) {
          signal?.throwIfAborted();
          if (cause instanceof LintelError) throw cause;
          if (attempt === ATTEMPTS) throw unreachable(settings, url, cause);
          await sleep(pauseBefore(limits, attempt), undefined, signal && { signal });
          continue;
        }
        const { status } = answer;
        if (status < 400 || status === 416) return answer;
        await answer.cancel();
        const pause = askedPause(answer.headers);
        const again = status === 408 || status === 429 || status >= 500;
        if (!again || attempt === ATTEMPTS || (pause ?? 0) > LONGEST_PAUSE)
          throw refused(url, status, settings, pause);
        await sleep(pause ?? pauseBefore(limits, attempt), undefined, signal && { signal });
      }
    },
    async close() {
      await Promise.all(Object.values(dispatchers).map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/**
 * The body of an answer as text, of at most `limit` bytes.
 *
 * Errors: "runtime" where it is longer, breaks off or takes too long.
 */
export async function textOf(
  { settings, limits }: HubClient,
  answer: Answer,
  limit: number,
  signal?: AbortSignal,
): Promise<string> {
  const began = Date.now();
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of answer.pieces()) {
      pieces.push(piece);
      length += piece.length;
      ensure(length <= limit, "runtime", () => ({
        where: answer.url,
        expected: `at most ${limit} bytes`,
        got: "more",
        attempt: "an endpoint that speaks the Hub's protocol",
      }));
      if (Date.now() - began > limits.listing)
        throw new StalledError(`no end of it in ${limits.listing / 1000} s`);
    }
  } catch (cause) {
    await answer.cancel().catch(() => undefined);
    signal?.throwIfAborted();
    throw cause instanceof LintelError ? cause : unreachable(settings, answer.url, cause);
  }
  return Buffer.concat(pieces).toString("utf8");
}
