// Run against the packed package: a dataset is written and read back.
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateDataset, LintelError, readSplit } from "lintel";

const out = mkdtempSync(join(tmpdir(), "lintel-consumer-"));
await generateDataset({ task: "tetris", out, train: 4, eval: 2, heldOut: 0 });
assert.equal((await readSplit(out, "train")).examples.length, 4);
await assert.rejects(generateDataset({ task: "tetriss", out }), LintelError);
rmSync(out, { recursive: true });
console.log("consumer: ok");
