/** The line of Python that starts an engine: the package is sent along, so that it need not be installed there. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";

/** The Python package that is shipped with Lintel. */
const PACKAGE = fileURLToPath(new URL("../../python/lintel_engine", import.meta.url));

/** Imports modules from a table of sources; written for any Python that can run the package. */
const LOADER = `
import sys, os, importlib.abc, importlib.util
class _Sent(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def find_spec(self, name, path=None, target=None):
        file = name.replace(".", "/")
        package = file + "/__init__.py" in SOURCES
        if not package and file + ".py" not in SOURCES: return None
        return importlib.util.spec_from_loader(name, self, origin="lintel:" + file, is_package=package)
    def get_source(self, name):
        file = name.replace(".", "/")
        return SOURCES.get(file + "/__init__.py") or SOURCES.get(file + ".py") or ""
    def is_package(self, name):
        return name.replace(".", "/") + "/__init__.py" in SOURCES
    def get_code(self, name):
        return compile(self.get_source(name), "lintel:" + name, "exec")
sys.meta_path.insert(0, _Sent())
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
from lintel_engine import serve
serve(0, 1)
sys.stderr.flush()
os._exit(0)
`;

/** Python files of a directory, by path from its parent. */
async function sourcesOf(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory, { recursive: true });
  const found: Record<string, string> = {};
  for (const name of names.sort()) {
    if (!name.endsWith(".py")) continue;
    const path = join(directory, name);
    found[relative(join(directory, ".."), path).replaceAll("\\", "/")] = await readFile(path, "utf8");
  }
  return found;
}

/** One line that a Python reads at its prompt, with nothing in it that any shell on the way could take for its own. */
export async function packageLine(directory = PACKAGE): Promise<string> {
  const packed = deflateSync(JSON.stringify(await sourcesOf(directory))).toString("base64");
  const program = deflateSync(LOADER).toString("base64");
  return (
    "import base64, json, zlib; " +
    `SOURCES = json.loads(zlib.decompress(base64.b64decode("${packed}"))); ` +
    `exec(zlib.decompress(base64.b64decode("${program}")).decode())\n`
  );
}
