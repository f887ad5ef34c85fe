// Builds the explorer's app into dist/explorer/app: classic scripts, because pages of the file system cannot load modules.
//   node explorer/build.mjs
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = dirname(fileURLToPath(import.meta.url));
const outDir = join(root, "..", "dist", "explorer", "app");

/**
 * Node's modules and those with native code, which the model's code imports but does not use in a page: names that it
 * imports are there, and calls of them say that there are no files.
 */
const withoutNode = {
  name: "without-node",
  enforce: "pre",
  resolveId: (id) => {
    const instead = ["time-budget.ts", "scratch.ts"].find((name) => id.endsWith(`/${name}`));
    if (instead) return join(root, "src", instead);
    return id.startsWith("node:") || ["sharp", "undici", "tar-stream"].includes(id)
      ? join(root, "src", "node-shim.ts")
      : null;
  },
};

/** The runtime is given its WebAssembly: what would fetch it is not bundled. */
const withoutFetching = {
  name: "without-fetching",
  enforce: "pre",
  transform: (code, id) =>
    id.includes("onnxruntime-web")
      ? code.replace(/new URL\([^()]*,\s*import\.meta\.url\)/g, 'new URL("about:blank")')
      : null,
};

/** @param {string} entry a file in src @param {string} name the script's name */
const bundle = (entry, name, emptyOutDir) =>
  build({
    root,
    configFile: false,
    logLevel: "error",
    plugins: [withoutNode, withoutFetching],
    resolve: { alias: { "onnxruntime-node": "onnxruntime-web/wasm" } },
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    define: { "process.env.NODE_ENV": '"production"', "import.meta.url": '"file:///lintel.js"' },
    build: {
      rollupOptions: { shimMissingExports: true, checks: { emptyImportMeta: false } },
      outDir,
      emptyOutDir,
      copyPublicDir: false,
      target: "es2022",
      lib: {
        entry: join(root, "src", entry),
        formats: ["iife"],
        name: `lintel_${name}`,
        fileName: () => `${name}.js`,
        cssFileName: name,
      },
    },
  });

await bundle("main.tsx", "app", true);
await bundle("runtime.ts", "runtime", false);
copyFileSync(join(root, "icon.svg"), join(outDir, "icon.svg"));

// ONNX Runtime's WebAssembly as a script: pages of the file system cannot read other files.
const wasm = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
const packed = gzipSync(readFileSync(wasm), { level: 9 }).toString("base64");
writeFileSync(join(outDir, "runtime-wasm.js"), `globalThis.lintelWasm="${packed}";\n`);
