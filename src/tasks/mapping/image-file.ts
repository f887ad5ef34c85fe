/** Image files that records name by a path. */
import { existsSync, readFileSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { mistakenFile, mistakenFor, openRegular, sniffedBytes } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import type { ImageBytes } from "../types.ts";
import { belongs, type Territory } from "./links.ts";

/** Where the image files of a dataset are. */
export interface ImageFiles {
  /** Where relative paths start. */
  root: string;
  /** Where files may be, links resolved. */
  territory: Territory;
  strip: string | undefined;
}

/** Bytes of an image, or how to read them again: large datasets are not kept in memory. */
export type ImageContent = ImageBytes | (() => ImageBytes);

/** A list of images of which some are read from their files whenever they are looked at. */
export function lazyImages(held: readonly ImageContent[]): ImageBytes[] {
  const images: ImageBytes[] = [];
  for (const [i, each] of held.entries()) {
    if (typeof each === "function")
      Object.defineProperty(images, i, { get: each, enumerable: true, configurable: true });
    else images[i] = each;
  }
  return images;
}

/** Bytes of an image file. */
const largestImage = 1 << 28;

const isForeign = (path: string): boolean => isAbsolute(path) || /^[A-Za-z]:[\\/]/.test(path);

/** Spellings of a path under which its file may be here: unchanged, with "/" for "\", and in both Unicode normal forms. */
function spellings(path: string): string[] {
  const slashed = path.includes("\\") ? [path, path.replaceAll("\\", "/")] : [path];
  return [...new Set(slashed.flatMap((each) => [each, each.normalize("NFC"), each.normalize("NFD")]))];
}

/** A file of the same directory whose name differs only in case, for the error. */
async function alike(path: string): Promise<string | undefined> {
  const name = basename(path).toLowerCase();
  const there = await readdir(dirname(path)).catch(() => []);
  return there.find((each) => each.toLowerCase() === name);
}

/** The path that a record means: of a file URL its path, else the text itself. */
function pathOf(text: string, refuse: (got: string, attempt?: string) => LintelError): string {
  if (/^https?:\/\//i.test(text))
    throw refuse(`the address ${text}`, "downloading the images; Lintel fetches none that a dataset names");
  if (!/^file:\/\//i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw refuse(`${text} (${(cause as Error).message})`);
  }
}

/**
 * An image file of a dataset. Paths are relative to the dataset and must stay within it, links followed: a dataset must not
 * decide which other files of this machine are read. The file is opened and looked at, and read when its bytes are wanted.
 *
 * Throws `LintelError` "dataset" for addresses, for paths that lead nowhere or out of the dataset, and for files that hold
 * no image but a pointer of Git LFS, a web page, or nothing.
 */
export async function imageFile(
  text: string,
  { root, territory, strip }: ImageFiles,
  where: string,
): Promise<ImageContent> {
  const refuse = (
    got: string,
    attempt = 'the keys "root" and "strip" of the field mapping, which say where paths start',
    cause?: unknown,
  ): LintelError =>
    new LintelError("dataset", { where, expected: `an image file within ${root}`, got, attempt, cause });
  const path = pathOf(text, refuse);
  const stripped = (each: string): string =>
    strip && each.startsWith(strip) ? each.slice(strip.length).replace(/^[/\\]+/, "") : each;
  // `strip` is taken off only where the path leads nowhere: the dataset may be within the tree that its paths are relative to.
  const candidates = [...new Set(spellings(path).flatMap((each) => [each, stripped(each)]))];
  const own = candidates.find((each) => existsSync(resolve(root, each))) ?? stripped(path);
  const at = resolve(root, own);
  let real: string;
  try {
    real = await realpath(at);
  } catch (cause) {
    const mistaken = await mistakenFile(at);
    if (mistaken) throw refuse(`${text}: ${mistaken.got}`, mistaken.attempt, cause);
    const code = (cause as NodeJS.ErrnoException).code ?? "unreadable";
    const near = await alike(at);
    if (near !== undefined) throw refuse(`${text} (${code}; there is ${near})`, undefined, cause);
    throw refuse(
      isForeign(path)
        ? `${text}, an absolute path that is not there (${code}); it may be of another machine`
        : `${text} (${code})`,
      undefined,
      cause,
    );
  }
  if (!belongs(territory, real)) throw refuse(`${text}, which lies outside of it`);
  try {
    const handle = await openRegular(real);
    try {
      const { size } = await handle.stat();
      if (size > largestImage) throw new Error(`${size} bytes, more than the limit of ${largestImage}`);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
      const mistaken = mistakenFor(buffer.subarray(0, bytesRead));
      if (mistaken) throw refuse(`${text}: ${mistaken.got}`, mistaken.attempt);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw refuse(`${text} (${(cause as Error).message})`, undefined, cause);
  }
  return () => {
    try {
      return readFileSync(real);
    } catch (cause) {
      throw refuse(`${text} (${(cause as Error).message})`, undefined, cause);
    }
  };
}
