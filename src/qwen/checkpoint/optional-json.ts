/** Files that a checkpoint directory may lack. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LintelError } from "../../util/index.ts";

/**
 * The text of a file in a checkpoint directory; null if it does not exist. Throws `LintelError` "checkpoint" if it
 * cannot be read.
 */
export async function readOptional(directory: string, name: string): Promise<string | null> {
  const path = join(directory, name);
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new LintelError("checkpoint", {
      where: path,
      expected: "a readable file",
      got: (cause as Error).message,
      cause,
    });
  }
}

/** A parsed JSON file of a checkpoint directory; null if it does not exist. Throws like `readOptional`, and on invalid JSON. */
export async function readOptionalJson(directory: string, name: string): Promise<unknown> {
  const text = await readOptional(directory, name);
  if (text === null) return null;
  return parseJson(text, join(directory, name));
}

/** `JSON.parse` with an error that names the file. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LintelError("checkpoint", { where, expected: "JSON", got: (cause as Error).message, cause });
  }
}
