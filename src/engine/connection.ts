/** A running engine: a process that is spoken to in frames. */
import { type ChildProcess, spawn } from "node:child_process";
import type { LintelError } from "../util/index.ts";
import {
  type EngineFault,
  type EngineNames,
  engineLost,
  engineSilent,
  faultError,
  missingModule,
  otherProtocol,
} from "./engine-errors.ts";
import { encodeFrame, type Frame, frameReader, type Tensor } from "./frames.ts";
import { openLog } from "./log-file.ts";
import { packageLine } from "./package-line.ts";
import { splitCommand } from "./split-command.ts";

/** Versions of the protocol that are spoken, the newest first; in version 1 layers cannot be inspected. */
const PROTOCOLS = [2, 1];

/** Seconds without a sign of life after which an engine counts as hung; it gives one every 5. */
const SILENT_SECONDS = 60;
/** Seconds that an engine has to end by itself. */
const ENDING_SECONDS = 5;

export interface ConnectOptions {
  /** Told of lines of its standard error, and of notes such as a batch that was halved. */
  onLine?: ((line: string) => void) | undefined;
  onNote?: ((note: { kind: string | null; message: string }) => void) | undefined;
  signal?: AbortSignal | undefined;
  silentSeconds?: number | undefined;
}

/** What an engine says of itself when it is ready. */
interface Ready {
  protocol: number;
  python: string;
  host: string;
  pid: number;
  versions: Readonly<Record<string, string | null>>;
}

type Answer = Frame;

export interface Connection extends EngineNames {
  ready: Ready;
  /** Bytes sent and received, and seconds that answers took. */
  traffic: { sent: number; received: number; requests: number; seconds: number };
  request(
    op: string,
    parts?: Readonly<Record<string, unknown>>,
    tensors?: Readonly<Record<string, Tensor>>,
  ): Promise<Answer>;
  /** Ends the engine; nothing is asked of it any more. */
  close(): Promise<void>;
}

interface Waiting {
  doing: string;
  resolve: (frame: Frame) => void;
  reject: (error: unknown) => void;
}

/** Lines of a stream that rewrites its last one, as progress bars do: whole ones, each once. */
function lineReader(onLine: (line: string) => void) {
  let rest = "";
  return (text: string): void => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const shown = line.split("\r").filter(Boolean).at(-1)?.trimEnd() ?? "";
      if (shown) onLine(shown);
    }
  };
}

/** How a process ended, in words. */
const endingOf = (code: number | null, signal: string | null): string =>
  signal ? `it ended with ${signal}` : `it ended with exit code ${code}`;

/**
 * Starts an engine by a command line and waits until it is ready; however long that takes, since a scheduler may have it
 * wait. No shell reads the command.
 *
 * Errors: "usage" for a command line that is none, "runtime" where it ends before, "installation" where Python lacks a
 * module or speaks another version.
 */
