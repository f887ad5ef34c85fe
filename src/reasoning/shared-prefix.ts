/** Decodes each example once, greedily, up to its latent block: the prefix that all interventions share. */
import {
  type ContinuationCache,
  extendPrefix,
  MASK_VALUE,
  type PrefixCache,
  type Prompt,
} from "../qwen/index.ts";
import { greedy } from "./greedy.ts";
import type { LatentModel } from "./latent-model.ts";
import { splitPrompt } from "./prompt-blocks.ts";

export interface SharedPrefix {
  prefix: PrefixCache;
  rows: PrefixRow[];
}

export interface PrefixRow {
  /** Ids written before the block, the start marker not among them. */
  written: number[];
  /** "block": the next id is the start marker. Otherwise the answer ended without a block. */
  state: "block" | "eos" | "length";
  /** The model's values are not finite, so that its output is meaningless; the state is then "eos". */
  notFinite?: true;
  /** Logits right after the answer's cue, where the answer came without a block. */
  answerLogits: Float32Array | null;
  /** "block" only: what would be written next if the start marker could not be; null elsewhere. */
  instead: number | null;
  /** "block" only: the same if it had to be text (`notText`). */
  word?: number | null;
  /** Position of the prompt in the cache. */
  layout: PromptLayout;
  /** "block" only: the hidden state that wrote the start marker, for dialects that feed it there. */
  feedback?: Float32Array;
  /** Only where the block begins in the prompt: the rest of the prompt from there on, not read yet. */
  script?: readonly number[];
  /** Ids of the prompt, without the script: the repetition penalty counts them. */
  prompt?: readonly number[];
}

/** Whether all of `count` numbers from `offset` on are finite. */
function finite(values: Float32Array, offset: number, count: number): boolean {
  for (let i = offset; i < offset + count; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Positions in the cache: the prompt is padded on the left, the generated text follows it. */
export interface PromptLayout {
  first: number;
  /** One past the prompt's last token. */
  end: number;
  images: readonly number[];
}

/** Where prompts lie in a cache that was filled by one `prefill` of all of them. */
export function promptLayouts(
  model: { network: { config: { tokens: { image: number } } } },
  prompts: readonly Pick<Prompt, "ids">[],
): PromptLayout[] {
  const end = Math.max(...prompts.map(({ ids }) => ids.length));
  const { image } = model.network.config.tokens;
  return prompts.map(({ ids }) => {
    const first = end - ids.length;
    return { first, end, images: ids.flatMap((id, i) => (id === image ? [first + i] : [])) };
  });
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
 * Ids that are no free text: the block's markers and slots, the ends of text, what begins the answer's cue, and what
 * would complete it behind `text`.
 */
export function notText(
  { rules, eos }: Pick<LatentModel, "rules" | "eos">,
  cue: readonly number[],
  text: readonly number[],
): number[] {
  const { startId, endId, padId } = rules;
  const markers = [startId, endId, padId, ...(rules.static ?? [])].filter((id) => id !== null);
  const complete = endsWith(text, cue.slice(0, -1)) ? cue.slice(-1) : [];
  return [...markers, ...eos, ...cue.slice(0, 1), ...complete];
}

/** A prefix whose image tokens nothing can look at any more, as if they had been taken out of the cache. */
function withoutImages(prefix: PrefixCache, layouts: readonly PromptLayout[]): PrefixCache {
  const mask = prefix.mask.slice();
  for (const [b, { images }] of layouts.entries())
    for (const place of images) mask[b * prefix.length + place] = MASK_VALUE;
  return { ...prefix, mask };
}

/**
 * Prefills `prompts` and decodes greedily until each opens a latent block, ends, or has written `maxTokens` ids.
 * Rows that are done wait: what they are fed in the meantime is blocked in the cache. A prompt in which a block begins
 * (placeholders, or a start marker at its end where the family reads that) is read up to there. `dropImages`: once
 * the prompts are read, the keys and values of their images are dropped, before anything is decoded.
 */
export async function decodeToBlock(
  model: LatentModel,
  prompts: readonly Prompt[],
  { cue, maxTokens, dropImages }: { cue: readonly number[]; maxTokens: number; dropImages?: boolean },
): Promise<SharedPrefix> {
  const { network, rules, eos, generation } = model;
  const { vocabSize, hiddenSize: width } = network.config.text;
  const parts = prompts.map((prompt) => splitPrompt(rules, prompt, network.config.tokens.image));
  const read = parts.map(({ prompt }) => prompt);
  const filled = await network.prefill(read);
  const layouts = promptLayouts(model, read);
  const start = dropImages ? { ...filled, prefix: withoutImages(filled.prefix, layouts) } : filled;
  const rows = layouts.map((layout, b): Omit<PrefixRow, "state"> & { state: PrefixRow["state"] | "text" } => {
    const { prompt, script } = parts[b]!;
    return {
      written: [],
      state: "text",
      answerLogits: null,
      instead: null,
      layout,
      prompt: prompt.ids,
      ...(script.length > 0 && { script }),
    };
  });
  const repetitions = read.map(({ ids }) => ({ penalty: generation.repetitionPenalty, seen: new Set(ids) }));
  let { logits, feedback } = start;
  let suffix: ContinuationCache | null = null;
  const valid: boolean[][] = prompts.map(() => []);
  const positions = start.prefix.next.slice();
  for (const [b, row] of rows.entries()) {
    if (finite(logits, b * vocabSize, vocabSize) && finite(feedback, b * width, width)) continue;
    row.state = "eos";
    row.notFinite = true;
  }
  for (;;) {
    for (const [b, row] of rows.entries()) {
      if (row.state !== "text") continue;
      if (!row.answerLogits && endsWith(row.written, cue)) {
        row.answerLogits = logits.slice(b * vocabSize, (b + 1) * vocabSize);
      }
      const next = (forbidden: readonly number[]): number =>
        greedy(logits, b * vocabSize, vocabSize, repetitions[b]!, forbidden);
      const id = next([]);
      if (!Number.isFinite(logits[b * vocabSize + id])) {
        row.state = "eos";
        row.notFinite = true;
      } else if (row.script || id === rules.startId) {
        row.state = "block";
        row.instead = rules.startId === null ? id : next([rules.startId]);
        row.word = next(notText(model, cue, row.written));
        row.feedback = feedback.slice(b * width, (b + 1) * width);
      } else if (eos.includes(id)) row.state = "eos";
      else if (row.written.length >= maxTokens) row.state = "length";
      else {
        row.written.push(id);
        repetitions[b]!.seen.add(id);
      }
    }
    if (rows.every((row) => row.state !== "text")) break;
    const ids = rows.map((row) => (row.state === "text" ? row.written.at(-1)! : rules.padId));
    const next = await network.step(start.prefix, suffix, network.embed(ids), positions);
    for (const [b, row] of rows.entries()) {
      valid[b]!.push(row.state === "text");
      if (row.state === "text") positions[b]!++;
    }
    ({ logits, feedback, suffix } = next);
  }
  const prefix = suffix ? extendPrefix(start.prefix, suffix, valid, positions) : start.prefix;
  return { prefix, rows: rows as PrefixRow[] };
}
