/** What is the same in two runs of one command: all files, without times, and what is made of files with times. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Every file below a directory by its path. */
export function filesOf(directory: string): Map<string, string> {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(all.map((path) => [relative(directory, path), readFileSync(path, "latin1")]));
}

/** Times, checksums of journal lines with times, and digests of files with times, in JSON. */
const TIMES =
  /"(seconds|examplesPerSecond|check|digest|(?:study\.json|(?:datasets|models|audits)\/[^"]+))":\s*(?:[\d.e+-]+|"\w+")/g;

/**
 * The same without what may differ from run to run. The report shows times, and is made of the rest; manifests have the
 * digests of files with times.
 */
export function lastingOf(directory: string): Map<string, string> {
  const kept = [...filesOf(directory)].filter(
    ([path]) => !/(^|\/)report\.html$/.test(path) && !path.endsWith("manifest.json"),
  );
  return new Map(
    kept.map(([path, text]) => [path, /\.jsonl?$/.test(path) ? text.replaceAll(TIMES, '"$1": 0') : text]),
  );
}
