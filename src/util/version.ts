import { readFileSync } from "node:fs";

/**
 * The version of this Lintel, as its package.json says.
 *
 * @public
 * @example
 * lintelVersion().split(".").length; // 3
 */
export function lintelVersion(): string {
  // src/util and dist/util lie equally deep, so the same path serves source and build.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
