import { type Canvas, canvas, compose, type PlacedPanel } from "../canvas/index.ts";
import type { ImageBytes } from "../types.ts";
import { type Cells, side } from "./world.ts";

/** Paper, ink, the grid, and the ground of panels: four colors, as two bits a pixel take half the time of more. */
const palette = Uint8Array.of(255, 255, 255, 38, 50, 86, 196, 202, 212, 236, 239, 244);
const [paper, ink, grid, ground] = [0, 1, 2, 3];

interface Sizes {
  /** Edge of a cell on the sheet in pixels. */
  cell: number;
  gap: number;
  /** Size of labels, times 5 × 7 pixels. */
  scale: number;
  width: number;
  height: number;
  helper: { cell: number; width: number; height: number };
}

/** Sizes of sheets and helpers in pixels, by the parameter `sheet`. */
export const sizes = {
  standard: {
    ...{ cell: 26, gap: 24, scale: 3, width: 768, height: 512 },
    helper: { cell: 48, width: 320, height: 320 },
  },
  lantern: {
    ...{ cell: 29, gap: 24, scale: 4, width: 872, height: 794 },
    helper: { cell: 50, width: 622, height: 332 },
  },
} as const satisfies Record<string, Sizes>;

/** An empty panel. */
function emptyPanel(cell: number): Canvas {
  const extent = side * cell + 1;
  const panel = canvas(extent, extent, palette);
  panel.fill(ground);
  for (let i = 0; i <= side; i++) {
    panel.rect(i * cell, 0, 1, extent, grid);
    panel.rect(0, i * cell, extent, 1, grid);
  }
  return panel;
}

/** The placeholder of the picture that is requested. */
function questionPanel(cell: number): Canvas {
  const extent = side * cell + 1;
  const scale = Math.floor(extent / 14);
  const panel = canvas(extent, extent, palette);
  panel.text((extent - 5 * scale) >> 1, (extent - 7 * scale) >> 1, "?", scale, ink);
  return panel;
}

function fillCells(target: Canvas, { x, y }: PlacedPanel, cell: number, cells: Cells): void {
  for (const each of cells) {
    const left = x + (each % side) * cell;
    const top = y + Math.floor(each / side) * cell;
    target.rect(left + 1, top + 1, cell - 1, cell - 1, ink);
  }
}

/** Paints on one canvas again and again, from the same beginning, and gives the picture. */
function onCopies(template: Canvas): (paint: (copy: Canvas) => void) => ImageBytes {
  const copy = canvas(template.width, template.height, palette);
  return (paint) => {
    copy.indices.set(template.indices);
    paint(copy);
    return copy.png();
  };
}

interface SheetPainter {
  /** The shown panels under their letters, then a question mark, and below them the options (a)–(d). */
  sheet(shown: readonly Cells[], options: readonly Cells[]): ImageBytes;
  /** A panel by itself. */
  helper(cells: Cells): ImageBytes;
}

/** Paints whole questions and helpers in full rendering. `letters` are above the shown panels. */
export function sheetPainter(size: keyof typeof sizes, letters: readonly string[]): SheetPainter {
  const { cell, gap, scale, width, height, helper } = sizes[size];
  const empty = emptyPanel(cell);
  const rows = [
    [...letters.map((label) => ({ picture: empty, label })), { picture: questionPanel(cell), label: " " }],
    ["(a)", "(b)", "(c)", "(d)"].map((label) => ({ picture: empty, label })),
  ];
  const { sheet: template, places } = compose(rows, { ground: paper, ink, gap, scale, width, height });
  const alone = emptyPanel(helper.cell);
  const { sheet: helperTemplate, places: helperPlaces } = compose([[{ picture: alone }]], {
    ...{ ground: paper, ink, gap: 4 },
    ...{ width: helper.width, height: helper.height },
  });
  const onSheet = onCopies(template);
  const onHelper = onCopies(helperTemplate);
  return {
    sheet: (shown, options) =>
      onSheet((copy) => {
        for (const [i, cells] of shown.entries()) fillCells(copy, places[i]!, cell, cells);
        for (const [i, cells] of options.entries())
          fillCells(copy, places[letters.length + 1 + i]!, cell, cells);
      }),
    helper: (cells) => onHelper((copy) => fillCells(copy, helperPlaces[0]!, helper.cell, cells)),
  };
}
