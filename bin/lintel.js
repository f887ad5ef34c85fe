#!/usr/bin/env node
// Plain enough for any Node that knows modules, so that an old one gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`lintel: needs Node 20.19 or later, this is ${process.versions.node}\n`);
  process.exit(1);
}
const program = new URL("../dist/cli/main.js", import.meta.url);
import("node:fs").then(({ existsSync }) => {
  if (!existsSync(program)) {
    process.stderr.write("lintel: not built yet; run `npm run build` in its folder\n");
    process.exit(1);
  }
  import(program).then(({ main }) => main(process.argv.slice(2)));
});
