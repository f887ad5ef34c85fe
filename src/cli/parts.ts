/** Output directories that are finished parts of a run: files that are added there would count as changes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LintelError } from "../util/index.ts";

/** Throws "usage" where a directory is an audit, a model or a dataset that is sealed. */
export function refusePart(directory: string): void {
  if (!existsSync(join(directory, "manifest.json"))) return;
  throw new LintelError("usage", {
    where: "--out",
    expected: "a separate directory",
    got: `${directory}, a finished part whose files are sealed`,
    attempt: `${join(directory, "..", "exported")}`,
  });
}