export async function connectEngine(command: string, options: ConnectOptions = {}): Promise<Connection> {
  const { onLine, onNote, signal, silentSeconds = SILENT_SECONDS } = options;
  const [program, ...args] = splitCommand(command) as [string, ...string[]];
  const line = await packageLine();
  const log = openLog();
  const names: EngineNames = { command, log: log.path };
  const child = spawn(program, [...args, "-u", "-m", "code"], { stdio: ["pipe", "pipe", "pipe"] });
  const traffic = { sent: 0, received: 0, requests: 0, seconds: 0 };
  let started = false;
  let ended: LintelError | null = null;
  let waiting: Waiting | null = null;
  let heard = Date.now();
  let last = "";

  const fail = (error: LintelError): void => {
    ended ??= error;
    const asked = waiting;
    waiting = null;
    asked?.reject(signal?.aborted ? signal.reason : ended);
  };
  const shown = lineReader((line) => {
    // The prompt of an interactive Python is no part of a message.
    const text = line.replace(/^(?:>>+ )+/, "");
    if (!text) return;
    last = text;
    log.write(`${text}\n`);
    // What an interactive Python says of itself is no message.
    if (started) onLine?.(text);
  });
  const read = frameReader((frame) => {
    heard = Date.now();
    const { event } = frame.header as { event?: string };
    if (event === "note") {
      const { message, kind = null } = frame.header as { message: string; kind?: string };
      log.write(`${message}\n`);
      onNote?.({ kind, message });
    }
    if (event !== undefined && event !== "ready") return;
    const asked = waiting;
    waiting = null;
    asked?.resolve(frame);
  }, shown);
  child.stdout!.on("data", (chunk: Buffer) => {
    traffic.received += chunk.length;
    try {
      read(chunk);
    } catch (error) {
      fail(error as LintelError);
      child.kill("SIGKILL");
    }
  });
  child.stderr!.on("data", (chunk: Buffer) => shown(chunk.toString("utf8")));
  // A write to an engine that is gone: its end says more.
  child.stdin!.on("error", () => undefined);
  child.on("error", (error) =>
    fail(
      engineLost(
        names,
        (error as NodeJS.ErrnoException).code === "ENOENT"
          ? `no program ${program}`
          : `an error: ${error.message}`,
        { started, last: "" },
      ),
    ),
  );
  const closed = new Promise<void>((resolve) => {
    child.on("close", (code, killedBy) => {
      fail(engineLost(names, endingOf(code, killedBy), { started, last }));
      log.close();
      resolve();
    });
  });
  const watch = setInterval(() => {
    const silent = (Date.now() - heard) / 1000;
    if (!started || !waiting || silent < silentSeconds) return;
    fail(engineSilent(names, Math.round(silent), waiting.doing));
    child.kill("SIGKILL");
  }, 1000);
  watch.unref();
  const abort = (): void => fail(engineLost(names, "the work was interrupted", { started, last: "" }));
  signal?.addEventListener("abort", abort, { once: true });
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);

  const next = (doing: string): Promise<Frame> =>
    new Promise((resolve, reject) => {
      if (ended) reject(signal?.aborted ? signal.reason : ended);
      else waiting = { doing, resolve, reject };
    });
  const send = (parts: readonly Buffer[]): void => {
    heard = Date.now();
    for (const part of parts) {
      traffic.sent += part.length;
      child.stdin!.write(part);
    }
  };

  async function close(): Promise<void> {
    process.off("exit", killAtExit);
    signal?.removeEventListener("abort", abort);
    clearInterval(watch);
    child.stdin!.end();
    await endOf(child, closed);
  }

  let number = 0;
  let queue: Promise<unknown> = Promise.resolve();
  async function ask(
    op: string,
    parts: Readonly<Record<string, unknown>>,
    tensors: Readonly<Record<string, Tensor>>,
  ): Promise<Frame> {
    const begun = performance.now();
    const id = ++number;
    const answer = next(op);
    if (!ended) send(encodeFrame({ header: { id, op, ...parts }, tensors }));
    const frame = await answer;
    traffic.requests++;
    traffic.seconds += (performance.now() - begun) / 1000;
    const { ok, error } = frame.header as { ok?: boolean; error?: EngineFault };
    if (ok) return frame;
    if (error?.traceback) log.write(`${error.traceback}\n`);
    throw faultError(names, error ?? { kind: "python", message: "an answer without a result" }, op);
  }

  try {
    const hello = next("its start");
    send([Buffer.from(line)]);
    const { header } = await hello;
    started = true;
    if (!PROTOCOLS.includes(header.protocol as number))
      throw otherProtocol(names, PROTOCOLS, header.protocol);
    const ready = header as unknown as Ready;
    for (const module of ["torch", "transformers"])
      if (ready.versions[module] === null) throw missingModule(names, module, ready.python);
    return {
      ...names,
      ready,
      traffic,
      request(op, parts = {}, tensors = {}) {
        // One at a time: the next is sent when the last is answered, whatever the answer was.
        const asked = queue.then(() => ask(op, parts, tensors));
        queue = asked.catch(() => undefined);
        return asked;
      },
      close,
    };
  } catch (error) {
    child.kill("SIGKILL");
    await close();
    throw error;
  }
}

/** Waits for the end of a process, and ends it where it does not by itself. */
async function endOf(child: ChildProcess, closed: Promise<void>): Promise<void> {
  const kill = setTimeout(() => child.kill("SIGKILL"), ENDING_SECONDS * 1000);
  await closed;
  clearTimeout(kill);
}
