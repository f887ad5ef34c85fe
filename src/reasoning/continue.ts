/** Continuing shared prefixes through the latent block under N plans at once. FAMILIES.md §14, one state machine. */
import type { Suffix } from "../qwen/index.ts";
import type { LatentModel } from "./model.ts";
import { argmax, endsWith, type SharedPrefix } from "./prefix.ts";

/** What stands in the slots. */
export type Plan =
  | { kind: "own" }
  /** Start marker, end marker, nothing between. */
  | { kind: "skip" }
  /** Given vectors [K·D] for each block; a further block takes the last again, as LanteRn's injection does. */
  | { kind: "fixed"; blocks: readonly Float32Array[] };

export type Ending = "count" | "sampled-end" | "skipped" | "eos" | "length";

export interface Continuation {
  /** Ids written from the start marker on (slots as the pad id), end of text not among them. */
  ids: number[];
  /** Vectors fed in the slots, one [K·D] array per block. */
  latents: Float32Array[];
  blocks: number;
  endings: Ending[];
  /** Logits at the first answer position, right after the cue; null where the text never reached it. */
  answerLogits: Float32Array | null;
}

interface Row {
  /** What the next step feeds: a token, or slot `slot` of the current block. */
  feeding: "token" | "slot" | "nothing";
  token: number;
  slot: number;
  /** The own hidden state that this slot would get. */
  feedback: Float32Array | null;
  result: Continuation;
}

/**
 * Continues every example of `shared` under each of its plans: `plans[b]` has the same number N of entries for every
 * example. Rows whose example opened no block are answered by what the prefix already wrote.
 *
 * `cue`: ids after which the answer stands; `maxTokens` limits ids after the start marker.
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
 * const limits = { cue: [], maxTokens: 8 };
 * const { prefix } = await decodeToBlock(model, [prompt], limits);
 * const opened = { prefix, rows: [{ written: [], state: "block", answerLogits: null }] };
 * const [[own, skip]] = await continueFrom(model, opened, [[{ kind: "own" }, { kind: "skip" }]], limits);
 * [own.ids.length, skip.ids.length]; // [3, 2]: start, latent, end; start, end
 */
export async function continueFrom(
  model: LatentModel,
  shared: SharedPrefix,
  plans: readonly (readonly Plan[])[],
  { cue, maxTokens }: { cue: readonly number[]; maxTokens: number },
): Promise<Continuation[][]> {
  const { network, rules, eos } = model;
  const { vocabSize, hiddenSize: width } = network.config.text;
  const { k } = rules;
  const n = plans[0]!.length;
  const rows: Row[] = plans.flatMap((row, b) =>
    row.map((): Row => {
      const open = shared.rows[b]!.state === "block";
      return {
        feeding: open ? "token" : "nothing",
        token: rules.startId,
        slot: 0,
        feedback: null,
        result: {
          ids: open ? [rules.startId] : [],
          latents: [],
          blocks: 0,
          endings: [],
          answerLogits: null,
        },
      };
    }),
  );
  const planOf = (r: number): Plan => plans[Math.floor(r / n)]![r % n]!;

  /** Vector for the slot that a row is about to feed; kept in its record. */
  const slotVector = (r: number, row: Row): Float32Array => {
    const plan = planOf(r);
    const block = row.result.blocks - 1;
    const given = plan.kind === "fixed" ? plan.blocks[Math.min(block, plan.blocks.length - 1)]! : null;
    const vector = given ? given.subarray(row.slot * width, (row.slot + 1) * width) : row.feedback!;
    row.result.latents[block]!.set(vector, row.slot * width);
    return vector;
  };

  /** The start marker has been read: the block begins. Returns the id to record next. */
  const openBlock = (r: number, row: Row): number => {
    row.result.blocks++;
    if (planOf(r).kind === "skip") {
      row.result.endings.push("skipped");
      row.result.latents.push(new Float32Array(0));
      row.token = rules.endId;
      return rules.endId;
    }
    row.result.latents.push(new Float32Array(k * width));
    row.feeding = "slot";
    row.slot = 0;
    return rules.padId;
  };

  /** After a step: what does this row do next? */
  const advance = (r: number, row: Row, logits: Float32Array): void => {
    const { result } = row;
    if (row.feeding === "token" && row.token === rules.startId) {
      result.ids.push(openBlock(r, row));
      return;
    }
    if (row.feeding === "slot") {
      row.slot++;
      if (row.slot < k) {
        result.ids.push(rules.padId);
        return;
      }
      result.endings.push("count");
      row.feeding = "token";
      row.token = rules.endId;
      result.ids.push(rules.endId);
      return;
    }
    if (!result.answerLogits && endsWith(result.ids, cue)) {
      result.answerLogits = logits.slice(r * vocabSize, (r + 1) * vocabSize);
    }
    const id = argmax(logits, r * vocabSize, vocabSize);
    if (eos.includes(id) || result.ids.length >= maxTokens) {
      row.feeding = "nothing";
      return;
    }
    row.token = id;
    result.ids.push(id);
  };

  let suffix: Suffix | null = null;
  const positions = Int32Array.from(rows, (_, r) => shared.prefix.next[Math.floor(r / n)]!);
  const embeddings = new Float32Array(rows.length * width);
  while (rows.some((row) => row.feeding !== "nothing")) {
    const words = network.embed(rows.map((row) => (row.feeding === "token" ? row.token : rules.padId)));
    embeddings.set(words);
    for (const [r, row] of rows.entries()) {
      if (row.feeding === "slot") embeddings.set(slotVector(r, row), r * width);
    }
    const next = await network.step(shared.prefix, suffix, embeddings, positions);
    suffix = next.suffix;
    for (const [r, row] of rows.entries()) {
      positions[r]!++;
      if (row.feeding === "nothing") continue;
      row.feedback = next.feedback.subarray(r * width, (r + 1) * width);
      advance(r, row, next.logits);
    }
  }
  return plans.map((_, b) => rows.slice(b * n, (b + 1) * n).map((row) => row.result));
}
