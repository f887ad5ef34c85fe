/** Tests keep what can be made again in a directory of their own, which goes when they end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function cache(): () => void {
  const directory = mkdtempSync(join(tmpdir(), "lintel-cache-"));
  process.env.LINTEL_CACHE = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
