/** Files that a checkpoint directory may lack. */
import { join } from "node:path";
import { readRegular } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";

/** Most bytes of a file besides the weights. Qwen's tokenizers have 7 to 12 MB, an index of a thousand shards 10 MB. */
const LIMITS: Readonly<Record<string, number>> = {
  "tokenizer.json": 64 << 20,
  "model.safetensors.index.json": 64 << 20,
};
const LIMIT = 8 << 20;

/**
 * The text of a file in a checkpoint directory; null if it does not exist. Throws `LintelError` "checkpoint" if it
 * cannot be read, is a pipe or a device, or is longer than such files are.
 */
export async function readOptional(directory: string, name: string): Promise<string | null> {
  const path = join(directory, name);
  try {
    return (await readRegular(path, LIMITS[name] ?? LIMIT)).toString("utf8");
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
