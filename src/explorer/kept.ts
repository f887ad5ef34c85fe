/**
 * What is derived from files of an audit and takes long, kept in `.explorer/` beside them. A kept value carries the sizes and
 * times of the files that it was made of, and is made again where they are others.
 */
import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../formats/index.ts";

/** Raised when the form of any kept value changes. */
const FORM = 2;

/** Size and time of a file; "" where there is none. */
export const stampOf = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => null);
  return found ? `${found.size}:${found.mtimeMs}` : "";
};

/**
 * The value of this name kept beside an audit if it has this stamp, else a new one, which is kept. A directory that cannot
 * be written to, or a damaged file, means a new value at every start.
 */
export async function kept<T>(
  directory: string,
  name: string,
  stamp: string,
  make: () => Promise<T>,
): Promise<T> {
  const path = join(directory, ".explorer", `${name}.json`);
  const head = `${JSON.stringify({ form: FORM, stamp })}\n`;
  try {
    const text = await readFile(path, "utf8");
    if (text.startsWith(head)) return JSON.parse(text.slice(head.length)) as T;
  } catch {
    // None there, or a damaged one: it is made again.
  }
  const value = await make();
  await mkdir(dirname(path), { recursive: true })
    .then(() => writeFileAtomic(path, `${head}${JSON.stringify(value)}\n`))
    .catch(() => undefined);
  return value;
}
