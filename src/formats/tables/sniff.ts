/** What a file is whose name promises something else. */
import { lstat, open, readlink } from "node:fs/promises";
import { LintelError } from "../../util/index.ts";

/** What a file turned out to be, and what to do about it. */
interface Mistaken {
  got: string;
  attempt: string;
}

/** Bytes from the beginning of a file that `mistakenFor` looks at. */
export const sniffedBytes = 512;

const lfs: Mistaken = {
  got: "a Git LFS pointer in place of the file",
  attempt: "git lfs pull in the repository it was cloned from",
};
const annex: Mistaken = {
  got: "a git-annex pointer in place of the file",
  attempt: "git annex get in the repository it was cloned from",
};
const page: Mistaken = {
  got: "a web page",
  attempt:
    "downloading the file itself; on the Hub its address has /resolve/ where that of its page has /blob/",
};
const archive = (kind: string): Mistaken => ({ got: `a ${kind} archive`, attempt: "unpacking it first" });

/**
 * Recognizes a file by its first bytes as something that holds no data of its own: pointers of Git LFS and git-annex, web
 * pages, archives, empty files. null for everything else.
 *
 * @example
 * mistakenFor(Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:…"))?.attempt; // "git lfs pull …"
 */
export function mistakenFor(head: Uint8Array): Mistaken | null {
  if (head.length === 0) return { got: "an empty file", attempt: "downloading or writing the file again" };
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, sniffedBytes))
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  if (/^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\//.test(text)) return lfs;
  if (/^(\.\.\/)*\.?(git)?\/?annex\/objects\//.test(text)) return annex;
  if (/^(<!doctype html|<html|<head|<\?xml[^>]*>\s*<!doctype html)/i.test(text)) return page;
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) return archive("ZIP");
  if (text.startsWith("7z\xbc\xaf\x27\x1c")) return archive("7z");
  if (text.startsWith("Rar!\x1a\x07")) return archive("RAR");
  return null;
}

/** What a path that cannot be followed is, where it is a link; null otherwise. */
async function brokenLink(path: string): Promise<Mistaken | null> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) return null;
    const target = await readlink(path);
    if (target.includes("annex/objects/")) return annex;
    return {
      got: `a symbolic link to ${target}, where nothing is`,
      attempt: "downloading the dataset again, or copying it with its links followed (cp -L)",
    };
  } catch {
    // There is no such path: the caller says so with its own error.
    return null;
  }
}

/**
 * As `mistakenFor`, of a file by its path; links that lead nowhere are recognized as well. null where there is no file.
 */
export async function mistakenFile(path: string): Promise<Mistaken | null> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, "r");
  } catch {
    return brokenLink(path);
  }
  try {
    if (!(await handle.stat()).isFile()) return null;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    return mistakenFor(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/**
 * The error "dataset" for a data file that could not be read because of `cause`. Where the file is something else (a
 * pointer, a web page, an archive, empty), the error says so instead.
 */
export async function unreadableFile(
  path: string,
  { where = path, expected, attempt }: { where?: string; expected: string; attempt: string },
  cause: unknown,
): Promise<LintelError> {
  if (cause instanceof LintelError) return cause;
  const mistaken = await mistakenFile(path);
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  const got = mistaken?.got ?? (missing ? "no such file" : (cause as Error).message);
  return new LintelError("dataset", {
    where: mistaken ? path : where,
    expected,
    got,
    attempt: mistaken?.attempt ?? (missing ? "another path" : attempt),
    cause,
  });
}
