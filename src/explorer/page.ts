/** The files of the app, as `npm run build` made them, and the page that loads them. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { LintelError } from "../util/index.ts";

/** `dist/explorer/app`, seen from here and from the sources. */
const folders = ["./app/", "../../dist/explorer/app/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

export const assets = {
  "app.js": "text/javascript; charset=utf-8",
  "app.css": "text/css; charset=utf-8",
  "runtime.js": "text/javascript; charset=utf-8",
  "runtime-wasm.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;
export type AssetName = keyof typeof assets;

/** A file of the app. Errors: "installation" where the app was not built. */
export async function readAsset(name: AssetName): Promise<Buffer> {
  const folder = folders.find((each) => existsSync(`${each}app.js`));
  if (!folder)
    throw new LintelError("installation", {
      where: folders[0]!,
      expected: "the explorer’s app",
      got: "none",
      attempt: "npm run build",
    });
  return readFile(`${folder}${name}`);
}

/** What the page may do: scripts and styles from its own place only, images also from data that was already read. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The page; `data` says how it reads contents: from the server, or from script files beside it. */
export const page = (data: "server" | "files"): string => `<!doctype html>
<html lang="en" data-contents="${data}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Lintel explorer</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="app.css">
<script src="app.js" defer></script>
</head>
<body><div id="app"></div><noscript>The explorer needs JavaScript.</noscript></body>
</html>
`;
