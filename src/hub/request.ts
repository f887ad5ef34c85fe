/** One request to the Hub, tried again where that can help. */
import { setTimeout as sleep } from "node:timers/promises";
import { LintelError } from "../util/index.ts";
import { type HubSettings, hubHeaders } from "./settings.ts";

/** Times that a request is made before it is given up. */
export const ATTEMPTS = 5;

/** Milliseconds before attempt `n` (from 1) is repeated. */
export const pauseBefore = (n: number): number => Math.min(250 * 2 ** (n - 1), 8000);

export interface RequestOptions {
  method?: "GET" | "HEAD";
  headers?: Record<string, string>;
  /** "manual": an answer that leads elsewhere is the answer. */
  redirect?: "follow" | "manual";
  signal?: AbortSignal;
}

/** The error for a request that never got an answer. */
export const unreachable = (url: string, cause: unknown): LintelError =>
  new LintelError("runtime", {
    where: url,
    expected: "an answer from the Hub",
    got: String(((cause as Error).cause as Error | undefined)?.message ?? (cause as Error).message ?? cause),
    attempt: "the connection, the proxy and HF_ENDPOINT; the same command goes on where it stopped",
    cause,
  });

function refused(url: string, status: number, settings: HubSettings): LintelError {
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
        : "again later";
  return new LintelError(status < 500 ? "input" : "runtime", {
    where: url,
    expected: "the Hub to give what was asked for",
    got: words[status] ?? `status ${status}`,
    attempt,
  });
}

/**
 * An answer with a good status. Broken connections, full servers (429) and broken ones (5xx) are tried again.
 *
 * Errors: "input" for what the Hub refuses (401, 403, 404), "runtime" for a Hub that does not answer.
 */
export async function request(
  url: string,
  settings: HubSettings,
  { headers, method = "GET", redirect = "follow", signal }: RequestOptions = {},
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        redirect,
        headers: { ...hubHeaders(settings), ...headers },
        ...(signal && { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      if (attempt === ATTEMPTS) throw unreachable(url, cause);
      await sleep(pauseBefore(attempt), undefined, signal && { signal });
      continue;
    }
    const { status } = response;
    if (response.ok || (redirect === "manual" && status >= 300 && status < 400) || status === 416)
      return response;
    await response.body?.cancel();
    if ((status !== 429 && status < 500) || attempt === ATTEMPTS) throw refused(url, status, settings);
    await sleep(pauseBefore(attempt), undefined, signal && { signal });
  }
}
