import { type Canvas, canvas, compose, type Point } from "../canvas/index.ts";
import { letters } from "../draw.ts";
import { memo } from "../memo.ts";
import type { ImageBytes } from "../types.ts";
import { type Folded, type Shape, sheet, side } from "./world.ts";

/** Colors by number: the page, lines, where nothing is, the sheet, where the flap is on it, where it was, holes. */
const [page, ink, table, paper, flap, left, hole] = [0, 1, 2, 3, 4, 5, 6];
const palettes = {
  full: [
    [252, 252, 249],
    [40, 42, 48],
    [206, 210, 214],
    [255, 244, 205],
    [240, 178, 84],
    [166, 178, 196],
    [150, 20, 40],
  ],
  // As in tetris, chalk on slate, which is near CLIP's mean: what a model sees of a sheet is its holes.
  pocket: [
    [252, 252, 249],
    [40, 42, 48],
    [70, 66, 60],
    [118, 113, 102],
    [214, 150, 70],
    [70, 100, 160],
    [250, 249, 244],
  ],
};

/** Pixels along a cell: of panels of a sheet, of helpers, and of every panel when it is an image of its own. */
const sizes = { panel: 20, helper: 32, pocket: 12 };

/** The corners of a cell's triangles, in cells from its left top corner. */
const corners: readonly (readonly Point[])[] = [
  [[0, 0], [1, 0], [0.5, 0.5]], // biome-ignore format: a triangle
  [[1, 0], [1, 1], [0.5, 0.5]], // biome-ignore format: a triangle
  [[1, 1], [0, 1], [0.5, 0.5]], // biome-ignore format: a triangle
  [[0, 1], [0, 0], [0.5, 0.5]], // biome-ignore format: a triangle
];

/** Colors of the triangles as areas with a line wherever two colors meet, and holes. */
function paintSheet(colors: Uint8Array, holes: readonly number[], cell: number): Canvas {
  const palette = cell === sizes.pocket ? palettes.pocket : palettes.full;
  const picture = canvas(side * cell, side * cell, Uint8Array.from(palette.flat()));
  const line = cell >= sizes.helper ? 3 : cell > sizes.pocket ? 2 : 1;
  const lines: [Point, Point][] = [];
  for (let i = 0; i < side * side; i++) {
    const x = (i % side) * cell;
    const y = Math.floor(i / side) * cell;
    const own = colors.subarray(4 * i, 4 * i + 4);
    const at = ([right, down]: Point): Point => [x + right * cell, y + down * cell];
    picture.rect(x, y, cell, cell, own[0]!);
    for (let q = 0; q < 4; q++) {
      if (own[q] !== own[0]) picture.polygon(corners[q]!.map(at), own[q]!);
      if (own[q] !== own[(q + 1) % 4]) lines.push([at(corners[q]![1]!), at(corners[q]![2]!)]);
    }
    // The triangle on the right of this cell meets the left one of the next; the lower one the upper one below.
    if (i % side < side - 1 && own[1] !== colors[4 * (i + 1) + 3]) lines.push([at([1, 0]), at([1, 1])]);
    if (i < side * (side - 1) && own[2] !== colors[4 * (i + side)]) lines.push([at([0, 1]), at([1, 1])]);
  }
  for (const [[x0, y0], [x1, y1]] of lines) picture.line(x0, y0, x1, y1, line, ink);
  for (const each of holes)
    picture.disc(((each % side) + 0.5) * cell, (Math.floor(each / side) + 0.5) * cell, cell * 0.28, hole);
  return picture;
}

interface PaperfoldPainter {
  /** The words and images of a question: the sheet after each fold, punched after the last, and the options' holes. */
  question(
    folded: readonly Folded[],
    punched: readonly number[],
    options: readonly (readonly number[])[],
  ): { question: string; images: ImageBytes[] };
  /** A sheet of this shape with holes. */
  helper(shape: Shape, holes: readonly number[]): ImageBytes;
}

/**
 * Paints questions as one sheet ("full": 720 × 408 pixels, helpers of 256 × 256) or as an image for each panel
 * ("pocket": 96 × 96 pixels).
 */
export function painter(rendering: string): PaperfoldPainter {
  const pocket = rendering === "pocket";
  const size = pocket ? sizes.pocket : sizes.panel;
  const flat = (shape: Shape): Uint8Array => Uint8Array.from(shape, (there) => (there ? paper : table));
  const step = ({ moved, covered, shape }: Folded, holes: readonly number[]): Canvas => {
    const colors = Uint8Array.from(shape, (there, i) =>
      covered[i] ? flap : there ? paper : moved[i] ? left : table,
    );
    return paintSheet(colors, holes, size);
  };
  // Sheets of one example recur among its helpers and options.
  const helper = memo(
    ([shape, holes]: readonly [Shape, readonly number[]]) => `${shape.join("")} ${holes}`,
    ([shape, holes]) => paintSheet(flat(shape), holes, pocket ? size : sizes.helper).png(),
    200,
  );
  return {
    helper: (shape, holes) => helper([shape, holes]),
    question(folded, punched, options) {
      const last = folded.length - 1;
      const steps = folded.map((each, i) => step(each, i === last ? punched : []));
      if (pocket) {
        return {
          question:
            `${"<image> ".repeat(folded.length)}unfolded is which ? ` +
            letters.map((letter) => `<image> ${letter}`).join(" "),
          images: [...steps.map((each) => each.png()), ...options.map((holes) => helper([sheet(), holes]))],
        };
      }
      const { sheet: picture } = compose(
        [
          steps.map((each, i) => ({ picture: each, label: i === last ? `${i + 1}, punched` : `${i + 1}` })),
          options.map((holes, i) => ({
            picture: paintSheet(flat(sheet()), holes, size),
            label: `(${letters[i]})`,
          })),
        ],
        { ground: page, ink, scale: 2, frame: ink },
      );
      return {
        question:
          `<image> A square sheet of paper is folded ${folded.length} times, as the upper row shows: each time the part ` +
          "that was where it is now blue comes to lie where it is orange. After the last fold the sheet is punched " +
          "through all layers. Which picture shows it unfolded: (a), (b), (c) or (d)?",
        images: [picture.png()],
      };
    },
  };
}
