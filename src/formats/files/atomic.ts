import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { LintelError } from "../../util/index.ts";

const causes: Record<string, string> = {
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "a read-only file system",
  ENOSPC: "a full disk",
  EDQUOT: "an exhausted disk quota",
  EFBIG: "a file larger than the system allows",
  ENOTDIR: "a path that leads through a file that is no directory",
  EISDIR: "a directory of that name",
  ENOENT: "no such directory",
  EEXIST: "a file of that name where a directory is needed",
  EMFILE: "too many open files",
};

/**
 * The `LintelError` (code "output") for a failed write to `path`: says in words what the system's error code means.
 */
export function outputError(path: string, error: unknown): LintelError {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  const words = causes[code] ?? (error instanceof Error ? error.message : String(error));
  return new LintelError("output", {
    where: path,
    id: "E_NOT_WRITABLE",
    expected: "to be able to write",
    got: code ? `${words} (${code})` : words,
    attempt: "another output directory, or free space and permissions for this one",
    cause: error,
  });
}

/** Node's own `recursive` never returns where the parent is there and yet says ENOENT, as in /proc. */
async function makeDirectory(path: string): Promise<void> {
  const attempt = (): Promise<NodeJS.ErrnoException | null> =>
    mkdir(path).then(
      () => null,
      (error: NodeJS.ErrnoException) => error,
    );
  let error = await attempt();
  if (error?.code === "ENOENT" && dirname(path) !== path) {
    await makeDirectory(dirname(path));
    error = await attempt();
  }
  // Whatever the system says, a directory that is there is what was wanted.
  const there =
    error === null ||
    (await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  if (!there) throw error;
}

/**
 * Makes the directory and its parents; one that is there already is left as it is.
 * Throws `LintelError` "output" naming the path and the reason.
 */
export async function ensureDirectory(path: string): Promise<string> {
  const full = resolve(path);
  try {
    await makeDirectory(full);
  } catch (error) {
    throw outputError(full, error);
  }
  return full;
}

/** Makes a rename durable. Windows cannot open directories and needs no such call. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A file under construction: written beside its final place and moved there at the end, so that a reader
 * sees the old content or the whole new one, never a part, also after a crash or a full disk.
 */
export interface AtomicFile {
  /** Where the bytes are until `commit`. */
  readonly temporary: string;
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes to disk and moves the file into place (or to `to`, in the same directory). */
  commit(to?: string): Promise<void>;
  /** Removes the temporary file; nothing happens after `commit`. */
  abort(): Promise<void>;
}

/**
 * Begins an atomic write of `path`. Every failure removes the temporary file, leaves an old file intact and
 * throws `LintelError` "output".
 */
export async function openAtomic(path: string): Promise<AtomicFile> {
  const full = resolve(path);
  const temporary = join(dirname(full), `.${basename(full)}.${randomBytes(6).toString("hex")}.tmp`);
  let handle: FileHandle | null = null;
  let finished = false;

  const abort = async (): Promise<void> => {
    if (finished) return;
    finished = true;
    // All that can be cleaned up is: what failed first is what the caller hears of, not a failed clean-up.
    await Promise.allSettled([handle?.close()]);
    await Promise.allSettled([rm(temporary, { force: true })]);
  };
  const guarded = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      await abort();
      throw outputError(full, error);
    }
  };

  await guarded(async () => {
    handle = await open(temporary, "wx");
  });
  return {
    temporary,
    write: (bytes) => guarded(async () => void (await handle!.writeFile(bytes))),
    commit: (to = full) =>
      guarded(async () => {
        await handle!.sync();
        await handle!.close();
        handle = null;
        await rename(temporary, resolve(to));
        finished = true;
        await syncDirectory(dirname(full));
      }),
    abort,
  };
}

/** Characters of lines that are written at once. */
const BLOCK = 1 << 20;

/**
 * `writeFileAtomic` for lines that come one by one, of which only some are in memory at a time.
 *
 * Errors: as `writeFileAtomic`; whatever the lines throw, after which nothing is written.
 *
 * @example
 * await writeLinesAtomic("lines.txt", ["a", "b"]); // the file holds "a\nb\n"
 */
export async function writeLinesAtomic(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const file = await openAtomic(path);
  let block: string[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    await file.write(new TextEncoder().encode(block.join("")));
    block = [];
    length = 0;
  };
  try {
    for await (const line of lines) {
      block.push(line, "\n");
      length += line.length;
      if (length > BLOCK) await flush();
    }
    await flush();
  } catch (error) {
    await file.abort();
    throw error;
  }
  await file.commit();
}

/**
 * Writes a whole file so that it is there completely or not at all: a temporary file beside it, flushed to
 * disk, then renamed. On failure an old file of that name stays as it was, the temporary file is gone, and a
 * `LintelError` "output" names the path and the cause (no permission, read-only, disk full, …).
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const file = await openAtomic(path);
  await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
  await file.commit();
}
