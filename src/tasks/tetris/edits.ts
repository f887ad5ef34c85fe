import type { Random } from "../../util/index.ts";
import { type Cells, turn } from "./world.ts";

/** An example before it is painted, as far as edits go. */
interface EditableShapes {
  /** Clockwise quarters from A to B. */
  quarters: number;
  /** A, B and C; or C alone. */
  shown: readonly Cells[];
  /** Options as they are after the rotation. */
  firsts: readonly { label: string; cells: Cells }[];
  answer: number;
}

/**
 * Edited versions of what is shown before the options, which stay: C turned in its place, so that the other turn of it is
 * right ("space"); C replaced by its look-alike ("shape"); A and B by another pair with the same angle ("exemplar"), which
 * leaves the answer.
 *
 * @param another - Another A and B; null where none are shown, or none can be found.
 */
export function tetrisEdits(
  { quarters, shown, firsts, answer }: EditableShapes,
  r: Random,
  another: readonly [Cells, Cells] | null,
): { kind: string; shown: Cells[]; answer: number }[] {
  const before = shown.slice(0, -1);
  const to = (kind: string, wanted: (label: string) => boolean) => {
    const options = firsts.flatMap(({ label }, i) => (i !== answer && wanted(label) ? [i] : []));
    if (options.length === 0) return [];
    const now = r.pick(options);
    // What the option shows, turned back: from there the same rotation leads to it.
    return [{ kind, shown: [...before, turn(firsts[now]!.cells, 4 - quarters)], answer: now }];
  };
  return [
    ...to("space", (label) => label !== "decoy"),
    ...to("shape", (label) => label === "decoy"),
    ...(another ? [{ kind: "exemplar", shown: [...another, shown.at(-1)!], answer }] : []),
  ];
}
