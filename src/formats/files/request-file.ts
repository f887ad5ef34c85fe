/** What an output directory was made for: recorded first, compared ever after, so that no two requests are mixed. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ErrorCode, LintelError, LOCK_FILE, lintelVersion } from "../../util/index.ts";
import { outputError } from "./atomic.ts";
import { differences, type Inputs } from "./fingerprint.ts";
import { readJson, writeJson } from "./json-document.ts";

export const REQUEST_FILE = "request.json";

interface RequestFile {
  format: "lintel-request";
  version: 1;
  /** What the directory holds: "training", "inform", … */
  kind: string;
  inputs: Inputs;
}

/** Traces of killed writes and locks: they belong to nobody. */
export const isTrace = (name: string): boolean =>
  name === LOCK_FILE ||
  new RegExp(`^\\${LOCK_FILE}\\.[0-9a-f]{12}$`).test(name) ||
  /^\..+\.[0-9a-f]{12}\.tmp$/.test(name);

/**
 * What is in an output directory besides locks and temporary files of killed runs; nothing where there is no directory.
 * With `clear`, those temporary files are removed: only under the directory's lock.
 */
export async function contentsOf(directory: string, { clear = false } = {}): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw outputError(directory, error);
  }
  for (const name of clear ? names : [])
    if (isTrace(name) && name !== LOCK_FILE) await rm(join(directory, name), { force: true });
  return names.filter((name) => !isTrace(name)).sort();
}

/**
 * The error for a directory that holds something else.
 *
 * @example
 * foreignDirectory("src", "a new directory", ["index.ts"]).code; // "usage"
 */
export function foreignDirectory(directory: string, expected: string, names: readonly string[]): LintelError {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return new LintelError("usage", {
    where: directory,
    id: "E_OTHER_RUN",
    expected,
    got: `one with ${names.slice(0, 3).join(", ")}${more}`,
    attempt: "another directory (--out): nothing there was changed",
  });
}

/**
 * The error for a directory that was made for something else: what differs, in words.
 *
 * @example
 * otherRequest("x", "an audit", ["seed: 1, was 0"]).code; // "usage"
 */
export function otherRequest(
  directory: string,
  what: string,
  differing: readonly string[],
  code: ErrorCode = "usage",
): LintelError {
  const more = differing.length > 4 ? `; and ${differing.length - 4} more` : "";
  return new LintelError(code, {
    where: directory,
    id: "E_OTHER_RUN",
    expected: `${what} of the same request as the one there`,
    got: `another one (${differing.slice(0, 4).join("; ")}${more})`,
    attempt: "another directory (--out): nothing there was changed",
  });
}

/**
 * Inputs with the version that makes use of them: another version may make something else of the same.
 *
 * @example
 * Object.keys(withVersion({ data: { n: 3 } })); // ["data", "lintel"]
 */
export const withVersion = (inputs: Inputs): Inputs => ({ ...inputs, lintel: { version: lintelVersion() } });

export interface Claim {
  /** What the directory holds, for the record: "training". */
  kind: string;
  /** The same in words: "a training". */
  what: string;
  inputs: Inputs;
  /** Names that an earlier version leaves without a record, whose contents are checked otherwise. */
  tolerated?: readonly string[];
}

/**
 * Whether an output directory is of a request: "same", or "new" where it is free. Nothing is written.
 *
 * Errors: as `claim`.
 */
export async function compareClaim(
  directory: string,
  { kind, what, inputs, tolerated = [] }: Claim,
): Promise<"new" | "same"> {
  const path = join(directory, REQUEST_FILE);
  const names = await contentsOf(directory);
  if (!names.includes(REQUEST_FILE)) {
    const foreign = names.filter((name) => !tolerated.includes(name));
    if (foreign.length > 0)
      throw foreignDirectory(directory, `a new directory, or ${what} that was begun there`, names);
    return "new";
  }
  const file = (await readJson(path, {
    expected: `what ${what} was begun for`,
    attempt: "another --out",
  })) as Partial<RequestFile> | null;
  const { format, version, kind: was, inputs: before } = file ?? {};
  if (format !== "lintel-request" || version !== 1 || was !== kind || typeof before !== "object")
    throw foreignDirectory(directory, `a new directory, or ${what} that was begun there`, [
      typeof was === "string" && was !== kind ? `the results of ${was}` : `another ${REQUEST_FILE}`,
    ]);
  const differing = differences(before, withVersion(inputs));
  if (differing.length > 0) throw otherRequest(directory, what, differing);
  return "same";
}

/**
 * Takes an output directory (which exists and is locked) for a request: records it where the directory is new, and
 * returns whether it was the same before.
 *
 * Errors: "usage" where the directory holds anything else, naming it, or another request, naming what differs.
 */
export async function claim(directory: string, request: Claim): Promise<"new" | "same"> {
  const found = await compareClaim(directory, request);
  await contentsOf(directory, { clear: true });
  if (found === "new") {
    const { kind, inputs } = request;
    const file: RequestFile = { format: "lintel-request", version: 1, kind, inputs: withVersion(inputs) };
    await writeJson(join(directory, REQUEST_FILE), file);
  }
  return found;
}
