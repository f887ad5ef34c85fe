/** Opening files from strangers: a pipe or a device in their place would never end. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** What stands where a file was expected. */
export class NotAFileError extends Error {}
/** A file that is longer than may be read. */
export class TooLongError extends Error {
  constructor(
    readonly bytes: number,
    readonly most: number,
  ) {
    super(`${bytes} bytes, more than the limit of ${most}`);
  }
}

/**
 * Opens a regular file for reading. A named pipe is not waited for.
 *
 * Errors: `NotAFileError` for a directory, pipe, socket or device; those of the system.
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const info = await handle.stat();
    if (!info.isFile())
      throw new NotAFileError(info.isDirectory() ? "a directory" : "a pipe, a socket or a device");
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The bytes of a regular file of at most `most` bytes.
 *
 * Errors: as `openRegular`; `TooLongError`.
 */
export async function readRegular(path: string, most = Number.MAX_SAFE_INTEGER): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > most) throw new TooLongError(size, most);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
