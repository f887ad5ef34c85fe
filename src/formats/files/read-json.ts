import { readFile } from "node:fs/promises";
import { LintelError } from "../../util/index.ts";

/**
 * The JSON value in a file that may not be there: null then.
 *
 * Errors: "input" for a file that cannot be read, and for what is no JSON, saying what was `expected` there and what to
 * `attempt`.
 */
export async function readJson(
  path: string,
  { expected, attempt }: { expected: string; attempt: string },
): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new LintelError("input", {
      where: path,
      expected: "a readable file",
      got: (cause as Error).message,
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LintelError("input", { where: path, expected, got: (cause as Error).message, attempt, cause });
  }
}
