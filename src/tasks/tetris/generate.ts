import { type Random, random } from "../../util/index.ts";
import { balancedPositions, bucket, distinct } from "../draw.ts";
import type { Example } from "../types.ts";
import { panelPainter } from "./paint.ts";
import {
  boxed,
  type Cells,
  connected,
  dividedOrbits,
  keyOf,
  mirror,
  neighbours,
  type Orbit,
  orbitKey,
  side,
  turn,
} from "./world.ts";

/** Parameters with their defaults filled in. */
export interface TetrisParameters {
  by: string;
  exemplars: number;
  decoy: string;
}

/** An example before it is painted. Turns are clockwise quarters. */
interface Puzzle {
  quarters: number;
  /** The panel that shows the rotation, before it. */
  a: { id: number; cells: Cells };
  c: { id: number; cells: Cells };
  decoy: { kind: "change" | "mirror"; cells: Cells };
}

/** One of the eight forms of an orbit at a random place of the panel. */
function placed(r: Random, orbit: Orbit): { id: number; cells: Cells } {
  const turned = turn(orbit.cells, r.integer(4));
  const { cells, rows, columns } = boxed(r.integer(2) ? mirror(turned) : turned);
  const shift = r.integer(side - rows + 1) * side + r.integer(side - columns + 1);
  return { id: orbit.id, cells: cells.map((cell) => cell + shift) };
}

/**
 * The panel with one cell moved elsewhere: still connected, as many cells as before (their number must not give
 * the decoy away), another shape than before, and one of `own`, so that no split borrows shapes of another and
 * decoys are as free of symmetry as all else. Moves are tried in random order, so that a shape with few possible
 * ones is as likely to get a changed decoy as any other; null if it has none.
 */
function changed(r: Random, cells: Cells, own: ReadonlySet<number>): Cells | null {
  const same = orbitKey(cells);
  for (const removed of r.shuffled(cells)) {
    const rest = cells.filter((cell) => cell !== removed);
    const beside = new Set(rest.flatMap((cell) => neighbours[cell]!));
    for (const added of r.shuffled([...beside].filter((cell) => !cells.includes(cell)))) {
      const result = [...rest, added];
      if (!connected(result)) continue;
      const key = orbitKey(result);
      if (key !== same && own.has(key)) return result;
    }
  }
  return null;
}

/**
 * The examples of a split. C and its three other rotations stand in the panels as they are turned about the
 * panel's centre. Train and eval draw from the same orbits; which contents (A, C, angle and decoy, however
 * ordered) belong to which of the two is fixed by a hash, so that no seed and no number lets one leak into the
 * other. No panel of one division, decoys included, shows a shape of the other (but for fixed exemplars).
 *
 * @example
 * const [example] = generate("train", 1, 0, { by: "words", exemplars: 0, decoy: "mixed" });
 * example.images.length; // 5
 */
export function* generate(
  split: string,
  count: number,
  seed: number,
  p: TetrisParameters,
): Generator<Example> {
  const { train, heldOut } = dividedOrbits();
  const orbits = split === "held-out" ? heldOut : train;
  const own = new Set(orbits.map((orbit) => orbitKey(orbit.cells)));
  // Exemplars are upright, in one place, and the same in every split: a model can know them by heart.
  const exemplars = train.slice(0, p.exemplars).map(({ id, cells }) => ({ id, cells }));
  const r = random(seed, "tetris", p.by, p.exemplars, p.decoy, split);
  const position = balancedPositions(random(seed, "tetris", "positions", split), 4);

  const draw = (): Puzzle | null => {
    const quarters = 1 + r.integer(3);
    const c = placed(r, r.pick(orbits));
    const a = exemplars.length ? r.pick(exemplars) : placed(r, r.pick(orbits));
    if (a.id === c.id) return null;
    const kind =
      p.decoy === "mixed" ? r.pick(["change", "mirror"] as const) : (p.decoy as "change" | "mirror");
    // A change is made to a random one of the rotations shown, so that likeness does not point at the answer.
    const cells =
      kind === "mirror"
        ? turn(mirror(c.cells), r.integer(4))
        : changed(r, turn(c.cells, 1 + r.integer(3)), own);
    if (!cells) return null;
    return { quarters, a, c, decoy: { kind, cells } };
  };
  const contentOf = (puzzle: Puzzle | null): string | null => {
    if (!puzzle) return null;
    const { a, c, decoy, quarters } = puzzle;
    const content = [
      p.by === "words" ? "" : keyOf(a.cells),
      keyOf(c.cells),
      quarters,
      keyOf(decoy.cells),
    ].join(" ");
    const part = bucket(content, 8) === 0 ? "eval" : "train";
    return split === "held-out" || split === part ? content : null;
  };

  const paint = panelPainter();
  const letters = ["a", "b", "c", "d"];
  let index = 0;
  for (const puzzle of distinct(`split ${split} of tetris`, count, draw, contentOf)) {
    const { quarters, a, c, decoy } = puzzle!;
    const right = { label: `${quarters * 90}`, cells: turn(c.cells, quarters) };
    const wrong = r.shuffled([
      ...[1, 2, 3]
        .filter((k) => k !== quarters)
        .map((k) => ({ label: `${k * 90}`, cells: turn(c.cells, k) })),
      { label: "decoy", cells: decoy.cells },
    ]);
    const answer = position();
    const options = [...wrong.slice(0, answer), right, ...wrong.slice(answer)];
    const shown = p.by === "words" ? [c.cells] : [a.cells, turn(a.cells, quarters), c.cells];
    const opening =
      p.by === "words"
        ? `<image> rotated by ${quarters * 90} degrees is which ?`
        : "<image> is to <image> as <image> is to which ?";
    yield {
      id: `${split}-${String(index++).padStart(6, "0")}`,
      question: `${opening} ${letters.map((letter) => `<image> ${letter}`).join(" ")}`,
      images: [...shown, ...options.map((option) => option.cells)].map(paint),
      options: letters,
      answer,
      helpers: [paint(right.cells)],
      counterfactuals: options.map(({ label, cells }, i) =>
        i === answer || label === "decoy" ? null : [paint(cells)],
      ),
      attributes: {
        angle: quarters * 90,
        cells: c.cells.length,
        orbit: c.id,
        ...(p.by === "words" ? {} : { exemplar: a.id }),
        decoy: decoy.kind,
        letter: letters[answer]!,
        transforms: options.map(({ label }) => label).join(","),
      },
    };
  }
}
