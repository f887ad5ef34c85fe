/** JSON documents that Lintel writes: with the version of their schema, which the reader checks. */
import { checkSchemaVersion, LintelError, withSchemaVersion } from "../../util/index.ts";
import { writeFileAtomic } from "./atomic.ts";
import { readRegular } from "./regular.ts";

/**
 * Writes a document with its `schemaVersion`.
 *
 * @param indent - Spaces per level; 0 for a single line.
 *
 * @example
 * const { tmpdir } = await import("node:os");
 * await writeJson(`${tmpdir()}/lintel-example-document.json`, { seed: 0 });
 */
export const writeJson = (path: string, document: object, indent = 2): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(withSchemaVersion(document), null, indent)}\n`);

/**
 * The document in a text, without its `schemaVersion`.
 *
 * Errors: a `SyntaxError` for a text that is not JSON; "input" for a document of a newer version.
 *
 * @example
 * parseDocument('{"schemaVersion":1,"seed":0}', "a.json"); // { seed: 0 }
 */
export function parseDocument(text: string, where: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "schemaVersion")) return value;
  checkSchemaVersion(value, where);
  const { schemaVersion: _, ...document } = value as { schemaVersion: unknown };
  return document;
}

/**
 * The document in a file; null if there is no such file.
 *
 * Errors: "input" for a file that cannot be read, is not JSON (with what was `expected` and what to `attempt`), or was
 * written by a newer version of Lintel.
 *
 * @example
 * await readJson("no-such-file.json", { expected: "JSON", attempt: "another file" }); // null
 */
export async function readJson(
  path: string,
  { expected, attempt }: { expected: string; attempt: string },
): Promise<unknown> {
  let text: string;
  try {
    text = (await readRegular(path)).toString("utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new LintelError("input", { where: path, expected: "a readable file", got: message, cause });
  }
  try {
    return parseDocument(text, path);
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw new LintelError("input", { where: path, expected, got: (cause as Error).message, attempt, cause });
  }
}
