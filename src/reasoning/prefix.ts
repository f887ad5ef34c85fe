/** Decoding each example once, greedily, up to its latent block: the part that all interventions share. */
import { extendPrefix, type Prefix, type Prompt, type Suffix } from "../qwen/index.ts";
import type { LatentModel } from "./model.ts";

export interface SharedPrefix {
  prefix: Prefix;
  rows: PrefixRow[];
}

export interface PrefixRow {
  /** Ids written before the block, the start marker not among them. */
  written: number[];
  /** "block": the next id is the start marker. Otherwise the answer ended without a block. */
  state: "block" | "eos" | "length";
  /** Logits right after the answer's cue, where the answer came without a block. */
  answerLogits: Float32Array | null;
}

/**
 * Whether `ids` end with `cue`.
 *
 * @example
 * endsWith([5, 1, 2], [1, 2]); // true
 */
export const endsWith = (ids: readonly number[], cue: readonly number[]): boolean =>
  cue.length > 0 && ids.length >= cue.length && cue.every((id, i) => ids[ids.length - cue.length + i] === id);

/**
 * Index of the largest of `count` values from `offset` on; the first of equals.
 *
 * @example
 * argmax(Float32Array.of(9, 1, 3, 3), 1, 3); // 1
 */
export function argmax(values: Float32Array, offset: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[offset + i]! > values[offset + best]!) best = i;
  return best;
}

/**
 * Prefills `prompts` and decodes greedily until each opens a latent block, ends, or has written `maxTokens` ids.
 * Rows that are done wait: what they are fed in the meantime is blocked in the cache.
 *
 * @example
 * const config = pocketConfig({
 *   vocabSize: 24,
 *   hiddenSize: 32,
 *   layers: 1,
 *   heads: 2,
 *   extra: { latent_size: 1, lvr_start_id: 7 },
 * });
 * const weights = Object.fromEntries(
 *   [...expectedTensors(config)].map(([name, shape]) => {
 *     const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
 *     return [name, { dtype: "float32", shape, data }];
 *   }),
 * );
 * const tokenizer = createTokenizer(pocketTokenizer(["a", "b"]), "example");
 * const processor = parseProcessorConfig({ patch_size: 6, min_pixels: 144 }, "example");
 * const model = assembleModel({ config, weights, tokenizer, processor, eos: [0] });
 * const prompt = { ids: tokenizer.encode("a b"), visuals: new Float32Array(0), grids: [] };
 * (await decodeToBlock(model, [prompt], { cue: [], maxTokens: 8 })).rows[0].state; // "eos": all weights are zero
 */
export async function decodeToBlock(
  model: LatentModel,
  prompts: readonly Prompt[],
  { cue, maxTokens }: { cue: readonly number[]; maxTokens: number },
): Promise<SharedPrefix> {
  const { network, rules, eos } = model;
  const { vocabSize } = network.config.text;
  const start = await network.prefill(prompts);
  const rows: (Omit<PrefixRow, "state"> & { state: PrefixRow["state"] | "text" })[] = prompts.map(() => ({
    written: [],
    state: "text",
    answerLogits: null,
  }));
  let logits = start.logits;
  let suffix: Suffix | null = null;
  const valid: boolean[][] = prompts.map(() => []);
  const positions = start.prefix.next.slice();
  for (;;) {
    for (const [b, row] of rows.entries()) {
      if (row.state !== "text") continue;
      if (!row.answerLogits && endsWith(row.written, cue)) {
        row.answerLogits = logits.slice(b * vocabSize, (b + 1) * vocabSize);
      }
      const id = argmax(logits, b * vocabSize, vocabSize);
      if (id === rules.startId) row.state = "block";
      else if (eos.includes(id)) row.state = "eos";
      else if (row.written.length >= maxTokens) row.state = "length";
      else row.written.push(id);
    }
    if (rows.every((row) => row.state !== "text")) break;
    const ids = rows.map((row) => (row.state === "text" ? row.written.at(-1)! : rules.padId));
    const next = await network.step(start.prefix, suffix, network.embed(ids), positions);
    for (const [b, row] of rows.entries()) {
      valid[b]!.push(row.state === "text");
      if (row.state === "text") positions[b]!++;
    }
    ({ logits, suffix } = next);
  }
  const prefix = suffix ? extendPrefix(start.prefix, suffix, valid, positions) : start.prefix;
  return { prefix, rows: rows as PrefixRow[] };
}
