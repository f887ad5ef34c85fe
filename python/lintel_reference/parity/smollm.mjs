/**
 * The logits that the built Lintel computes behind prompts, for python/lintel_reference/parity/smollm.py to compare with.
 *
 *     node python/lintel_reference/parity/smollm.mjs CHECKPOINT PROMPTS.json OUT.safetensors
 *
 * PROMPTS.json: a list of {"text", "ids"}. Writes `logits` [prompts, vocabulary]; fails where a text has other ids here.
 */
import { readFile } from "node:fs/promises";
import { float32, writeSafetensors } from "../../../dist/formats/index.js";
import { loadLatentModel } from "../../../dist/reasoning/index.js";

const [checkpoint, prompts, out] = process.argv.slice(2);
const model = await loadLatentModel(checkpoint, { threads: 1 });
const { vocabSize } = model.network.config.text;
const cases = JSON.parse(await readFile(prompts, "utf8"));
const all = new Float32Array(cases.length * vocabSize);
for (const [i, { text, ids }] of cases.entries()) {
  const own = model.tokenizer.encode(text);
  if (own.join() !== ids.join()) throw new Error(`ids of ${JSON.stringify(text)}: ${own}, not ${ids}`);
  const { logits } = await model.network.prefill([{ ids, visuals: new Float32Array(0), grids: [] }]);
  all.set(logits, i * vocabSize);
}
await writeSafetensors(out, new Map([["logits", float32([cases.length, vocabSize], all)]]));
await model.network.release();
