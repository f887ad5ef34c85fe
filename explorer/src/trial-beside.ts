/** A model in a process beside the server, which answers one question at a time. */
import type { AskRequest, Looked, LookedContent, Reply } from "../../src/explorer/types.ts";
import { floatsOf, textOf } from "./bytes.ts";
import type { Asked, Trial } from "./trial.ts";

/** A slider that moves on gives up its question before it is asked, ms. */
const PAUSE = 120;

/** One question; its error is the server's sentence. */
async function post<T>(request: AskRequest, signal?: AbortSignal): Promise<T> {
  const answer = await fetch("ask", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    ...(signal && { signal }),
  }).catch((error: Error) => {
    throw error.name === "AbortError" || signal?.aborted
      ? error
      : new Error("The server does not answer. Is `lintel explore` still running?");
  });
  const content = (await answer.json()) as T & { error?: string };
  if (content.error !== undefined) throw new Error(content.error);
  return content;
}

function lookedOf({ inside, reason }: LookedContent): Looked {
  if (inside === null) return { inside, reason };
  const { attention, gradient } = inside;
  return {
    inside: {
      ...inside,
      attention: floatsOf(attention),
      gradient: { ...gradient, saliency: floatsOf(gradient.saliency) },
    },
  };
}

const pause = (signal?: AbortSignal): Promise<void> =>
  new Promise((done, fail) => {
    const timer = setTimeout(done, PAUSE);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(signal.reason);
    });
  });

export const trialBeside: Trial = {
  async ask({ audit, row }: Asked, signal) {
    const own = await post<Reply>({ audit, row, kind: "own" }, signal);
    return {
      own,
      async answer(wanted, { drawn, other }, signal) {
        if (wanted.mix === 0) return own;
        await pause(signal);
        return post<Reply>(
          {
            audit,
            row,
            kind: "answer",
            wanted,
            ...(other && { other: other.row }),
            ...(drawn && {
              drawn: { width: drawn.width, height: drawn.height, pixels: textOf(drawn.pixels) },
            }),
          },
          signal,
        );
      },
      inside: async (signal) => lookedOf(await post<LookedContent>({ audit, row, kind: "inside" }, signal)),
      check: async () => (await post<{ notes: string[] }>({ audit, row, kind: "check" })).notes,
    };
  },
};
