import { LintelError } from "../../util/index.ts";
import { type Color, colorAt, nearestColor, only, type Panel, panelsOf } from "../panels.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules of the task: it reads cells back from pixels and
 * turns them with code of its own, so that an error in either shows.
 */
type Grid = boolean[][];

const cells = 6;

/** Reads a panel from the middles of its squares: most are ground, and the ones of the other color are the shape. */
function readPanel(panel: Panel): Grid {
  const colors = Array.from({ length: cells * cells }, (_, i) =>
    String(colorAt(panel, ((i % cells) + 0.5) / cells, (Math.floor(i / cells) + 0.5) / cells)),
  );
  const often = (color: string): number => colors.filter((other) => other === color).length;
  const ground = colors.find((color) => often(color) > colors.length / 2);
  return Array.from({ length: cells }, (_, row) =>
    colors.slice(row * cells, (row + 1) * cells).map((c) => c !== ground),
  );
}

const shownColors = ["black", "violet", "white"];

const colorNames: Record<string, Color> = {
  ...{ red: [255, 0, 0], green: [0, 200, 0], blue: [0, 0, 255], yellow: [255, 220, 0] },
  ...{ black: [0, 0, 0], violet: [160, 0, 200], white: [255, 255, 255], none: [120, 115, 100] },
};

/** Of a picture of 4 × 4 panels, what is within the frames of these colors: an eighth of a panel away from its edge. */
function framedPanels(example: Example, colors: readonly string[]): Panel[] {
  const [whole] = panelsOf(example, 1) as [Panel];
  const size = whole.width / 4;
  const found = new Map<string, Panel>();
  for (let i = 0; i < 16; i++) {
    const [x, y] = [(i % 4) * size, Math.floor(i / 4) * size];
    const name = nearestColor(colorAt({ ...whole, x, y, width: size, height: size }, 0, 0), colorNames);
    const inner = { width: (3 * size) / 4, height: (3 * size) / 4 };
    found.set(name, { ...whole, x: x + size / 8, y: y + size / 8, ...inner });
  }
  return colors.map((name) => {
    const panel = found.get(name);
    if (panel) return panel;
    throw new LintelError("dataset", {
      where: `picture of example ${example.id}`,
      expected: `a panel in a ${name} frame`,
      got: [...found.keys()].join(", "),
    });
  });
}

/** A quarter turn clockwise: the first column, read upwards, becomes the first row. */
const clockwise = (grid: Grid): Grid =>
  Array.from({ length: cells }, (_, row) =>
    Array.from({ length: cells }, (_, column) => grid[cells - 1 - column]![row]!),
  );

/** What the question says is done after the rotation. */
function secondStep(question: string): (grid: Grid) => Grid {
  const [, , quarters] = /\bthen (rotated by (90|180|270)|mirrored)/.exec(question) ?? [];
  const mirrored = /\bthen mirrored/.test(question);
  return (grid) => {
    if (mirrored) return grid.map((row) => [...row].reverse());
    let turned = grid;
    for (let k = 0; k < Number(quarters ?? 0) / 90; k++) turned = clockwise(turned);
    return turned;
  };
}

const equal = (a: Grid, b: Grid): boolean =>
  a.every((line, row) => line.every((cell, column) => cell === b[row]![column]));

/** The shape alone, at the top left. */
function cornered(grid: Grid): Grid {
  const rows = grid.findIndex((line) => line.includes(true));
  const columns = Math.min(...grid.map((line) => line.indexOf(true)).filter((at) => at >= 0));
  return grid.map((_, row) => grid.map((__, column) => grid[row + rows]?.[column + columns] ?? false));
}

/**
 * The right option of a tetris example, from its pictures alone: which rotation takes A to B (or which one the
 * question names), and which option shows C so rotated. Where the question says that things were moved, their places
 * do not count. Throws `LintelError` "dataset" unless there is exactly one.
 */
export function solve(example: Example): number {
  const named = /(?:C|<image>|white) rotated by (90|180|270) degrees/.exec(example.question)?.[1];
  const shownCount = named ? 1 : 3;
  const composite = /\bin which( moved)? frame\b/.test(example.question);
  const panels = composite
    ? framedPanels(example, [...shownColors.slice(3 - shownCount), ...example.options])
    : panelsOf(example, shownCount + example.options.length);
  for (const { width, height } of panels) {
    if (width === height && width >= 3 * cells) continue;
    throw new LintelError("dataset", {
      where: `panels of example ${example.id}`,
      expected: "squares of 6 × 6 cells",
      got: `${width} × ${height} pixels`,
    });
  }
  const grids = panels.map(readPanel);
  const same = /\bmoved\b/.test(example.question)
    ? (a: Grid, b: Grid): boolean => equal(cornered(a), cornered(b))
    : equal;
  const turned = (grid: Grid, quarters: number): Grid =>
    quarters === 0 ? grid : turned(clockwise(grid), quarters - 1);
  const quarters = named
    ? Number(named) / 90
    : only(
        example,
        "rotation that takes A to B",
        [1, 2, 3].filter((k) => same(turned(grids[0]!, k), grids[1]!)),
      );
  const target = secondStep(example.question)(turned(grids[shownCount - 1]!, quarters));
  const matching = example.options.map((_, i) => i).filter((i) => same(grids[shownCount + i]!, target));
  return only(example, "option that shows C rotated", matching);
}
