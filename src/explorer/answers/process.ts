/**
 * An answerer in a process of its own: a computation of ONNX Runtime blocks the thread that asked for it, and a model that
 * takes more memory than there is ends no more than its own process.
 */
import { type ChildProcess, fork } from "node:child_process";
import { LintelError } from "../../util/index.ts";
import { openAnswerer } from "./answerer.ts";
import type { Answered, Answerer, AuditedModel, Job } from "./types.ts";

/** What goes to the process, and what comes from it. */
type Message = { open: AuditedModel } | { id: number; job: Job } | { cancel: number };
type Event = { warning: string } | { id: number; answer: Answered } | { id: number; error: string };

/** Time to end by itself. */
const GRACE_MS = 3_000;

interface ProcessOptions {
  /** The program and its first arguments; `answer` is added. */
  command: readonly string[];
  onLine(line: string): void;
}

interface Waiting {
  resolve(answer: Answered): void;
  reject(error: Error): void;
}

const ended = (code: number | null, signal: NodeJS.Signals | null): LintelError =>
  new LintelError("runtime", {
    where: "the process of the model",
    expected: "an answer",
    got:
      signal === "SIGKILL"
        ? "SIGKILL, which systems send when memory runs out"
        : `its end (${signal ?? `exit code ${code}`})`,
    attempt: "asking again, which starts it anew, with --weights int8 or on a machine with more memory",
  });

/** Starts a process that loads the model; its errors come with the first job. */
export function startAnswerProcess(
  asked: AuditedModel,
  { command: [program, ...first], onLine }: ProcessOptions,
): Answerer & { alive: boolean } {
  const child: ChildProcess = fork(first[0]!, [...first.slice(1), "answer"], {
    execPath: program!,
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // Ctrl-C ends the server, which ends the process.
    detached: process.platform !== "win32",
  });
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let over: Error | null = null;
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n")) if (line.trim() !== "") onLine(line);
  });
  const fail = (error: Error): void => {
    over ??= error;
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
  };
  const closed = new Promise<void>((done) => {
    child.once("close", (code, signal) => {
      fail(ended(code, signal));
      done();
    });
    child.once("error", (cause) => {
      fail(cause);
      done();
    });
  });
  child.on("message", (event: Event) => {
    if ("warning" in event) return onLine(event.warning);
    const found = waiting.get(event.id);
    waiting.delete(event.id);
    if ("error" in event) found?.reject(new Error(event.error));
    else found?.resolve(event.answer);
    return undefined;
  });
  const send = (message: Message): void => {
    // A process that has ended says so by `close`.
    if (child.connected) child.send(message, () => undefined);
  };
  send({ open: asked });
  return {
    get alive() {
      return over === null;
    },
    async ask(job, signal) {
      signal.throwIfAborted();
      if (over) throw over;
      const id = next++;
      const cancel = (): void => send({ cancel: id });
      signal.addEventListener("abort", cancel, { once: true });
      try {
        return await new Promise<Answered>((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          send({ id, job });
        });
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    async release() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/**
 * The other side, in a process that was started so: answers until the server is gone.
 *
 * Errors: "usage" where no server started it.
 */
export async function answerParent(signal: AbortSignal): Promise<void> {
  if (!process.send)
    throw new LintelError("usage", {
      where: "lintel answer",
      expected: "to be started by `lintel explore`",
      got: "a start without it",
    });
  const tell = (event: Event): void => {
    if (process.connected) process.send!(event, () => undefined);
  };
  const said = {
    onLine: (line: string) => tell({ warning: `engine: ${line}` }),
    onWarning: (warning: string) => tell({ warning }),
  };
  const running = new Map<number, AbortController>();
  let opened: Promise<Answerer> | null = null;
  const answer = async (id: number, job: Job): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const answerer = await opened!;
      tell({ id, answer: await answerer.ask(job, controller.signal) });
    } catch (error) {
      tell({ id, error: (error as Error).message });
    } finally {
      running.delete(id);
    }
  };
  process.on("message", (message: Message) => {
    if ("open" in message) {
      opened = openAnswerer(message.open, said);
      // Told with the first job.
      opened.catch(() => undefined);
    } else if ("cancel" in message) running.get(message.cancel)?.abort(new Error("canceled"));
    else void answer(message.id, message.job);
  });
  await new Promise<void>((done) => {
    process.once("disconnect", done);
    signal.addEventListener("abort", () => done(), { once: true });
  });
  for (const controller of running.values()) controller.abort(new Error("the server has ended"));
  const answerer = await (opened as Promise<Answerer> | null)?.catch(() => null);
  await answerer?.release();
}
