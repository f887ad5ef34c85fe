import { type Random, random } from "../../util/index.ts";
import { balancedPositions, distinct, exampleId, letters, withAnswer, within } from "../draw.ts";
import { belongsTo, type SplitRequest } from "../four-options.ts";
import type { CommonValues, Edit, Example, ImageBytes } from "../types.ts";
import { wordsFor } from "../wording.ts";
import { compositePainter, compositePanels, frames } from "./composite.ts";
import { tetrisEdits } from "./edits.ts";
import { panelPainter } from "./paint.ts";
import { sheetPainter, type sizes } from "./sheet.ts";
import { questionOf, reasoningOf } from "./text.ts";
import {
  allOrbits,
  boxed,
  type Cells,
  connected,
  dividedOrbits,
  heldOutCells,
  keyOf,
  mirror,
  neighbors,
  type Orbit,
  orbitKey,
  side,
  turn,
} from "./world.ts";

/** Parameters with their defaults filled in. */
interface TetrisParameters extends CommonValues {
  by: string;
  exemplars: number;
  decoy: string;
  options: string;
  sheet: string;
  layout: string;
  tokens: string;
  second: string;
  edits: boolean;
}

/** What is done to C after the rotation: turned on by this many quarters, or mirrored left to right. */
type Second = 1 | 2 | 3 | "mirror";

/** Fewest and most cells of a shape, by difficulty. */
const extents: readonly (readonly [number, number])[] = [
  [6, 9],
  [6, 7],
  [6, 9],
  [8, 9],
];

interface ShapeOption {
  /** Angle by which C is turned, or "decoy". */
  label: string;
  cells: Cells;
}

/** An example before it is painted. Turns are clockwise quarters. */
interface RotationPuzzle {
  quarters: number;
  /** The panel that shows the rotation, before it. */
  a: { id: number; cells: Cells };
  b: Cells;
  c: { id: number; cells: Cells };
  decoy: { kind: "change" | "mirror"; cells: Cells };
}

/** The same shape at a random place of the panel. */
function moved(r: Random, shape: Cells): Cells {
  const { cells, rows, columns } = boxed(shape);
  const shift = r.integer(side - rows + 1) * side + r.integer(side - columns + 1);
  return cells.map((cell) => cell + shift);
}

/** One of the eight forms of an orbit at a random place of the panel. */
function placed(r: Random, orbit: Orbit): { id: number; cells: Cells } {
  const turned = turn(orbit.cells, r.integer(4));
  return { id: orbit.id, cells: moved(r, r.integer(2) ? mirror(turned) : turned) };
}

/** Shapes of a split, and those that A may show. */
function orbitsOf(split: string, { difficulty, exemplars }: TetrisParameters) {
  const { train, heldOut } = dividedOrbits();
  const [fewest, most] = extents[difficulty]!;
  const allowed = ({ cells }: Orbit): boolean => cells.length >= fewest && cells.length <= most;
  const orbits =
    split === "held-out-cells"
      ? allOrbits(heldOutCells, heldOutCells)
      : (split === "held-out" ? heldOut : train).filter(allowed);
  // Exemplars are upright, in one place, and the same in every split: a model can know them by heart.
  return { orbits, exemplars: train.slice(0, exemplars).map(({ id, cells }) => ({ id, cells })) };
}

/**
 * The panel with one cell moved elsewhere: still connected, as many cells as before (their number must not give
 * the decoy away), another shape than before, and one of `own`, so that no split borrows shapes of another and
 * decoys are as free of symmetry as all else. Moves are tried in random order, so that a shape with few possible
 * ones is as likely to get a changed decoy as any other; null if it has none.
 */
function changed(r: Random, cells: Cells, own: ReadonlyMap<number, number>): Cells | null {
  const same = orbitKey(cells);
  for (const removed of r.shuffled(cells)) {
    const rest = cells.filter((cell) => cell !== removed);
    const beside = new Set(rest.flatMap((cell) => neighbors[cell]!));
    for (const added of r.shuffled([...beside].filter((cell) => !cells.includes(cell)))) {
      const result = [...rest, added];
      if (!connected(result)) continue;
      const key = orbitKey(result);
      if (key !== same && own.has(key)) return result;
    }
  }
  return null;
}

