/**
 * Writes again, by the built Lintel, what it reads of checkpoints, for python/lintel_reference/parity/rewritten.py to open.
 *
 *     node python/lintel_reference/parity/rewrite.mjs CHECKPOINTS OUT
 *
 * CHECKPOINTS holds VERSION/CASE directories (test/goldens/checkpoints); each becomes OUT/VERSION/CASE.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  loadTokenizer,
  loadWeights,
  openCheckpoint,
  readProcessor,
  saveCheckpoint,
} from "../../../dist/qwen/index.js";

const [checkpoints, out] = process.argv.slice(2);
const folders = (directory) =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
for (const version of folders(checkpoints)) {
  for (const name of folders(join(checkpoints, version))) {
    const directory = join(checkpoints, version, name);
    const checkpoint = await openCheckpoint(directory);
    await saveCheckpoint(join(out, version, name), {
      config: checkpoint.config,
      weights: await loadWeights(checkpoint),
      processor: await readProcessor(directory),
      generation: checkpoint.generation.raw,
      files: (await loadTokenizer(directory)).files,
    });
  }
}
