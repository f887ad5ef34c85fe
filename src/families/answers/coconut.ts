/** Coconut's reader. */
import { lastTagged } from "./lantern.ts";
import { withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/**
 * Coconut (`run.py`): the text after the last "#", without commas, if it equals the answer. It evaluates text only
 * and has no tags; replies with `<answer>`, as of models trained by Lintel, are read like LanteRn's.
 *
 * @example
 * afterHash("two and two\n### 4", ["3", "4"]); // 1
 */
export const afterHash: ReadAnswer = (text, options, texts) => {
  if (text.includes("<answer>")) return lastTagged(text, options, texts);
  const given = withoutSpecial(text).split("#").at(-1)!.replaceAll(",", "").trim();
  for (const golds of [options, texts ?? []]) {
    const index = golds.findIndex((gold) => gold.replaceAll(",", "").trim() === given);
    if (index >= 0) return index;
  }
  return null;
};
