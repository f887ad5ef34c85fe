import { random } from "../../util/index.ts";
import { letters } from "../draw.ts";
import { belongsTo, fourOptions, isHeldOut, type SplitRequest } from "../four-options.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example } from "../types.ts";
import { painter } from "./paint.ts";
import { type Fold, type Folded, foldAll, keyOf, randomFold, sheet, side, unfold } from "./world.ts";

/** A way to fold the sheet. */
interface FoldVariant {
  folds: readonly Fold[];
  folded: readonly Folded[];
}

/** An example before it is painted. Each way with each punching makes an option, any of which might be right. */
interface FoldPuzzle {
  /** The way requested, and another. */
  ways: readonly [FoldVariant, FoldVariant];
  /** Cells punched, and others. */
  punched: readonly [number[], number[]];
  /** Holes after each unfolding, by way and punching. */
  holes: number[][][][];
}

interface FoldOption {
  /** Holes after each unfolding. */
  after: number[][];
  folded: readonly Folded[];
  name: string;
}

/** Number of folds, whether diagonal ones are among them, and number of punches; by difficulty. */
const levels: Record<number, { count: number; diagonals: boolean; punches: number }> = {
  1: { count: 2, diagonals: false, punches: 1 },
  2: { count: 2, diagonals: true, punches: 1 },
  3: { count: 3, diagonals: true, punches: 2 },
};

const ordinals = ["first", "second", "third"];
const cells = Array.from({ length: side * side }, (_, i) => i);

/**
 * The examples of a split. Two ways to fold, which differ in one fold, and two punchings make four options; the way and
 * the punching requested are drawn from them last. So nothing in the options, taken by themselves, tells which is right.
 *
 * A sequence of folds is seen in training or held out by its hash, and so are examples of seen sequences divided
 * between train and eval: no seed lets one appear in another split.
 */
export function generate(request: SplitRequest<CommonValues>): Iterable<Example> {
  const { split, seed, values } = request;
  const { difficulty, rendering } = values;
  const r = random(seed, "paperfold", difficulty, split);
  const { count: length, diagonals, punches } = levels[difficulty]!;

  /** The way of these folds if they can be made and belong to the split. */
  const own = (folds: readonly Fold[]): FoldVariant | null => {
    if (isHeldOut(keyOf(folds)) !== (split === "held-out")) return null;
    const folded = foldAll(folds);
    return folded && { folds, folded };
  };
  const randomWay = (): FoldVariant | null => {
    const folds: Fold[] = [];
    let shape = sheet();
    while (folds.length < length) {
      const next = randomFold(r, shape, diagonals);
      if (!next) continue;
      folds.push(next);
      shape = foldAll(folds)!.at(-1)!.shape;
    }
    return own(folds);
  };
  /** The way with one fold made otherwise; null if the draw failed. */
  const otherWay = ({ folds, folded }: FoldVariant): FoldVariant | null => {
    const changed = r.integer(length);
    const next = randomFold(r, changed === 0 ? sheet() : folded[changed - 1]!.shape, diagonals);
    return next && own(folds.map((each, i) => (i === changed ? next : each)));
  };
  /** What is seen and asked, however the options are ordered: other folds and punches may lead to the same ones. */
  const contentOf = ({ ways, punched, holes }: FoldPuzzle): string => {
    const ends = holes.flat().map((after) => String(after.at(-1)!));
    return [keyOf(ways[0].folds), String(punched[0]), ...ends.sort()].join(";");
  };
  const draw = (): FoldPuzzle | null => {
    const way = randomWay();
    if (!way) return null;
    for (let i = 0; i < 24; i++) {
      const other = otherWay(way);
      if (!other || keyOf(other.folds) === keyOf(way.folds)) continue;
      const ways = r.shuffled([way, other]) as [FoldVariant, FoldVariant];
      const possible = cells.filter((cell) =>
        ways.every(({ folds, folded }) => unfold(folds, folded, [cell])),
      );
      if (possible.length < 2 * punches) continue;
      for (let j = 0; j < 8; j++) {
        const chosen = r.shuffled(possible);
        const sorted = (from: number): number[] => chosen.slice(from, from + punches).sort((a, b) => a - b);
        const punched: [number[], number[]] = [sorted(0), sorted(punches)];
        const holes = ways.map(({ folds, folded }) => punched.map((each) => unfold(folds, folded, each)!));
        const ends = holes.flat().map((after) => after.at(-1)!);
        // As many holes in every option, more than were punched: counting them does not lead to the answer.
        if (new Set(ends.map(String)).size < 4 || new Set(ends.map((end) => end.length)).size > 1) continue;
        if (ends[0]!.length <= punches) continue;
        const puzzle = { ways, punched, holes };
        if (belongsTo(split, contentOf(puzzle))) return puzzle;
      }
    }
    return null;
  };

  const paint = painter(rendering);
  return fourOptions<FoldPuzzle, FoldOption>(request, {
    task: "paperfold",
    r,
    draw,
    contentOf,
    optionsOf({ ways, holes }) {
      const [right, ...wrong] = [0, 1].flatMap((way) =>
        [0, 1].map((at) => ({
          after: holes[way]![at]!,
          folded: ways[way]!.folded,
          name: `${way ? "other" : "same"} folds, ${at ? "other" : "same"} punch`,
        })),
      );
      return { right: right!, wrong };
    },
    shown({ ways, punched }, options, answer) {
      const { folds, folded } = ways[0];
      const clauses = folds
        .map(({ flap }, i) => `the ${ordinals[i]} fold is opened towards the ${flap}`)
        .reverse();
      const ends = options.map(({ after }) => after.at(-1)!);
      return {
        ...paint.question(folded, punched[0], ends),
        // The sheet after each unfolding.
        ways: options.map((option) =>
          option.after.map((each, i) => paint.helper(option.folded[length - 2 - i]?.shape ?? sheet(), each)),
        ),
        wording: stepByStepWording(clauses),
        attributes: {
          difficulty,
          folds: keyOf(folds),
          "last-fold": folds.at(-1)!.flap,
          holes: ends[answer]!.length,
          letter: letters[answer]!,
          transforms: options.map(({ name }) => name).join("; "),
        },
        state: { folds: folds.map(({ flap, at }) => ({ flap, at })), punched: punched[0], options: ends },
      };
    },
  });
}
