/** The cache directory. */
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The directory of files that can be deleted at any time: `LINTEL_CACHE`, or `lintel` in `XDG_CACHE_HOME` (`~/.cache`).
 *
 * @example
 * cacheDirectory({ XDG_CACHE_HOME: "/caches" }); // "/caches/lintel"
 */
export const cacheDirectory = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string =>
  environment.LINTEL_CACHE || join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "lintel");
