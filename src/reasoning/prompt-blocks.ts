/** Blocks that begin in the prompt: placeholders of latents, or a start marker at its end. */
import type { BlockRules } from "../families/index.ts";
import type { Prompt } from "../qwen/index.ts";
import { ensure } from "../util/index.ts";
import type { EnginePrompt } from "./engine/types.ts";

/** The parts of a block that a plan keeps. */
interface KeptParts {
  markers: boolean;
  /** Slots that are kept of block b; Infinity for all. */
  slots(block: number): number;
}

/** Where `ids` have `spelled` last, one after the other; −1: nowhere. */
function placeOf(spelled: readonly number[], ids: readonly number[]): number {
  for (let at = ids.length - spelled.length; at >= 0; at--)
    if (spelled.every((id, i) => ids[at + i] === id)) return at;
  return -1;
}

const isSlot = (rules: BlockRules, id: number): boolean =>
  rules.static ? rules.static.includes(id) : rules.placeholders && id === rules.padId;

/**
 * Cuts a prompt before the block that begins in it; `script` is the rest, which is read step by step. Prompts without
 * such a block have no script.
 *
 * Errors: "input" for an image after a placeholder, whose position is undefined, and for a prompt that begins with one.
 */
export function splitPrompt(
  rules: BlockRules,
  given: Prompt,
  imageId: number,
): { prompt: EnginePrompt; script: readonly number[] } {
  const { ids } = given;
  if (rules.apart) {
    const words = ids.filter((id) => !rules.apart!.includes(id));
    return { prompt: { ...given, apart: true }, script: words };
  }
  const prompt = rules.positions === "text" ? { ...given, plain: true } : given;
  const { picks = 0 } = rules;
  const seen = ids.filter((id) => id === imageId).length;
  ensure(seen >= picks, "input", () => ({
    where: "a prompt whose latents are read with features of its image",
    expected: `an image of at least ${picks} visual tokens`,
    got: `${seen}`,
  }));
  let cut = ids.length;
  if (rules.placeholders) {
    const first = rules.spelled ? placeOf(rules.spelled, ids) : ids.findIndex((id) => isSlot(rules, id));
    if (first >= 0)
      // What is read before picked features has to be read by itself: they are those that it attends to.
      cut = first > 0 && (rules.picks || ids[first - 1] === rules.startId) ? first - 1 : first;
  } else if (rules.entry === "input" && ids.at(-1) === rules.startId) cut = ids.length - 1;
  if (cut === ids.length) return { prompt, script: [] };
  const script = ids.slice(cut);
  ensure(cut > 0 && !script.includes(imageId), "input", () => ({
    where: "a prompt with latents in it",
    expected: "text before them, and no image behind them",
    got: cut === 0 ? "latents at its start" : "an image behind them",
  }));
  return { prompt: { ...prompt, ids: ids.slice(0, cut) }, script };
}

/** Whether an id of a script is a slot. */
export const isPromptSlot = isSlot;

/** A script as a plan wants it: slots beyond what the plan fills are left out, and markers where they are not kept. */
export function filterPromptBlocks(
  rules: BlockRules,
  script: readonly number[],
  { markers, slots }: KeptParts,
): number[] {
  // Words that are not filled are read as words.
  if (rules.apart) return [...script];
  if (rules.spelled) {
    const { length } = rules.spelled;
    return script.filter((_, i) => i >= length || i < slots(0));
  }
  const out: number[] = [];
  let [block, used, inside] = [0, 0, false];
  for (const id of script) {
    const slot = isSlot(rules, id);
    if (slot && used < slots(block)) out.push(id);
    if (slot) {
      used++;
      inside = true;
      continue;
    }
    if (inside) {
      block++;
      used = 0;
      inside = false;
    }
    if (markers || (id !== rules.startId && id !== rules.endId)) out.push(id);
  }
  return out;
}