/** What draws the puzzles of a split; null where a draw has to be dropped. */
function drawer(r: Random, orbits: Orbit[], exemplars: { id: number; cells: Cells }[], p: TetrisParameters) {
  const own = new Map(orbits.map((orbit) => [orbitKey(orbit.cells), orbit.id]));
  return (): RotationPuzzle | null => {
    const quarters = 1 + r.integer(3);
    const first = placed(r, r.pick(orbits));
    const a = exemplars.length ? r.pick(exemplars) : placed(r, r.pick(orbits));
    if (a.id === first.id) return null;
    const kind =
      p.decoy === "mixed" ? r.pick(["change", "mirror"] as const) : (p.decoy as "change" | "mirror");
    // A change is made to a random one of the rotations shown, so that likeness does not point at the answer.
    const other =
      kind === "mirror"
        ? turn(mirror(first.cells), r.integer(4))
        : changed(r, turn(first.cells, 1 + r.integer(3)), own);
    if (!other) return null;
    const second = { id: own.get(orbitKey(other)) ?? first.id, cells: other };
    const [c, decoy] = p.options === "paired" && r.integer(2) ? [second, first] : [first, second];
    if (a.id === c.id) return null;
    const b = turn(a.cells, quarters);
    return { quarters, a, b: p.by === "moved" ? moved(r, b) : b, c, decoy: { kind, cells: decoy.cells } };
  };
}

/** The wrong options, in random order. */
function wrongOptions(r: Random, { quarters, c, decoy }: RotationPuzzle, options: string): ShapeOption[] {
  const turns = [1, 2, 3]
    .filter((k) => k !== quarters)
    .map((k): ShapeOption => ({ label: `${k * 90}`, cells: turn(c.cells, k) }));
  if (options === "rotations") return r.shuffled([...turns, { label: "decoy", cells: decoy.cells }]);
  const from = r.integer(4);
  const decoys = [from, from + 1 + r.integer(3)].map(
    (k): ShapeOption => ({ label: "decoy", cells: turn(decoy.cells, k) }),
  );
  return r.shuffled([r.pick(turns), ...decoys]);
}

/**
 * The examples of a split. C and its three other rotations are in the panels as they are turned about the
 * panel's center. Train and eval draw from the same orbits; which contents (A, C, angle and decoy, however
 * ordered) belong to which of the two is fixed by a hash, so that no seed and no number lets one leak into the
 * other. No panel of one division, decoys included, shows a shape of the other (but for fixed exemplars).
 *
 * With three rotations of C and a decoy, who finds the odd one out has one in three, without a look at A, B and C.
 * Therefore options come in pairs by default: two turns of C and two of a look-alike, and a coin decides which of the
 * two shapes is C. The published pocket study has three and one.
 */
