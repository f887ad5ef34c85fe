/**
 * What the built Lintel computes with a checkpoint, for python/lintel_reference/parity/pocket.py to compare with.
 *
 *     node python/lintel_reference/parity/dump.mjs CHECKPOINT DATASET COUNT OUT
 *
 * Takes the first COUNT examples of the dataset's split eval. Writes their pictures (OUT/N.png), every number
 * (OUT/dump.safetensors) and all else (OUT/dump.json).
 */
import { writeFile } from "node:fs/promises";
import { decodeImage, float32, writeSafetensors } from "../../../dist/formats/index.js";
import { imageProcessor, readProcessor, ropeIndex } from "../../../dist/qwen/index.js";
import {
  continueFrom,
  decodeToBlock,
  loadLatentModel,
  oraclesOf,
  promptOf,
} from "../../../dist/reasoning/index.js";
import { readSplit } from "../../../dist/tasks/index.js";

const MAX_TOKENS = 32;
/** Beyond the prompts: markers, an unknown word, spaces, nothing. */
const TEXTS = [
  "<|lvr_start|><|lvr_sep|><|lvr_end|><answer> a </answer><|im_end|>",
  "a  b\nc a,b zebra café",
  "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>",
  "",
];

const [checkpoint, dataset, count, out] = process.argv.slice(2);
const tensors = new Map();
const model = await loadLatentModel(checkpoint, { threads: 1, everyHidden: true });
const { config } = model.network;
const { hiddenSize: width, vocabSize } = config.text;
const process_ = imageProcessor(await readProcessor(checkpoint));
const { examples } = await readSplit(dataset, "eval", { limit: Number(count) });
const prompts = await Promise.all(examples.map((example) => promptOf(model, example)));

// Processor and vision tower, image by image; helpers too, because oracle latents come from them.
let pictures = 0;
async function see(bytes) {
  const at = pictures++;
  await writeFile(`${out}/${at}.png`, bytes);
  const { patches, grid } = process_(await decodeImage(bytes));
  const [{ rows }] = await model.features.get([bytes]);
  const patchCount = grid[0] * grid[1] * grid[2];
  tensors.set(`patches.${at}`, float32([patchCount, patches.length / patchCount], patches));
  tensors.set(`features.${at}`, float32([rows.length / width, width], rows));
  return { at, grid };
}

// One batch, so that prompts of other lengths are padded; transformers gets each alone.
const start = await model.network.prefill(prompts);
const length = Math.max(...prompts.map(({ ids }) => ids.length));
const shared = await decodeToBlock(model, prompts, { cue: [], maxTokens: MAX_TOKENS });
// A latent step is taken by every model, also by one that would not open a block: right after the prompt.
const forced = {
  prefix: start.prefix,
  rows: prompts.map(() => ({ written: [], state: "block", answerLogits: null })),
};
const plans = await Promise.all(
  examples.map(async (example) => [
    { kind: "own" },
    { kind: "fixed", blocks: await oraclesOf(model, example) },
  ]),
);
// With the end marker as the cue, the "answer" logits are those right after the block.
const continued = await continueFrom(model, forced, plans, {
  cue: [model.rules.endId],
  maxTokens: MAX_TOKENS,
});

const cases = [];
for (const [b, example] of examples.entries()) {
  const messages = [{ role: "user", content: model.family.content(example) }];
  const { ids, grids } = prompts[b];
  const images = [];
  for (const bytes of example.images) images.push(await see(bytes));
  const helpers = [];
  for (const bytes of example.helpers) helpers.push(await see(bytes));
  const first = length - ids.length;
  const named = [...start.layers.keys()].map((i) => (i === start.layers.length - 1 ? "last" : `layer.${i}`));
  for (const [i, name] of named.entries()) {
    const rows = start.layers[i].subarray((b * length + first) * width, (b + 1) * length * width);
    tensors.set(`hidden.${b}.${name}`, float32([ids.length, width], rows));
  }
  tensors.set(`logits.${b}`, float32([vocabSize], start.logits.slice(b * vocabSize, (b + 1) * vocabSize)));
  const blocks = ["own", "oracle"].map((name, j) => {
    const { ids: written, latents, answerLogits } = continued[b][j];
    const fed = Float32Array.from(latents.flatMap((block) => [...block]));
    tensors.set(`latents.${b}.${name}`, float32([fed.length / width, width], fed));
    tensors.set(`after.${b}.${name}`, float32([vocabSize], answerLogits));
    return { name, written };
  });
  const { positions, deltas } = ropeIndex({ ids: [ids], mask: [ids.map(() => 1)], grids }, config);
  cases.push({
    id: example.id,
    messages,
    text: model.tokenizer.applyChatTemplate(messages, { addGenerationPrompt: true }),
    ids,
    positions: [...positions],
    delta: deltas[0],
    images,
    helpers,
    written: shared.rows[b].written,
    state: shared.rows[b].state,
    blocks,
  });
}
await writeSafetensors(`${out}/dump.safetensors`, tensors);
const texts = [...TEXTS, ...examples.map(({ question }) => question)].map((text) => {
  const ids = model.tokenizer.encode(text);
  return {
    text,
    ids,
    back: model.tokenizer.decode(ids),
    words: model.tokenizer.decode(ids, { skipSpecial: true }),
  };
});
const { rules, eos } = model;
await writeFile(`${out}/dump.json`, JSON.stringify({ rules, eos, maxTokens: MAX_TOKENS, texts, cases }));
await model.network.release();
