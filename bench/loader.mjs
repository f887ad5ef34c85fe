// Runs the TypeScript of bench/ on every supported Node: types are taken off, and imports of src/ load the built dist/.
//   node --import ./bench/loader.mjs bench/train.ts
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import ts from "typescript";

const root = new URL("..", import.meta.url).href;
const compilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
};

export async function resolve(specifier, context, next) {
  if (/^\.\.?\/.*\.ts$/.test(specifier)) {
    const { href } = new URL(specifier, context.parentURL);
    const built = href.startsWith(`${root}src/`)
      ? href.replace(`${root}src/`, `${root}dist/`).replace(/\.ts$/, ".js")
      : href;
    return { url: built, format: "module", shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith(`${root}bench/`) || !url.endsWith(".ts")) return next(url, context);
  const text = await readFile(fileURLToPath(url), "utf8");
  const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: fileURLToPath(url) });
  return { format: "module", source: outputText, shortCircuit: true };
}

// Node loads this file once as `--import`, and once more in the thread of its hooks.
if (isMainThread) register(import.meta.url);
