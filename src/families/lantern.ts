/** LanteRn (arXiv 2603.25629; FAMILIES.md §1): start marker, exactly K hidden states fed back, end marker forced. */
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import { groupMeans } from "./compress.ts";
import type { BlockRules, ContentPart, Family, ResponsePart } from "./types.ts";

const START = "<|lvr_start|>";
const SLOT = "<|lvr_sep|>";
const END = "<|lvr_end|>";

function rules(
  config: Readonly<Record<string, unknown>>,
  idOf: (token: string) => number | undefined,
): BlockRules {
  const id = (key: string, token: string): number => {
    const named = config[key];
    const known = typeof named === "number" ? named : idOf(token);
    ensure(known !== undefined, "checkpoint", () => ({
      where: "config.json and tokenizer.json",
      expected: `"${key}" or a token ${token}, as LanteRn checkpoints have`,
      got: "neither",
    }));
    return known;
  };
  const k = config.latent_size;
  ensure(typeof k === "number" && Number.isInteger(k) && k >= 1, "checkpoint", () => ({
    where: "config.json, latent_size",
    expected: "a positive integer, the number of latents per block",
    got: String(k),
  }));
  return {
    startId: id("lvr_start_id", START),
    endId: id("lvr_end_id", END),
    padId: id("lvr_sep_id", SLOT),
    k,
  };
}

/** Images and text of the question in order; "<image>" stands for the next image. */
function content(example: Example): ContentPart[] {
  const parts: ContentPart[] = [];
  const texts = example.question.split("<image>");
  texts.forEach((text, i) => {
    const trimmed = text.trim();
    if (trimmed) parts.push({ type: "text", text: trimmed });
    if (i < texts.length - 1) parts.push({ type: "image" });
  });
  return parts;
}

/**
 * Reasoning stands within `<think>` around the blocks, as in the paper's targets; without latents it is all that is
 * thought. Examples without reasoning have blocks and answer only, as the paper's Tetris has.
 */
function response(example: Example, latents: boolean): ResponsePart[] {
  const { helpers, reasoning } = example;
  const answer = `<answer> ${example.options[example.answer]} </answer>`;
  const block: ResponsePart[] = [{ text: START }, { latents: 1 }, { text: END }];
  if (!reasoning) return [...(latents ? helpers.flatMap(() => block) : []), { text: answer }];
  const pieces = reasoning.map((piece) => piece.trim());
  const said = (...words: string[]): ResponsePart => ({ text: words.filter((each) => each).join(" ") });
  if (!latents || helpers.length === 0) return [said("<think>", ...pieces, "</think>", answer)];
  return [
    ...helpers.flatMap((_, i) => [said(...(i === 0 ? ["<think>"] : []), pieces[i]!), ...block]),
    said(pieces.at(-1)!, "</think>", answer),
  ].filter((part) => !("text" in part) || part.text !== "");
}

/**
 * The last `<answer>…</answer>`, else the last option that stands alone in the text (`evals/generalization.py`
 * `_extract_answer`, widened from a–d to the options of the example).
 */
function readAnswer(text: string, options: readonly string[]): number | null {
  const tagged = [...text.matchAll(/<answer>\s*(.*?)\s*<\/answer/gs)].at(-1)?.[1];
  const find = (s: string) => options.findIndex((o) => o.toLowerCase() === s.toLowerCase());
  if (tagged !== undefined) {
    const index = find(tagged.replace(/^\(?(.*?)[).]?$/, "$1"));
    if (index >= 0) return index;
  }
  const words = text.replace(/<[^>]*>/g, " ").split(/[^\p{L}\p{N}]+/u);
  for (const word of words.reverse()) {
    const index = word ? find(word) : -1;
    if (index >= 0) return index;
  }
  return null;
}

export const lantern: Family = {
  name: "lantern",
  tokens: [START, SLOT, END],
  configKeys: ({ startId, padId, endId, k }) => ({
    latent_size: k,
    lvr_start_id: startId,
    lvr_sep_id: padId,
    lvr_end_id: endId,
  }),
  detect: (config) => "latent_size" in config && "lvr_start_id" in config,
  rules,
  content,
  response,
  readAnswer,
  answerCue: "<answer>",
  compress: groupMeans,
};
