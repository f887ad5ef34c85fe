import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Texts of an audit's files by name, but those that hold times and those that are made of the others. */
export const auditFiles = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .filter((name) => name !== "manifest.json" && name !== "report.html")
      .sort()
      .map((name) => [name, readFileSync(join(directory, name), "latin1")]),
  );
