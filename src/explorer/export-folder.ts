/** The explorer as a folder of files, which a web server or the file system serves. */
import { join } from "node:path";
import { contentsOf, ensureDirectory, foreignDirectory, writeFileAtomic } from "../formats/index.ts";
import type { OnProgress } from "../util/index.ts";
import type { Contents } from "./contents.ts";
import { type AssetName, assets, page, readAsset } from "./page.ts";

/** JSON as an expression of a script: the two line separators of JavaScript are escaped, and no text ends the script. */
const expression = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u2028\u2029<]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/**
 * Writes the app and all contents below `directory`: contents as scripts, because pages of the file system may load
 * scripts but not read files. Returns the number of files.
 *
 * Errors: "usage" for a directory that holds something else; "output" where it cannot be written.
 */
export async function exportExplorer(
  contents: Contents,
  directory: string,
  onProgress?: OnProgress,
  signal?: AbortSignal,
): Promise<number> {
  const names = await contentsOf(directory);
  if (names.length > 0 && !names.includes("lintel-explorer.txt"))
    throw foreignDirectory(directory, "a new directory, or one that `lintel explore --static` wrote", names);
  await ensureDirectory(directory);
  await writeFileAtomic(join(directory, "lintel-explorer.txt"), "Open index.html in this folder.\n");
  const keys = await contents.keys();
  for (const [done, key] of keys.entries()) {
    signal?.throwIfAborted();
    const content = await contents.get(key).catch((error: Error) => ({ error: error.message }));
    const path = join(directory, "data", `${key}.js`);
    await ensureDirectory(join(path, ".."));
    await writeFileAtomic(path, `lintelContent(${expression(key)}, ${expression(content)});\n`);
    onProgress?.({ label: "explore", done: done + 1, total: keys.length, unit: "files" });
  }
  for (const name of Object.keys(assets) as AssetName[])
    await writeFileAtomic(join(directory, name), await readAsset(name));
  await writeFileAtomic(join(directory, "index.html"), page("files"));
  return keys.length + Object.keys(assets).length + 2;
}
