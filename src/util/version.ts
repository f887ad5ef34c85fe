import { readFileSync } from "node:fs";

/**
 * The version of this package.
 *
 * @public
 * @example
 * lintelVersion().split(".").length; // 3
 */
export function lintelVersion(): string {
  // src/util and dist/util have the same depth, so the path works for source and build.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