export function* generate({
  split,
  count,
  seed,
  values: p,
  share,
}: SplitRequest<TetrisParameters>): Generator<Example> {
  const { orbits, exemplars } = orbitsOf(split, p);
  // The names of the published pocket study's streams have to stay.
  const dials = [
    ...(p.difficulty === 2 ? [] : [`difficulty ${p.difficulty}`]),
    ...(p.options === "rotations" ? [] : [p.options]),
    ...(p.second === "none" ? [] : [`second ${p.second}`]),
  ];
  const r = random(seed, "tetris", p.by, p.exemplars, p.decoy, split, ...dials);
  const position = balancedPositions(random(seed, "tetris", "positions", split), 4);

  const draw = drawer(r, orbits, exemplars, p);
  const contentOf = (puzzle: RotationPuzzle | null): string | null => {
    if (!puzzle) return null;
    const { a, c, decoy, quarters } = puzzle;
    const content = [
      p.by === "words" ? "" : keyOf(a.cells),
      keyOf(c.cells),
      quarters,
      keyOf(decoy.cells),
    ].join(" ");
    return belongsTo(split, content) ? content : null;
  };

  /** Another A and its B, for edits. */
  const another = (own: Random, { quarters, a, c }: RotationPuzzle): [Cells, Cells] | null => {
    if (p.by === "words") return null;
    const others = (exemplars.length > 0 ? exemplars : orbits).filter(({ id }) => id !== a.id && id !== c.id);
    if (others.length === 0) return null;
    const chosen = exemplars.length > 0 ? own.pick(others) : placed(own, own.pick(others));
    const b = turn(chosen.cells, quarters);
    return [chosen.cells, p.by === "moved" ? moved(own, b) : b];
  };

  const painter = painterFor(p, (index) => {
    const r = random(seed, "tetris", "composite", split, index);
    return {
      other: () => placed(r, r.pick(orbits)).cells,
      shuffled: (n) => r.shuffled([...Array(n).keys()]),
    };
  });
  const names = p.rendering === "pocket" && p.layout === "composite" ? frames : letters;
  let index = -1;
  for (const drawn of distinct(`split ${split} of tetris`, count, draw, contentOf)) {
    const { quarters, a, b, c, decoy } = drawn!;
    const right: ShapeOption = { label: `${quarters * 90}`, cells: turn(c.cells, quarters) };
    const wrong = wrongOptions(r, drawn!, p.options);
    const second =
      p.second === "none" ? null : r.pick<Second>(p.second === "mirror" ? ["mirror"] : [1, 2, 3, "mirror"]);
    const answer = position();
    // As they are after the rotation; what is shown has had the second step as well.
    const firsts = withAnswer(wrong, right, answer);
    const options = firsts.map(({ label, cells }) => ({ label, cells: afterwards(cells, second) }));
    const steps = (i: number) =>
      [firsts[i]!, ...(second ? [options[i]!] : [])].map(({ cells }) => painter.helper(cells));
    const shown = p.by === "words" ? [c.cells] : [a.cells, b, c.cells];
    const choices = options.map(({ cells }) => (p.by === "moved" ? moved(r, cells) : cells));
    index++;
    if (!within(share, index)) continue;
    const edited = (): Edit[] => {
      const own = random(seed, "tetris", "edits", split, index);
      const found = tetrisEdits({ quarters, shown, firsts, answer }, own, another(own, drawn!));
      return found.map(({ kind, shown: now, answer: right }) => ({
        kind,
        images: painter.images(now, choices, index),
        answer: right,
      }));
    };
    const reasoning = wordsFor(p.plan, reasoningOf(quarters * 90, second), seed, "tetris", split, index);
    yield {
      id: exampleId(split, index),
      question: questionOf(p.by, quarters * 90, p.rendering === "full" ? "full" : p.layout, second),
      images: painter.images(shown, choices, index),
      options: [...names],
      answer,
      helpers: steps(answer),
      // The published pocket study has none for its decoys.
      counterfactuals: options.map(({ label }, i) =>
        i === answer || (label === "decoy" && p.options === "rotations") ? null : steps(i),
      ),
      attributes: {
        angle: quarters * 90,
        cells: c.cells.length,
        orbit: c.id,
        ...(p.by === "words" ? {} : { exemplar: a.id }),
        decoy: decoy.kind,
        letter: names[answer]!,
        transforms: options.map(({ label }) => label).join(","),
        ...(second && { second: second === "mirror" ? "mirror" : `${second * 90}` }),
      },
      state: { angle: quarters * 90, shown, options: choices, helper: options[answer]!.cells },
      ...(reasoning && { reasoning }),
      ...(p.edits && { edits: edited() }),
    };
  }
}

const afterwards = (cells: Cells, second: Second | null): Cells =>
  second === null ? cells : second === "mirror" ? mirror(cells) : turn(cells, second);

interface Painter {
  images(shown: readonly Cells[], options: readonly Cells[], index: number): ImageBytes[];
  helper(cells: Cells): ImageBytes;
}

/** What a composite shows besides the question, and where things are: drawn for each example by itself. */
type Surroundings = (index: number) => { other(): Cells; shuffled(n: number): number[] };

function painterFor({ rendering, by, sheet, layout }: TetrisParameters, surroundings: Surroundings): Painter {
  if (rendering === "pocket" && layout === "composite") {
    const { image, helper } = compositePainter();
    return {
      helper,
      images(shown, options, index) {
        const around = surroundings(index);
        const count = compositePanels - shown.length - options.length;
        const others = Array.from({ length: count }, () => around.other());
        return [image({ shown, options, others, places: around.shuffled(compositePanels) })];
      },
    };
  }
  if (rendering === "pocket") {
    const paint = panelPainter();
    return { images: (shown, options) => [...shown, ...options].map(paint), helper: paint };
  }
  const painter = sheetPainter(sheet as keyof typeof sizes, by === "words" ? ["C"] : ["A", "B", "C"]);
  return { images: (shown, options) => [painter.sheet(shown, options)], helper: painter.helper };
}
