/** Jobs in child processes of this one, several at a time. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { linesOf } from "../../formats/index.ts";
import { type OnProgress, parseWorkerEvent, usableCores } from "../../util/index.ts";
import { lintelCommand } from "./command.ts";
import { createSchedule, type Failure } from "./schedule.ts";
import type { Executor, Job } from "./types.ts";

/** Time in which a worker must reach a checkpoint after a request to stop. */
const GRACE_MS = 3_500;
/** Characters quoted from the end of a worker's standard error when it dies without an error event. */
const TAIL = 2_000;

interface Worker {
  /** null: it finished. */
  ended: Promise<Failure | null>;
  stop(): void;
}

/** In words how a process ended that did not say itself. */
function ending(code: number | null, signal: NodeJS.Signals | null, tail: string): string {
  const how =
    signal === "SIGKILL"
      ? "the worker was killed (SIGKILL), which systems do when memory runs out"
      : signal
        ? `the worker was ended by ${signal}`
        : `the worker ended with exit code ${code}`;
  const last = tail.trim().split("\n").slice(-3).join(" / ");
  return last ? `${how}; its output ended with: ${last}` : how;
}

/**
 * Starts one job. The worker gets a process group of its own, so that Ctrl-C reaches it through us alone and once; and
 * it stops when its standard input ends, that is also when we are killed without a chance to tell it.
 */
function start(job: Job, command: readonly string[], onProgress?: OnProgress): Worker {
  const [program, ...first] = command;
  const child: ChildProcess = spawn(program!, [...first, ...job.argv], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
    env: { ...process.env, LINTEL_STDIN_IS_PARENT: "1" },
  });
  let tail = "";
  let said: Failure | null = null;
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-TAIL);
  });
  // A worker that dies closes its end; the write error that follows says nothing beyond its exit code.
  child.stdin!.on("error", () => undefined);
  const listen = async (): Promise<void> => {
    for await (const { text } of linesOf(child.stdout!.setEncoding("utf8"))) {
      const event = parseWorkerEvent(text);
      if (event?.type === "progress") {
        const { type: _, ...progress } = event;
        onProgress?.(progress);
      } else if (event) said = { code: event.code, message: event.message };
    }
  };
  const drained = listen();
  // Heard when it is awaited below; a failure before that must not end the process.
  drained.catch(() => undefined);

  let timer: NodeJS.Timeout | undefined;
  const wait = async (): Promise<Failure | null> => {
    try {
      const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      await drained;
      if (code === 0) return null;
      return said ?? { code: "runtime", message: ending(code, signal, tail) };
    } catch (error) {
      return { code: "runtime", message: `the worker could not be started: ${(error as Error).message}` };
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    ended: wait(),
    stop() {
      child.kill("SIGTERM");
      timer ??= setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    },
  };
}

/** Runs jobs in child processes, `workers` at a time. */
export const runLocal: Executor = async (jobs, options) => {
  const { workers = usableCores(), onProgress, signal, command = lintelCommand() } = options;
  const schedule = createSchedule(jobs, onProgress, options.kind);
  const queue: Job[] = [];
  const held = new Set<Promise<void>>();
  const running = new Map<string, Worker>();
  let lost: unknown;
  signal?.throwIfAborted();
  const stopAll = (): void => {
    for (const worker of running.values()) worker.stop();
  };
  /** Queues a job when what it reads is there; where that cannot be made, nothing more is started. */
  const hold = (job: Job): void => {
    const ready = job
      .after!.then(() => void queue.push(job))
      .catch((error) => {
        lost ??= error;
        stopAll();
      })
      .finally(() => held.delete(ready));
    held.add(ready);
  };
  const ended = (): boolean => signal?.aborted === true || lost !== undefined;
  signal?.addEventListener("abort", stopAll);
  try {
    while (!schedule.over) {
      for (const job of schedule.ready()) job.after ? hold(job) : queue.push(job);
      while (!ended() && running.size < workers && queue.length > 0) {
        const job = queue.shift()!;
        running.set(job.id, start(job, command, onProgress));
      }
      if (running.size === 0 && (held.size === 0 || ended())) break;
      const ends = [...running].map(async ([id, worker]) => ({ id, failure: await worker.ended }));
      const first = await Promise.race([...ends, ...held]);
      if (!first) continue;
      const { id, failure } = first;
      running.delete(id);
      schedule.finish(id, failure);
      if (!failure) options.onFinished?.(id);
    }
  } finally {
    signal?.removeEventListener("abort", stopAll);
  }
  signal?.throwIfAborted();
  if (lost !== undefined) throw lost;
  schedule.conclude();
};
