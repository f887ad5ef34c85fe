/** Coconut's reader. */
import { lastTagged } from "./lantern.ts";
import { withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/**
 * Coconut (`run.py`): what stands behind the last "#", commas left out, if it equals the answer. It evaluates text
 * alone and writes no tags; replies with an `<answer>`, as models have them that Lintel trains, are read as LanteRn's.
 *
 * @example
 * afterHash("two and two\n### 4", ["3", "4"]); // 1
 */
export const afterHash: ReadAnswer = (text, options, texts) => {
  if (text.includes("<answer>")) return lastTagged(text, options, texts);
  const said = withoutSpecial(text).split("#").at(-1)!.replaceAll(",", "").trim();
  for (const golds of [options, texts ?? []]) {
    const index = golds.findIndex((gold) => gold.replaceAll(",", "").trim() === said);
    if (index >= 0) return index;
  }
  return null;
};
