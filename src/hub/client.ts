/** Requests to the Hub, with proxies, redirects that never leak the token, retries and timeouts. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher, Headers } from "undici";
import { ensure, LintelError } from "../util/index.ts";
import { type HubLimits, type HubSettings, hubHeaders } from "./settings.ts";

/** Maximum number of attempts per request. */
export const ATTEMPTS = 5;

/** Minimum number of bytes that count as progress. */
export const PROGRESS = 64 * 1024;

const REDIRECTS = 10;

/** Maximum `Retry-After` in milliseconds. */
const LONGEST_PAUSE = 60_000;

const defaultLimits: HubLimits = { answer: 30_000, stall: 60_000, listing: 60_000, pause: 250 };

/** Milliseconds before the retry after attempt `n` (from 1). */
export const pauseBefore = ({ pause }: HubLimits, n: number): number => Math.min(pause * 2 ** (n - 1), 8000);

interface RequestOptions {
  method?: "GET" | "HEAD";
  headers?: Record<string, string>;
  /** Redirects to follow: "all" (default), or only those within the endpoint; others are returned as the response. */
  follow?: "all" | "endpoint";
  signal?: AbortSignal;
}

/** A response whose body has not been read. */
interface Answer {
  /** URL after redirects. */
  url: string;
  status: number;
  headers: Headers;
  /**
   * The body in chunks. Throws `StalledError` if the transfer stalls, and the error of the connection if it breaks.
   */
  pieces(): AsyncGenerator<Uint8Array>;
  cancel(): Promise<void>;
}

/** A connection that was aborted because it was too slow. */
class StalledError extends Error {}

export interface HubClient {
  settings: HubSettings;
  limits: HubLimits;
  /**
   * A successful response. Broken and stalled connections, rate limits (429) and server errors (5xx) are retried, after
   * the pause that the server requests.
   *
   * Errors: "input" if the Hub rejects the request (401, 403, 404), "runtime" if it is unreachable or redirects are invalid.
   */
  request(url: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** The proxy for a URL, without its password; null if there is none. */
function proxyFor(settings: HubSettings, url: URL): string | null {
  const address = url.protocol === "https:" ? settings.proxies?.https : settings.proxies?.http;
  return address ? new URL(address).host : null;
}

/** The error for a request without a complete response; `at` is the byte at which the last attempt ended. */
export function unreachable(settings: HubSettings, url: string, cause: unknown, at?: number): LintelError {
  const inner = (cause as { cause?: { message?: unknown } } | null)?.cause?.message;
  const message = inner || (cause as Error).message || String(cause);
  const what = at === undefined ? message : `a connection that broke off at byte ${at} (${message})`;
  const proxy = proxyFor(settings, new URL(url));
  return new LintelError("runtime", {
    where: url,
    id: "E_NETWORK",
    expected: "a response from the Hub",
    got: `${what}${proxy ? ` (through the proxy ${proxy})` : ""}`,
    attempt:
      "checking the connection, HTTPS_PROXY, NO_PROXY and HF_ENDPOINT; running the same command again resumes the download",
    cause,
  });
}

function refused(url: string, status: number, settings: HubSettings, pause: number | null): LintelError {
  const words: Record<number, string> = {
    401: settings.token
      ? "a token that the Hub does not accept (401)"
      : "a model that requires a token (401)",
    403: "a model that this account cannot read (403)",
    404: "no such model, revision or file (404)",
  };
  const attempt =
    status === 404
      ? "the name as on the Hub's page; without HF_TOKEN private models appear to be missing"
      : status === 401 || status === 403
        ? "HF_TOKEN with a token that can read the model, and accepting its terms on the Hub's page"
        : pause !== null
          ? `again in ${Math.ceil(pause / 1000)} s, as the server requests`
          : "again later";
  return new LintelError(status < 500 ? "input" : "runtime", {
    where: url,
    expected: "a successful response from the Hub",
    got: words[status] ?? `status ${status}`,
    attempt,
  });
}

/** The `Retry-After` of a response (seconds, or a date) in milliseconds; null without one. */
function retryAfter(headers: Headers): number | null {
  const value = headers.get("retry-after")?.trim();
  if (!value) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** The target of a redirect. `//host`, `/\host` and `\\host` are other hosts, as in browsers. */
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

/** A dispatcher per scheme: https URLs never use the proxy for http. */
async function dispatchersOf({ proxies }: HubSettings) {
  const { EnvHttpProxyAgent } = await import("undici");
  const make = (uri: string): Dispatcher =>
    new EnvHttpProxyAgent({
      httpProxy: uri,
      httpsProxy: uri,
      noProxy: proxies?.none ?? "",
      // http is sent to the proxy directly; proxies often reject tunnels to port 80
      proxyTunnel: false,
      // `send` and `pieces` have their own timeouts
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  return { "http:": make(proxies?.http ?? ""), "https:": make(proxies?.https ?? "") };
}

/** Aborts the connection unless `PROGRESS` bytes arrive within each `limit` milliseconds. */
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
 * Opens a client. There is no request yet; `close` releases its connections.
 */
export async function openClient(settings: HubSettings): Promise<HubClient> {
  const limits = { ...defaultLimits, ...settings.limits };
  const { fetch } = await import("undici");
  const dispatchers = await dispatchersOf(settings);
  const endpoint = new URL(settings.endpoint).origin;

  /** One attempt, including redirects. */
  async function send(
    first: string,
    { headers, method = "GET", follow, signal }: RequestOptions,
  ): Promise<Answer> {
    const controller = new AbortController();
    const stop = (): void => controller.abort(signal?.reason);
    const done = (): void => signal?.removeEventListener("abort", stop);
    signal?.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(() => {
      controller.abort(new StalledError(`no response in ${limits.answer / 1000} s`));
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
      // an abort throws its reason, or an error around it
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
        const pause = retryAfter(answer.headers);
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
 * The body of a response as text, at most `limit` bytes.
 *
 * Errors: "runtime" if it is longer, incomplete or too slow.
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
        attempt: "an endpoint with the Hub's API",
      }));
      if (Date.now() - began > limits.listing)
        throw new StalledError(`incomplete after ${limits.listing / 1000} s`);
    }
  } catch (cause) {
    await answer.cancel().catch(() => undefined);
    signal?.throwIfAborted();
    throw cause instanceof LintelError ? cause : unreachable(settings, answer.url, cause);
  }
  return Buffer.concat(pieces).toString("utf8");
}
