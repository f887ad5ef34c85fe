/** What goes wrong with an engine, as errors of Lintel. */
import { type ErrorId, LintelError } from "../util/index.ts";

/** An engine as errors speak of it. */
export interface EngineNames {
  /** The command line that started it. */
  command: string;
  /** The file that keeps its standard error. */
  log: string;
}

/** The error that an engine answered with. */
export interface EngineFault {
  kind: string;
  message: string;
  traceback?: string;
}

const AGAIN = "the same command again: it goes on where this one stopped";

/** The last line that says something. */
const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? "";

/** The engine ended, or the connection to it. */
export const engineLost = (
  { command, log }: EngineNames,
  how: string,
  { started, last }: { started: boolean; last: string },
): LintelError => {
  const got = `${how}${last ? `; its output ended with: ${lastLine(last)}` : ""} (its standard error: ${log})`;
  const where = `the engine (${command})`;
  if (started)
    return new LintelError("runtime", {
      id: "E_ENGINE_LOST",
      where,
      expected: "an answer",
      got,
      attempt: AGAIN,
    });
  return new LintelError("runtime", {
    id: "E_ENGINE_START",
    where,
    expected: "Python to start and to say that it is ready",
    got,
    attempt: "the command by itself: it has to start a Python that reads standard input",
  });
};

/** Nothing was heard of it. */
export const engineSilent = ({ command, log }: EngineNames, seconds: number, doing: string): LintelError =>
  new LintelError("runtime", {
    id: "E_ENGINE_SILENT",
    where: `the engine (${command}) during ${doing}`,
    expected: "a sign of life every few seconds",
    got: `none for ${seconds} s: it hangs, or the connection is cut (its standard error: ${log})`,
    attempt: AGAIN,
  });

/** It uses another version of the protocol. */
export const otherProtocol = (
  { command }: EngineNames,
  wanted: readonly number[],
  got: unknown,
): LintelError =>
  new LintelError("installation", {
    id: "E_ENGINE_VERSION",
    where: `the engine (${command})`,
    expected: `version ${wanted.join(" or ")} of the engine protocol`,
    got: `${got}`,
    attempt: "Lintel and its engine of one version",
  });

/** A module that it needs is not there. */
export const missingModule = ({ command }: EngineNames, module: string, python: string): LintelError =>
  new LintelError("installation", {
    id: "E_PYTHON_MODULE",
    where: `the engine (${command})`,
    expected: `Python with ${module}`,
    got: `Python ${python} without it`,
    attempt: `that Python's "-m pip install torch transformers pillow", or --python with another one`,
  });

/** Id, class and advice by the kind of a fault. */
const kinds: Record<string, { id?: ErrorId; code: LintelError["code"]; expected: string; attempt?: string }> =
  {
    memory: {
      id: "E_OUT_OF_MEMORY",
      code: "runtime",
      expected: "enough memory for one example",
      attempt: "--dtype bfloat16, --max-pixels, a larger device or --device-map auto over several",
    },
    missing: {
      id: "E_PYTHON_MODULE",
      code: "installation",
      expected: "the modules that the model needs",
      attempt: "installing it for the Python of --python",
    },
    checkpoint: { code: "checkpoint", expected: "a checkpoint that transformers loads" },
    "remote-code": {
      code: "checkpoint",
      expected: "a checkpoint that transformers loads by itself",
      attempt: "--trust-remote-code, once you have read the Python files of the checkpoint",
    },
    // Where it is about one example, the others are not concerned.
    input: { code: "input", expected: "a request that the engine understands" },
    unsupported: { code: "runtime", expected: "something that this engine offers" },
  };

/** What the engine answered instead of a result: a Python exception, most of all. */
export function faultError(
  { command, log }: EngineNames,
  { kind, message }: EngineFault,
  doing: string,
): LintelError {
  const known = kinds[kind] ?? {
    id: "E_ENGINE_FAILED" as const,
    code: "runtime" as const,
    expected: "a result",
  };
  return new LintelError(known.code, {
    ...(known.id && { id: known.id }),
    where: `the engine (${command}) during ${doing}`,
    expected: known.expected,
    got: `${message} (traceback: ${log})`,
    ...(known.attempt && { attempt: known.attempt }),
  });
}
