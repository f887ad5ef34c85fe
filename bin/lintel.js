#!/usr/bin/env node
// No import stands at the top, so that an old Node gets a sentence instead of the error of a library.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`lintel: needs Node 20.19 or later, this is ${process.versions.node}\n`);
  process.exit(1);
}
const { existsSync } = await import("node:fs");
// The bundle starts quickly and with few file descriptors; without one (in tests) the modules themselves are loaded.
const program = ["../dist/bundle/lintel.js", "../dist/cli/main.js"]
  .map((path) => new URL(path, import.meta.url))
  .find((each) => existsSync(each));
if (!program) {
  process.stderr.write("lintel: not built yet; run `npm run build` in its folder\n");
  process.exit(1);
}
const { main } = await import(program.href).catch((error) => {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stderr.write(
    `lintel: a package that it needs is not installed (${error.message}); run \`npm install\`\n`,
  );
  process.exit(1);
});
await main(process.argv.slice(2));
