/** Decodes each example once, greedily, up to its latent block: the prefix that all interventions share. */
import type { PrefixCache, Prompt, QwenModel } from "../qwen/index.ts";
import { engineOf } from "./engine/engine-of.ts";
import type { NamedLogits, Network, Prefix, Program } from "./engine/types.ts";
import type { LatentModel } from "./latent-model.ts";
import { splitPrompt } from "./prompt-blocks.ts";
import { endsWith, type NamedPrompt, type PromptLayout, promptLayouts } from "./prompt-layout.ts";

export interface SharedPrefix<P extends Prefix = Prefix> {
  prefix: P;
  rows: PrefixRow[];
}

/** What a network keeps of prompts. */
type PrefixOf<N extends Network> = N extends QwenModel ? PrefixCache : Prefix;

export interface PrefixRow {
  /** Ids written before the block, the start marker not among them. */
  written: number[];
  /** "block": the next id is the start marker. Otherwise the answer ended without a block. */
  state: "block" | "eos" | "length";
  /** The model's values are not finite, so that its output is meaningless; the state is then "eos". */
  notFinite?: true;
  /** Logits right after the answer's cue, where the answer came without a block. */
  answerLogits: NamedLogits | null;
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
  /** Ids whose logits are wanted behind the answer's cue. */
  named?: readonly number[];
}

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
  const slots = rules.spelled ? [] : [padId, ...(rules.static ?? [])];
  const markers = [startId, endId, ...slots].filter((id) => id !== null);
  const complete = endsWith(text, cue.slice(0, -1)) ? cue.slice(-1) : [];
  return [...markers, ...eos, ...cue.slice(0, 1), ...complete];
}

/**
 * Prefills `prompts` and decodes greedily until each opens a latent block, ends, or has written `maxTokens` ids.
 * Rows that are done wait: what they are fed in the meantime is blocked in the cache. A prompt in which a block begins
 * (placeholders, or a start marker at its end where the family reads that) is read up to there. `dropImages`: once
 * the prompts are read, the keys and values of their images are dropped, before anything is decoded.
 */
export async function decodeToBlock<N extends Network>(
  model: Pick<LatentModel<N>, "network" | "rules" | "eos" | "generation">,
  prompts: readonly NamedPrompt[],
  { cue, maxTokens, dropImages = false }: { cue: readonly number[]; maxTokens: number; dropImages?: boolean },
): Promise<SharedPrefix<PrefixOf<N>>> {
  const { network, rules, eos, generation } = model;
  const engine = engineOf(network);
  const { startId } = rules;
  const parts = prompts.map((prompt) => splitPrompt(rules, prompt, network.config.tokens.image));
  const read = parts.map(({ prompt }) => prompt);
  const opened = await engine.open(read, { dropImages });
  const rows = promptLayouts(model, read).map((layout, b): PrefixRow => {
    const { prompt, script } = parts[b]!;
    return {
      written: [],
      state: "eos",
      ...(!opened.finite[b] && { notFinite: true }),
      answerLogits: null,
      instead: null,
      layout,
      prompt: prompt.ids,
      ...(script.length > 0 && { script }),
      ...(prompts[b]!.named && { named: prompts[b]!.named }),
    };
  });
  // What would be written next but for the start marker; and as text, if what is written so far begins the cue or not.
  const instead = [[startId], notText(model, cue, []), notText(model, cue, cue.slice(0, -1))];
  const programs = rows.map(({ notFinite, script, named = [] }): Program | null =>
    notFinite
      ? null
      : {
          feed: [],
          hide: null,
          text: script
            ? null
            : {
                forbid: [],
                stop: [],
                final: [...eos, ...(startId === null ? [] : [startId])],
                limit: maxTokens,
              },
          choose: [[], ...instead],
          cue: { tail: [], named },
          state: true,
        },
  );
  const options = { cue, penalty: generation.repetitionPenalty };
  while (programs.some((program) => program !== null)) {
    const results = await opened.run(programs, options);
    for (const [b, result] of results.entries()) {
      if (!result) continue;
      const row = rows[b]!;
      row.written.push(...result.written);
      row.answerLogits ??= result.cueLogits;
      const program = programs[b]!;
      if (result.end === "more") {
        const { limit } = program.text!;
        programs[b] = {
          ...program,
          text: { ...program.text!, limit: limit - result.written.length },
          cue: { tail: row.written.slice(-cue.length), named: row.named ?? [] },
        };
        continue;
      }
      programs[b] = null;
      const [plain, other, word, within] = result.chosen;
      if (!result.finite) row.notFinite = true;
      else if (row.script || (result.id === startId && row.written.length < maxTokens)) {
        row.state = "block";
        row.instead = startId === null ? plain! : other!;
        row.word = endsWith(row.written, cue.slice(0, -1)) ? within! : word!;
        row.feedback = result.state!;
      } else if (result.end === "limit" || result.id === startId) row.state = "length";
    }
  }
  return { prefix: (await opened.end()) as PrefixOf<N>, rows };
}

/**
 * The same prefix from other prompts: each is read together with the text that was written before the block, so that
 * nothing but the prompt differs. The prompts have the lengths of the first ones.
 *
 * @param options.hideImages - No token after an image can attend to it. @param options.hide - No later token can attend to
 * these of the image tokens of an example, by their number in its prompt. @param options.dropImages - Nothing behind what
 * is read can attend to an image.
 */
export async function readAgain(
  model: LatentModel,
  prompts: readonly Prompt[],
  { rows }: Pick<SharedPrefix, "rows">,
  {
    hideImages = false,
    dropImages = false,
    hide = () => hideImages,
  }: {
    hideImages?: boolean;
    dropImages?: boolean;
    hide?: (example: number, imageToken: number) => boolean;
  } = {},
): Promise<SharedPrefix> {
  const { network, rules, generation } = model;
  const { image } = network.config.tokens;
  const written = rows.map((row) => (row.state === "block" ? row.written : []));
  const read = prompts.map((whole, b) => {
    const { prompt } = splitPrompt(rules, whole, image);
    const ids = [...prompt.ids, ...written[b]!];
    const places = ids.flatMap((id, i) => (id === image ? [i] : []));
    const hidden = places.filter((_, token) => hide(b, token));
    return { ...prompt, ids, ...(hidden.length > 0 && { hidden }) };
  });
  const opened = await engineOf(network).open(read, { dropImages });
  const state: Program = { feed: [], hide: null, text: null, choose: [[]], cue: null, state: true };
  const programs = rows.map((row, b) => (row.feedback && opened.finite[b] ? state : null));
  const options = { cue: [], penalty: generation.repetitionPenalty };
  const states = programs.some((each) => each) ? await opened.run(programs, options) : [];
  return {
    prefix: await opened.end(),
    rows: promptLayouts(model, read).map((layout, b) => ({
      ...rows[b]!,
      layout: { ...layout, end: layout.end - written[b]!.length },
      ...(states[b]?.state && { feedback: states[b].state }),
    })),
  };
}
